#include "tepui/search/rank_statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tepui/core/random.hpp"

namespace {

using namespace tepui::search;
using Values = std::vector<double>;

TEST(KendallTau, WorkedExamples) {
  const Values ranks = {1, 2, 3, 4, 5};
  for (const TieRule rule : {TieRule::tau_b, TieRule::by_position}) {
    EXPECT_NEAR(*kendall_tau(ranks, Values{1, 3, 2, 5, 4}, rule), 0.6, 1e-12);
    EXPECT_NEAR(*kendall_tau(ranks, Values{5, 4, 3, 2, 1}, rule), -1, 1e-12);
    EXPECT_NEAR(*kendall_tau(ranks, ranks, rule), 1, 1e-12);
    EXPECT_NEAR(*kendall_tau(Values{1, 2, 3, 4}, Values{1, 3, 2, 4}, rule), 0.666667, 5e-7);
  }
}

TEST(KendallTau, TiesByBothRules) {
  const Values a = {1, 2, 2, 3}, b = {1, 2, 3, 3};
  // 6 pairs: 4 concordant, one tied in each list, so 4 / sqrt(5 * 5).
  EXPECT_NEAR(*kendall_tau(a, b), 0.8, 1e-12);
  // Ranks by position, descending: a -> 4 2 3 1, b -> 4 3 1 2; 4 pairs agree, 2 do not.
  EXPECT_NEAR(*kendall_tau(a, b, TieRule::by_position), 1.0 / 3.0, 1e-12);
}

TEST(KendallTau, AConstantMetricIsUndefined) {
  const Values a = {1, 2, 3}, constant = {7, 7, 7};
  for (const TieRule rule : {TieRule::tau_b, TieRule::by_position}) {
    EXPECT_FALSE(kendall_tau(a, constant, rule).has_value());
    EXPECT_FALSE(kendall_tau(constant, a, rule).has_value());
    EXPECT_FALSE(kendall_tau(Values{}, Values{}, rule).has_value());
    EXPECT_FALSE(kendall_tau(Values{1}, Values{2}, rule).has_value());
  }
  EXPECT_FALSE(spearman(a, constant).has_value());
  EXPECT_FALSE(spearman(Values{1}, Values{2}).has_value());
}

TEST(KendallTau, NanPairsAreLeftOut) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NEAR(*kendall_tau(Values{1, nan, 2, 3, 4}, Values{1, 9, 3, 2, 4}), 2.0 / 3.0, 1e-12);
  EXPECT_NEAR(*spearman(Values{1, 2, 3, 0, 4}, Values{1, 3, 2, nan, 4}), 0.8, 1e-12);
  EXPECT_FALSE(kendall_tau(Values{1, nan, 2}, Values{5, 1, 5}).has_value());
}

TEST(KendallTau, AgreesWithCountingPairs) {
  tepui::random::Stream stream{tepui::random::Key{17}};
  for (int round = 0; round < 30; ++round) {
    Values a, b;
    for (int i = 0; i < 23; ++i) {
      a.push_back(stream.below(6));
      b.push_back(stream.below(8));
    }
    double difference = 0, tied_a = 0, tied_b = 0, all = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const double x = a[i] - a[j];
        const double y = b[i] - b[j];
        all += 1;
        tied_a += x == 0 ? 1 : 0;
        tied_b += y == 0 ? 1 : 0;
        if (x * y != 0) difference += x * y > 0 ? 1 : -1;
      }
    }
    EXPECT_NEAR(*kendall_tau(a, b), difference / std::sqrt((all - tied_a) * (all - tied_b)), 1e-12);
  }
}

TEST(Spearman, WorkedExamples) {
  EXPECT_NEAR(*spearman(Values{1, 2, 3, 4}, Values{1, 3, 2, 4}), 0.8, 1e-12);
  EXPECT_NEAR(*spearman(Values{1, 2, 3}, Values{30, 20, 10}), -1, 1e-12);
  // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5).
  EXPECT_NEAR(*spearman(Values{1, 2, 2, 3}, Values{1, 2, 3, 4}), std::sqrt(0.9), 1e-12);
}

TEST(RankStatistics, RefuseDifferentLengths) {
  EXPECT_THROW((void)kendall_tau(Values{1, 2}, Values{1}), tepui::SettingError);
  EXPECT_THROW((void)spearman(Values{1, 2}, Values{1}), tepui::SettingError);
}

}  // namespace
