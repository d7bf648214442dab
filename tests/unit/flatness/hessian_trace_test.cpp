#include "tepui/flatness/hessian_trace.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include "laws/flatness_laws.hpp"
#include "support/quadratic.hpp"
#include "tepui/core/error.hpp"

namespace {

using tepui::ParameterKind;
using tepui::flatness::Filter;
using tepui::flatness::HessianTrace;
using tepui::flatness::Measurement;
using tepui::support::Quadratic;

constexpr tepui::random::Key key{5, tepui::random::Purpose::user, 0};

TEST(HessianTrace, ExactForADiagonalHessian) {
  Quadratic<double> landscape({1, -2, 0.5}, {3, 5, -1}, {1, 1, 1});
  const Measurement found = HessianTrace{.draws = 4}.measure(landscape, key);
  EXPECT_NEAR(found.value, 7, 1e-9);
  EXPECT_NEAR(found.standard_error, 0, 1e-9);
  EXPECT_NEAR(found.part("trace_per_parameter"), 7.0 / 3, 1e-9);
  EXPECT_EQ(landscape.gradients, 8);
  EXPECT_EQ(landscape.evaluations, 0);
}

// H = [[2, 1], [1, 3]]: v . H v = 5 + 2 v1 v2, so 7 or 3 with equal chance
TEST(HessianTrace, UnbiasedWithKnownSpreadOtherwise) {
  Quadratic<double> landscape({1, -2}, {2, 1, 1, 3});
  const int draws = 400;
  const Measurement found = HessianTrace{.draws = draws}.measure(landscape, key);
  EXPECT_NEAR(found.value, 5, 4 * 2 / std::sqrt(draws));
  EXPECT_NEAR(found.standard_error, 2 / std::sqrt(draws), 0.01);
  const double one = HessianTrace{.draws = 1}.measure(landscape, key).value;
  EXPECT_NEAR(std::abs(one - 5), 2, 1e-9);
}

TEST(HessianTrace, InSinglePrecision) {
  const std::size_t n = 1000;
  Quadratic<float> landscape(std::vector<float>(n, 0.1f), std::vector<double>(n, 2.0));
  EXPECT_NEAR(HessianTrace{.draws = 2}.measure(landscape, key).value, 2000, 1);
}

TEST(HessianTrace, FilterTakesABlockOfTheHessian) {
  Quadratic<double> landscape({1, 2}, {3, 5});
  landscape.set_tensors(
      tepui::support::tensors_of(2, {ParameterKind::weight, ParameterKind::bias}));
  EXPECT_NEAR((HessianTrace{.filter = Filter::weights_only}.measure(landscape, key).value), 3,
              1e-9);
}

TEST(HessianTrace, SignsDependOnTheIndexAlone) {
  std::vector<double> whole;
  tepui::flatness::detail::for_each_sign(key, 0, 1000,
                                         [&](std::size_t, double v) { whole.push_back(v); });
  double sum = 0;
  for (const double v : whole) {
    EXPECT_EQ(std::abs(v), 1);
    sum += v;
  }
  EXPECT_LT(std::abs(sum), 130);  // four standard deviations
  std::size_t next = 119;
  tepui::flatness::detail::for_each_sign(key, 119, 401, [&](std::size_t i, double v) {
    EXPECT_EQ(i, next++);
    EXPECT_EQ(v, whole[i]);
  });
  EXPECT_EQ(next, 401u);
}

TEST(HessianTrace, RefusesSettingsOutOfRange) {
  Quadratic<double> landscape({1}, {1});
  EXPECT_THROW((void)HessianTrace{.draws = 0}.measure(landscape, key), tepui::SettingError);
  EXPECT_THROW((void)HessianTrace{.step = 0}.measure(landscape, key), tepui::SettingError);
}

TEST(HessianTrace, MeetsTheLaws) { tepui::laws::check_estimator(HessianTrace{.draws = 2}); }

}  // namespace
