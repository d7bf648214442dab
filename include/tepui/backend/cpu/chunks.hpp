#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/backend/cpu/vector.hpp"
#include "tepui/core/parallel.hpp"

/// @file
/// How kernels cut work into chunks. A chunk depends on sizes only, never on the thread count.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Multiply-adds (or elements moved, weighted) below which a second thread does not pay.
inline constexpr std::size_t chunk_work = 200'000;

/// @return items per chunk, so that a chunk holds about `chunk_work` and there are at most
///         `most_chunks` of them (0: any number)
[[nodiscard]] constexpr std::size_t grain_of(std::size_t items, std::size_t work_per_item,
                                             std::size_t most_chunks = 0) {
  const std::size_t work = std::max<std::size_t>(work_per_item, 1);
  std::size_t grain = std::max<std::size_t>((chunk_work + work - 1) / work, 1);
  if (most_chunks != 0) grain = std::max(grain, (items + most_chunks - 1) / most_chunks);
  return grain;
}

/// Calls `body(begin, end)` over 0..items-1 in chunks of about `chunk_work`.
template <class Body>
void for_chunks(std::size_t items, std::size_t work_per_item, Body&& body) {
  parallel_for_ranges(items, grain_of(items, work_per_item), body);
}

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
