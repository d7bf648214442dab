#include "tepui/core/stable_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

#include "tepui/core/random.hpp"

namespace {

using tepui::stable_order;

TEST(StableOrder, IsThatOfStableSort) {
  tepui::random::Stream stream{tepui::random::Key{1}};
  for (std::size_t count = 0; count < 70; ++count) {
    std::vector<std::uint32_t> keys(count);
    for (auto& key : keys) key = stream.below(8);  // with many equal ones
    const auto less = [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; };
    std::vector<std::size_t> expected(count);
    std::iota(expected.begin(), expected.end(), std::size_t{0});
    std::stable_sort(expected.begin(), expected.end(), less);
    EXPECT_EQ(stable_order(count, less), expected);
  }
}

TEST(StableOrder, KeepsEveryIndexWhereTheOrderMakesNoSense) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::array<double, 7> keys{2, nan, 1, nan, 0, 3, nan};
  auto order = stable_order(7, [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6}));
}

static_assert([] {
  constexpr std::array<int, 6> keys{3, 1, 2, 1, 3, 0};
  const auto order =
      stable_order(6, [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  return order == std::vector<std::size_t>{5, 1, 3, 2, 0, 4};
}());

}  // namespace
