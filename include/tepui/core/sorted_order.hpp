#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tepui/core/stable_order.hpp"

namespace tepui {

namespace detail {

[[nodiscard]] inline std::vector<std::size_t> sorted_order(std::span<const double> keys,
                                                           bool descending) {
  return stable_order(keys.size(), [&](std::size_t a, std::size_t b) {
    return descending ? keys[a] > keys[b] : keys[a] < keys[b];
  });
}

}  // namespace detail

/// @return the indices of `keys`, that of the smallest key first; equal keys in their order
[[nodiscard]] inline std::vector<std::size_t> ascending_order(std::span<const double> keys) {
  return detail::sorted_order(keys, false);
}
/// @return the indices of `keys`, that of the largest key first; equal keys in their order
[[nodiscard]] inline std::vector<std::size_t> descending_order(std::span<const double> keys) {
  return detail::sorted_order(keys, true);
}

}  // namespace tepui
