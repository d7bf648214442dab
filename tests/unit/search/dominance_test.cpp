#include "tepui/search/dominance.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace {

using namespace tepui::search;
using Fronts = std::vector<std::vector<std::size_t>>;
using Set = std::vector<std::vector<double>>;

const Set worked = {{9, 4.8}, {8, 5}, {10, 4}, {12, 3.5}, {11, 4.5}, {8, 6}};

TEST(Dominance, NeedsNoLossAndOneGain) {
  const std::vector<double> a = {1, 2}, b = {1, 3}, c = {2, 1};
  EXPECT_TRUE(dominates(a, b));
  EXPECT_FALSE(dominates(b, a));
  EXPECT_FALSE(dominates(a, a));
  EXPECT_FALSE(dominates(a, c));
  EXPECT_FALSE(dominates(c, a));
  EXPECT_TRUE(dominates(b, a, Direction::maximise));
  EXPECT_FALSE(dominates(a, b, Direction::maximise));
}

TEST(Dominance, NanIsNeverBetter) {
  const std::vector<double> nan = {std::numeric_limits<double>::quiet_NaN(), 0}, b = {1, 3};
  EXPECT_FALSE(dominates(nan, b));
  EXPECT_FALSE(dominates(b, nan));
}

TEST(Dominance, RefusesDifferentLengths) {
  const std::vector<double> a = {1, 2}, b = {1};
  EXPECT_THROW((void)dominates(a, b), tepui::SettingError);
}

TEST(Dominance, ConstraintsComeFirst) {
  const std::vector<double> good = {0, 0}, bad = {9, 9}, none;
  EXPECT_TRUE(constrained_dominates(bad, 0, good, 0.1));
  EXPECT_FALSE(constrained_dominates(good, 0.1, bad, 0));
  EXPECT_TRUE(constrained_dominates(none, 0.1, none, 0.2));
  EXPECT_FALSE(constrained_dominates(none, 0.2, none, 0.2));
  EXPECT_TRUE(constrained_dominates(good, 0, bad, 0));
}

TEST(Dominance, SortsTheWorkedExample) {
  EXPECT_EQ(non_dominated_sort(worked), (Fronts{{0, 1, 2, 3}, {4, 5}}));
  EXPECT_EQ(non_dominated(worked), (std::vector<std::size_t>{0, 1, 2, 3}));
}

TEST(Dominance, MaximisingIsMinimisingTheNegative) {
  Set negated = worked;
  for (auto& point : negated) {
    for (double& value : point) value = -value;
  }
  EXPECT_EQ(non_dominated_sort(negated, Direction::maximise), non_dominated_sort(worked));
  EXPECT_EQ(non_dominated_sort(worked, Direction::maximise), (Fronts{{0, 3, 4, 5}, {1, 2}}));
}

TEST(Dominance, EqualPointsShareAFront) {
  const Set points = {{1, 1}, {1, 1}, {0, 2}, {2, 2}};
  EXPECT_EQ(non_dominated_sort(points), (Fronts{{0, 1, 2}, {3}}));
}

TEST(Dominance, InfeasiblePointsFollowByViolation) {
  const Set points = {{1, 1}, {}, {5, 5}, {}, {}};
  const std::vector<double> violations = {0, 2, 0, 1, 2};
  EXPECT_EQ(non_dominated_sort(points, violations), (Fronts{{0}, {2}, {3}, {1, 4}}));
  EXPECT_THROW((void)non_dominated_sort(points, std::vector<double>{0.0}), tepui::SettingError);
}

TEST(Dominance, IdealAndNadir) {
  EXPECT_EQ(ideal_point(worked), (std::vector<double>{8, 3.5}));
  EXPECT_EQ(nadir_point(worked), (std::vector<double>{12, 5}));  // (8,6) is dominated
  EXPECT_EQ(ideal_point(worked, Direction::maximise), (std::vector<double>{12, 6}));
  EXPECT_EQ(nadir_point(worked, Direction::maximise), (std::vector<double>{8, 3.5}));
  EXPECT_TRUE(ideal_point(Set{}).empty());
  EXPECT_TRUE(nadir_point(Set{}).empty());
}

TEST(Dominance, NothingSortsIntoNoFronts) { EXPECT_TRUE(non_dominated_sort(Set{}).empty()); }

}  // namespace
