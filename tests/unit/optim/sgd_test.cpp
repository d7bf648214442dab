#include "tepui/optim/sgd.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "laws/optimizer_laws.hpp"
#include "support/quadratic.hpp"
#include "tepui/core/error.hpp"

namespace {

using tepui::ParameterKind;
using tepui::optim::Decay;
using tepui::optim::Sgd;
using tepui::support::Descent;
using tepui::support::Quadratic;

// f = (w1^2 + 10 w2^2) / 2 from (3, 0.4); gradient (3, 4)
Quadratic<double> bowl() { return {{3, 0.4}, {1, 10}}; }

void expect_weights(const std::vector<double>& got, double w1, double w2,
                    double tolerance = 1e-12) {
  ASSERT_EQ(got.size(), 2u);
  EXPECT_NEAR(got[0], w1, tolerance);
  EXPECT_NEAR(got[1], w2, tolerance);
}

TEST(Sgd, FirstStepUsesTheGradientAsVelocity) {
  Descent descent(Sgd{.learning_rate = 0.1, .momentum = 0.9}, bowl());
  EXPECT_DOUBLE_EQ(descent.step(), 0.5 * (9 + 10 * 0.16));
  expect_weights(descent.weights(), 2.7, 0.0);
  descent.step();  // v = 0.9 * (3, 4) + (2.7, 0) = (5.4, 3.6)
  expect_weights(descent.weights(), 2.16, -0.36);
}

TEST(Sgd, WithoutMomentumKeepsNoVelocity) {
  Descent descent(Sgd{.learning_rate = 0.1, .momentum = 0}, bowl());
  EXPECT_TRUE(descent.state.velocity.empty());
  descent.step();
  descent.step();
  expect_weights(descent.weights(), 3 * 0.81, 0.0);
}

// torch 1.13: SGD([w], lr=0.1, momentum=0.9, weight_decay=5e-4), w float64, loss as above
TEST(Sgd, WeightDecayIsCoupledAsInPyTorch) {
  Descent descent(Sgd{.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 5e-4}, bowl());
  descent.step();
  expect_weights(descent.weights(), 2.69985, -2.0000000000042208e-05);
  descent.step();
  expect_weights(descent.weights(), 2.1595950075, -0.3600179990000001);
  descent.step();
  expect_weights(descent.weights(), 1.4572980337496249, -0.32398019820005);
}

// torch 1.13: SGD([w], lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
TEST(Sgd, NesterovAsInPyTorch) {
  Descent descent(
      Sgd{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 5e-4}, bowl());
  descent.step();  // by hand: d = (3.0015, 4.0002), w - 0.1 * 1.9 d
  expect_weights(descent.weights(), 2.429715, -0.36003800000000014);
  descent.step();
  expect_weights(descent.weights(), 1.7247168270749997, 5.220361000009888e-05);
  descent.step();
  expect_weights(descent.weights(), 0.9811421133746776, -1.6206669342961835e-05);
}

TEST(Sgd, ScheduleScalesTheRateOutsideTheVelocity) {
  Descent descent(Sgd{.learning_rate = 0.1, .momentum = 0.9}, bowl());
  descent.step(0.5);
  expect_weights(descent.weights(), 2.85, 0.2);
  EXPECT_DOUBLE_EQ(descent.state.velocity[0], 3.0);
  descent.step(0);
  expect_weights(descent.weights(), 2.85, 0.2);
  EXPECT_DOUBLE_EQ(descent.state.velocity[0], 0.9 * 3.0 + 2.85);
}

TEST(Sgd, DecayCanSpareEverythingButWeights) {
  const std::vector<ParameterKind> kinds{ParameterKind::weight, ParameterKind::bias,
                                         ParameterKind::norm_weight, ParameterKind::norm_bias};
  Quadratic<double> flat({1, 1, 1, 1}, {0, 0, 0, 0});
  flat.set_tensors(tepui::support::tensors_of(4, kinds));
  Descent all(Sgd{.learning_rate = 0.1, .weight_decay = 0.5}, flat);
  Descent some(Sgd{.learning_rate = 0.1, .weight_decay = 0.5, .decay = Decay::weights_only}, flat);
  all.step();
  some.step();
  EXPECT_EQ(all.weights(), (std::vector<double>{0.95, 0.95, 0.95, 0.95}));
  EXPECT_EQ(some.weights(), (std::vector<double>{0.95, 1, 1, 1}));
}

TEST(Sgd, RefusesDecayByKindWithoutTensors) {
  std::vector<double> w(2), g(2);
  const std::vector<tepui::ParameterRange> active{{0, 2}};
  const Sgd sgd{.weight_decay = 0.1, .decay = Decay::weights_only};
  auto state = sgd.start<double>(2);
  const tepui::optim::Target<double> target{w, g, {}, active};
  EXPECT_THROW(sgd.apply(state, target), tepui::SettingError);
}

TEST(Sgd, RefusesSettingsOutOfRange) {
  EXPECT_THROW((void)Sgd{.learning_rate = -1}.start<float>(1), tepui::SettingError);
  EXPECT_THROW((void)Sgd{.momentum = 1}.start<float>(1), tepui::SettingError);
  EXPECT_THROW((void)(Sgd{.momentum = 0, .nesterov = true}.start<float>(1)), tepui::SettingError);
  EXPECT_THROW((void)Sgd{.weight_decay = -1e-4}.start<float>(1), tepui::SettingError);
}

TEST(Sgd, MeetsTheLaws) {
  tepui::laws::check_optimizer(Sgd{.learning_rate = 0.02});
  tepui::laws::check_optimizer(Sgd{.learning_rate = 0.02, .momentum = 0});
  tepui::laws::check_optimizer(Sgd{.learning_rate = 0.02,
                                   .momentum = 0.5,
                                   .nesterov = true,
                                   .weight_decay = 1e-3,
                                   .decay = Decay::weights_only});
}

}  // namespace
