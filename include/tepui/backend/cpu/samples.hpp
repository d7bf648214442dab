#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "tepui/backend/activation.hpp"
#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/elementwise.hpp"
#include "tepui/backend/cpu/vector.hpp"
#include "tepui/core/parallel.hpp"

/// @file
/// Work that goes through a batch a few samples at a time, so that what passes between operations
/// stays in the cache: how a batch is cut into parts, and what is done to a few samples on the
/// calling thread.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Consecutive samples that a batch is cut into.
struct Parts {
  std::size_t grain = 1;  ///< samples of every part but the last, which has what is left
  std::size_t count = 1;
};

/// Most parts of a batch, and so most that are worked on at a time.
inline constexpr std::size_t most_sample_parts = 16;

/// One of the rooms that parts work in. It is nobody else's while this lives; the lowest free one
/// is taken, so that few are ever touched.
class RoomKey {
 public:
  explicit RoomKey(std::atomic<std::uint32_t>& taken) : taken_(&taken) {
    std::uint32_t before = taken.load(std::memory_order_relaxed);
    do {
      index_ = std::countr_one(before);
    } while (!taken.compare_exchange_weak(before, before | bit(), std::memory_order_acquire));
  }
  ~RoomKey() { taken_->fetch_and(~bit(), std::memory_order_release); }
  RoomKey(const RoomKey&) = delete;
  RoomKey& operator=(const RoomKey&) = delete;

  [[nodiscard]] std::size_t index() const { return static_cast<std::size_t>(index_); }

 private:
  [[nodiscard]] std::uint32_t bit() const { return std::uint32_t{1} << index_; }
  std::atomic<std::uint32_t>* taken_;
  int index_ = 0;
};

/// Calls `body(part, room, first, last)` for the samples first..last-1 of each part; `room` is
/// below `most` and no other part's as long as the call lasts.
/// @param work of a sample, in multiply-adds
/// @param most parts, at most most_sample_parts
template <class Body>
Parts for_parts(std::size_t samples, std::size_t work, std::size_t most, Body&& body) {
  const std::size_t grain = grain_of(samples, work, most);
  std::atomic<std::uint32_t> taken{0};
  parallel_for_ranges(samples, grain, [&](std::size_t first, std::size_t last) {
    const RoomKey room(taken);
    body(first / grain, room.index(), first, last);
  });
  return {grain, (samples + grain - 1) / grain};
}

template <Activation A>
using FunctionOf = std::conditional_t<A == Activation::hard_swish, HardSwishFunction, ReluFunction>;

/// y = A(x) for n elements.
template <Activation A, class T>
void activate(std::size_t n, const T* x, T* y) {
  constexpr auto width = static_cast<std::size_t>(lanes<T>);
  const std::size_t whole = n / width * width;
  for (std::size_t i = 0; i < whole; i += width) {
    Vector<T, lanes<T>> v;
    FunctionOf<A>::value(v, load<lanes<T>>(x + i));
    store(y + i, v);
  }
  for (std::size_t i = whole; i < n; ++i) FunctionOf<A>::value(y[i], x[i]);
}

/// dx = or += A'(x) dy for n elements.
template <Activation A, class T>
void activate_gradient(std::size_t n, const T* x, const T* dy, T* dx, bool add) {
  constexpr auto width = static_cast<std::size_t>(lanes<T>);
  const std::size_t whole = n / width * width;
  const auto run = [&](auto adds) {
    for (std::size_t i = 0; i < whole; i += width) {
      Vector<T, lanes<T>> v;
      FunctionOf<A>::gradient(v, load<lanes<T>>(x + i), load<lanes<T>>(dy + i));
      if constexpr (adds) v += load<lanes<T>>(dx + i);
      store(dx + i, v);
    }
    for (std::size_t i = whole; i < n; ++i) {
      T v;
      FunctionOf<A>::gradient(v, x[i], dy[i]);
      dx[i] = adds ? dx[i] + v : v;
    }
  };
  add ? run(std::true_type{}) : run(std::false_type{});
}

/// y = or += x for n elements.
template <class T>
void move_in(std::size_t n, const T* x, T* y, bool add) {
  if (!add) {
    std::copy_n(x, n, y);
    return;
  }
  constexpr auto width = static_cast<std::size_t>(lanes<T>);
  const std::size_t whole = n / width * width;
  for (std::size_t i = 0; i < whole; i += width) {
    store(y + i, load<lanes<T>>(y + i) + load<lanes<T>>(x + i));
  }
  for (std::size_t i = whole; i < n; ++i) y[i] += x[i];
}

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
