#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "tepui/core/parallel.hpp"

/// @file
/// Passes over parts of the flat parameter vector. A part is anything with `offset` and `count`
/// (ParameterRange, ParameterInfo). Long passes run in parallel over chunks that depend on the
/// parts alone, so sums have the same bits for every thread count.

namespace tepui {

namespace detail {

inline constexpr std::size_t pass_grain = 16384;          // elements a chunk
inline constexpr std::size_t pass_parallel_from = 65536;  // shorter passes are not worth a task

// Calls body(part, offset, count) for what the elements first..last-1 of all parts, end to end, are
// made of.
template <class Part, class Body>
void walk_parts(std::span<const Part> parts, std::size_t first, std::size_t last, Body& body) {
  std::size_t begin = 0;
  for (const Part& part : parts) {
    if (begin >= last) break;
    const std::size_t end = begin + part.count;
    const std::size_t low = std::max(begin, first);
    const std::size_t high = std::min(end, last);
    if (low < high) body(part, part.offset + (low - begin), high - low);
    begin = end;
  }
}

}  // namespace detail

/// @return elements in all parts together
template <class Part>
[[nodiscard]] constexpr std::size_t elements_in(std::span<const Part> parts) {
  std::size_t total = 0;
  for (const Part& part : parts) total += part.count;
  return total;
}

/// @brief Calls `body(part, offset, count)` until every element of every part was passed once,
/// possibly in parallel. Bodies must be independent.
template <class Part, class Body>
void for_each_piece(std::span<const Part> parts, Body&& body) {
  const std::size_t total = elements_in(parts);
  if (total < detail::pass_parallel_from) {
    detail::walk_parts(parts, 0, total, body);
    return;
  }
  parallel_for_ranges(total, detail::pass_grain, [&](std::size_t first, std::size_t last) {
    detail::walk_parts(parts, first, last, body);
  });
}

/// @brief Adds up `sum(part, offset, count)` -> double over all pieces, in a fixed order.
template <class Part, class Sum>
[[nodiscard]] double sum_over_pieces(std::span<const Part> parts, Sum&& sum) {
  const auto sum_chunk = [&](std::size_t first, std::size_t last) {
    double total = 0;
    auto add = [&](const Part& part, std::size_t offset, std::size_t count) {
      total += sum(part, offset, count);
    };
    detail::walk_parts(parts, first, last, add);
    return total;
  };
  const std::size_t total = elements_in(parts);
  if (total < detail::pass_parallel_from) return sum_chunk(0, total);
  std::vector<double> partial((total + detail::pass_grain - 1) / detail::pass_grain);
  parallel_for_ranges(total, detail::pass_grain, [&](std::size_t first, std::size_t last) {
    partial[first / detail::pass_grain] = sum_chunk(first, last);
  });
  double result = 0;
  for (const double p : partial) result += p;
  return result;
}

/// @return term(0) + ... + term(count-1) in eight interleaved sums, so that it can be vectorised
/// without changing the order
template <class Term>
[[nodiscard]] double sum_of_terms(std::size_t count, Term&& term) {
  double lanes[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t j = 0; j < 8; ++j) lanes[j] += term(i + j);
  }
  for (std::size_t j = 0; i < count; ++i, ++j) lanes[j] += term(i);
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
         ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

}  // namespace tepui
