#include "tepui/search/trade_off.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace {

using namespace tepui::search;
using Set = std::vector<std::vector<double>>;
using Indices = std::vector<std::size_t>;

const Set front = {{8, 5}, {9, 4.8}, {10, 4}, {12, 3.5}};

TEST(TradeOff, WorkedExampleScaled) {
  const auto mu = trade_off(front);
  EXPECT_NEAR(mu[0], 0.75, 1e-12);
  EXPECT_NEAR(mu[1], 0.46875, 1e-12);
  EXPECT_NEAR(mu[2], 1.33333, 5e-6);
  EXPECT_NEAR(mu[3], 0.66667, 5e-6);
}

TEST(TradeOff, WorkedExampleUnscaled) {
  const auto mu = trade_off(front, {.scale = false});
  EXPECT_NEAR(mu[0], 2, 1e-12);
  EXPECT_NEAR(mu[1], 0.2, 1e-12);
  EXPECT_NEAR(mu[2], 0.5, 1e-12);
  EXPECT_NEAR(mu[3], 0.25, 1e-12);
}

TEST(TradeOff, OrdersOfTheBestPoints) {
  EXPECT_EQ(high_trade_off_points(front, 3), (Indices{2, 0, 3}));
  EXPECT_EQ(high_trade_off_points(front, 3, TradeOffOrder::legacy), (Indices{3, 0, 2}));
  EXPECT_EQ(high_trade_off_points(front, 1, TradeOffOrder::best_first, {.scale = false}),
            (Indices{0}));
  EXPECT_EQ(high_trade_off_points(front, 99).size(), 4u);
}

TEST(TradeOff, NeighboursAreTheNearestWhenTheRadiusHoldsFew) {
  // k = min(1, 2) = 1. The radius holds the point itself only, which is not fewer than 1, so
  // nothing is compared; a radius of 2 reaches the next point.
  const Set points = {{0, 4}, {1, 3.5}, {4, 0}};
  EXPECT_TRUE(std::isinf(trade_off(points, {.scale = false, .radius = 0.1, .neighbours = 1})[0]));
  EXPECT_NEAR(trade_off(points, {.scale = false, .radius = 2, .neighbours = 1})[0], 2, 1e-12);
  // k = 2: the radius holds fewer than two, so the two nearest others are taken.
  EXPECT_NEAR(trade_off(points, {.scale = false, .radius = 0.1, .neighbours = 2})[0], 1, 1e-12);
}

TEST(TradeOff, MaximisingIsMinimisingTheNegative) {
  Set negated = front;
  for (auto& point : negated) {
    for (double& value : point) value = -value;
  }
  const auto expected = trade_off(front);
  const auto mu = trade_off(negated, {}, Direction::maximise);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(mu[i], expected[i], 1e-12);
}

TEST(TradeOff, DegenerateFronts) {
  EXPECT_TRUE(trade_off(Set{}).empty());
  EXPECT_TRUE(std::isinf(trade_off(Set{{1, 2}})[0]));
  EXPECT_TRUE(std::isinf(trade_off(Set{{1, 2}, {1, 2}})[1]));
  EXPECT_EQ(high_trade_off_points(Set{{1, 2}}, 3), (Indices{0}));
}

}  // namespace
