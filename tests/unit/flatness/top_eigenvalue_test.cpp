#include "tepui/flatness/top_eigenvalue.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "laws/flatness_laws.hpp"
#include "support/quadratic.hpp"
#include "tepui/core/error.hpp"

namespace {

using tepui::ParameterKind;
using tepui::flatness::Filter;
using tepui::flatness::Measurement;
using tepui::flatness::TopEigenvalue;
using tepui::support::Quadratic;

constexpr tepui::random::Key key{5, tepui::random::Purpose::user, 0};

TEST(TopEigenvalue, OfAKnownMatrix) {  // [[2, 1], [1, 3]]: (5 + sqrt 5) / 2
  Quadratic<double> landscape({1, -2}, {2, 1, 1, 3}, {4, 4});
  const Measurement found =
      TopEigenvalue{.iterations = 100, .tolerance = 1e-12}.measure(landscape, key);
  EXPECT_NEAR(found.value, (5 + std::sqrt(5.0)) / 2, 1e-9);
  EXPECT_LT(found.part("residual"), 1e-4);
  EXPECT_LT(found.part("iterations"), 100);
  EXPECT_EQ(landscape.gradients, 2 * static_cast<int>(found.part("iterations")));
}

TEST(TopEigenvalue, LargestInMagnitudeKeepsItsSign) {
  Quadratic<double> landscape({1, 1, 1}, {3, -7, 1});
  EXPECT_NEAR((TopEigenvalue{.iterations = 60, .tolerance = 0}.measure(landscape, key).value), -7,
              1e-9);
}

TEST(TopEigenvalue, StopsWhenItSettles) {
  Quadratic<double> isotropic({1, 1, 1}, {4, 4, 4});
  const Measurement found = TopEigenvalue{}.measure(isotropic, key);
  EXPECT_NEAR(found.value, 4, 1e-9);
  EXPECT_EQ(found.part("iterations"), 2);
  EXPECT_NEAR(found.part("residual"), 0, 1e-8);
}

TEST(TopEigenvalue, FlatGroundIsZero) {
  Quadratic<double> plane({1, 1}, {0, 0});
  EXPECT_EQ(TopEigenvalue{}.measure(plane, key).value, 0);
}

TEST(TopEigenvalue, WorksAtTheOrigin) {
  Quadratic<double> landscape({0, 0}, {1, 6});
  EXPECT_NEAR((TopEigenvalue{.tolerance = 0}.measure(landscape, key).value), 6, 1e-9);
}

TEST(TopEigenvalue, FilterTakesABlockOfTheHessian) {
  Quadratic<double> landscape({1, 2}, {3, 5});
  landscape.set_tensors(
      tepui::support::tensors_of(2, {ParameterKind::weight, ParameterKind::bias}));
  EXPECT_NEAR((TopEigenvalue{.filter = Filter::weights_only}.measure(landscape, key).value), 3,
              1e-9);
}

TEST(TopEigenvalue, RefusesSettingsOutOfRange) {
  Quadratic<double> landscape({1}, {1});
  EXPECT_THROW((void)TopEigenvalue{.iterations = 0}.measure(landscape, key), tepui::SettingError);
  EXPECT_THROW((void)TopEigenvalue{.tolerance = -1}.measure(landscape, key), tepui::SettingError);
  EXPECT_THROW((void)TopEigenvalue{.step = 0}.measure(landscape, key), tepui::SettingError);
}

TEST(TopEigenvalue, MeetsTheLaws) { tepui::laws::check_estimator(TopEigenvalue{.iterations = 3}); }

}  // namespace
