#include "tepui/core/sorted_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace {

using tepui::ascending_order;
using tepui::descending_order;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(SortedOrder, EqualKeysKeepTheirOrderBothWays) {
  const std::vector<double> keys{2, -1, 2, 0.5, -1};
  EXPECT_THAT(ascending_order(keys), ElementsAre(1, 4, 3, 0, 2));
  EXPECT_THAT(descending_order(keys), ElementsAre(0, 2, 3, 1, 4));
}

TEST(SortedOrder, OfNothingIsNothing) { EXPECT_THAT(ascending_order({}), IsEmpty()); }

}  // namespace
