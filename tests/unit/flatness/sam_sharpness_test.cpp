#include "tepui/flatness/sam_sharpness.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "laws/flatness_laws.hpp"
#include "support/quadratic.hpp"
#include "tepui/core/error.hpp"

namespace {

using tepui::ParameterKind;
using tepui::flatness::Filter;
using tepui::flatness::Measurement;
using tepui::flatness::SamSharpness;
using tepui::support::Quadratic;

// f = (w1^2 + 10 w2^2) / 2 at (3, 0.4): loss 5.3, gradient (3, 4)
Quadratic<double> bowl() { return {{3, 0.4}, {1, 10}}; }

TEST(SamSharpness, ByHand) {
  Quadratic<double> landscape = bowl();
  const Measurement found = SamSharpness{.rho = 0.05}.measure(landscape, {});
  // worst point (3.03, 0.44)
  EXPECT_NEAR(found.value, (3.03 * 3.03 + 10 * 0.44 * 0.44) / 2 - 5.3, 1e-12);
  EXPECT_DOUBLE_EQ(found.part("loss"), 5.3);
  EXPECT_DOUBLE_EQ(found.part("gradient_norm"), 5);
  EXPECT_EQ(landscape.gradients, 1);
  EXPECT_EQ(landscape.evaluations, 2);
}

TEST(SamSharpness, AdaptiveByHand) {
  Quadratic<double> landscape = bowl();
  const Measurement found = SamSharpness{.rho = 2, .adaptive = true}.measure(landscape, {});
  EXPECT_NEAR(found.part("gradient_norm"), 9.1411159, 5e-8);
  EXPECT_NEAR(found.part("worst_loss"), (8.9073750 * 8.9073750 + 10 * 0.5400267 * 0.5400267) / 2,
              1e-6);
}

TEST(SamSharpness, FilterLeavesTensorsOut) {
  Quadratic<double> landscape = bowl();
  landscape.set_tensors(
      tepui::support::tensors_of(2, {ParameterKind::weight, ParameterKind::norm_weight}));
  const Measurement found =
      SamSharpness{.rho = 0.5, .filter = Filter::weights_only}.measure(landscape, {});
  EXPECT_NEAR(found.part("gradient_norm"), 3, 1e-12);
  EXPECT_NEAR(found.value, (3.5 * 3.5 - 9) / 2, 1e-11);
}

TEST(SamSharpness, NothingHappensAtTheBottom) {
  Quadratic<double> landscape({0, 0}, {1, 10});
  EXPECT_EQ(SamSharpness{}.measure(landscape, {}).value, 0);
}

TEST(SamSharpness, RefusesSettingsOutOfRange) {
  Quadratic<double> landscape = bowl();
  EXPECT_THROW((void)SamSharpness{.rho = -1}.measure(landscape, {}), tepui::SettingError);
}

TEST(SamSharpness, MeetsTheLaws) {
  tepui::laws::check_estimator(SamSharpness{});
  tepui::laws::check_estimator(SamSharpness{.rho = 0.5, .adaptive = true});
}

}  // namespace
