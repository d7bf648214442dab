#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace tepui {

/// @brief The indices 0..count-1 sorted by less(i, j), equal ones ascending; std::stable_sort is no
/// constant expression.
[[nodiscard]] constexpr std::vector<std::size_t> stable_order(std::size_t count, const auto& less) {
  std::vector<std::size_t> order(count, 0);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::size_t> merged = order;
  const auto at = [count](std::vector<std::size_t>& indices, std::size_t i) {
    return indices.begin() + static_cast<std::ptrdiff_t>(std::min(i, count));
  };
  for (std::size_t run = 1; run < count; run *= 2) {
    for (std::size_t i = 0; i < count; i += 2 * run) {
      std::merge(at(order, i), at(order, i + run), at(order, i + run), at(order, i + 2 * run),
                 at(merged, i), less);
    }
    order.swap(merged);
  }
  return order;
}

}  // namespace tepui
