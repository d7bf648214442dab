#include "tepui/core/summary.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tepui/core/error.hpp"

namespace {

using namespace tepui;

TEST(Summary, MeanAndDeviation) {
  const auto four = Summary::of({1, 2, 3, 6});
  EXPECT_EQ(four.count, 4u);
  EXPECT_EQ(four.mean, 3);
  EXPECT_NEAR(four.deviation, std::sqrt(14.0 / 3), 1e-15);
  EXPECT_EQ(Summary::of({7}).mean, 7);
  EXPECT_TRUE(std::isnan(Summary::of({7}).deviation));
  EXPECT_TRUE(std::isnan(Summary::of({}).mean));
}

TEST(Quantile, LiesBetweenTheNearestTwo) {
  const std::vector<double> four{1, 2, 4, 10};
  EXPECT_EQ(quantile(four, 0), 1);
  EXPECT_EQ(quantile(four, 0.25), 1.75);
  EXPECT_EQ(quantile(four, 0.5), 3);
  EXPECT_EQ(quantile(four, 1), 10);
  EXPECT_EQ(quantile(std::vector<double>{7}, 0.75), 7);
  EXPECT_TRUE(std::isnan(quantile({}, 0.5)));
}

TEST(Quantile, RefusesWhatIsNoShare) {
  for (const double q : {-0.1, 1.1, std::nan("")}) {
    EXPECT_THROW((void)quantile(std::vector<double>{1, 2}, q), SettingError) << q;
  }
}

}  // namespace
