#include "tepui/tabular/detail/front.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using tepui::tabular::detail::Front;
using Point = std::vector<double>;

TEST(Front, KeepsWhatNobodyDominates) {
  Front front({0, 0});
  EXPECT_EQ(front.volume(), 0);
  EXPECT_TRUE(front.add(Point{1, 3}));
  EXPECT_EQ(front.volume(), 3);
  EXPECT_TRUE(front.add(Point{3, 1}));
  EXPECT_EQ(front.volume(), 5);
  EXPECT_FALSE(front.add(Point{1, 3}));  // known
  EXPECT_FALSE(front.add(Point{1, 2}));  // dominated
  EXPECT_EQ(front.volume(), 5);
  EXPECT_TRUE(front.add(Point{3, 3}));  // dominates both
  EXPECT_EQ(front.volume(), 9);
  EXPECT_FALSE(front.add(Point{3, 1}));
}

TEST(Front, MeasuresFromTheReference) {
  Front front({-10, 5, 1});
  EXPECT_TRUE(front.add(Point{-8, 6, 4}));
  EXPECT_EQ(front.volume(), 2 * 1 * 3);
}

}  // namespace
