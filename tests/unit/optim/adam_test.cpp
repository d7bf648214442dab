#include "tepui/optim/adam.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "laws/optimizer_laws.hpp"
#include "support/quadratic.hpp"
#include "tepui/core/error.hpp"

namespace {

using tepui::ParameterKind;
using tepui::optim::Adam;
using tepui::optim::AdamW;
using tepui::optim::Decay;
using tepui::support::Descent;
using tepui::support::Quadratic;

// f = (w1^2 + 10 w2^2) / 2 from (3, 0.4): gradient (3, 4)
Quadratic<double> bowl() { return {{3, 0.4}, {1, 10}}; }

template <class O>
void expect_path(const O& optimizer, const std::vector<std::array<double, 2>>& path) {
  Descent descent(optimizer, bowl());
  for (const auto& at : path) {
    descent.step();
    EXPECT_NEAR(descent.weights()[0], at[0], 1e-12);
    EXPECT_NEAR(descent.weights()[1], at[1], 1e-12);
  }
}

// By hand: after the first step both corrected moments are g and g^2, so the step is rate *
// sign(g); decay shrinks first. Second step: m = 0.09 g1 + 0.1... written out for w1 only.
TEST(AdamW, TwoStepsByHand) {
  Descent descent(AdamW{.learning_rate = 0.1, .epsilon = 0, .weight_decay = 0.01}, bowl());
  descent.step();
  EXPECT_NEAR(descent.weights()[0], 3 * 0.999 - 0.1, 1e-14);
  EXPECT_NEAR(descent.weights()[1], 0.4 * 0.999 - 0.1, 1e-14);
  const double g1 = 3;
  const double g2 = 2.897;
  const double m = (0.9 * 0.1 * g1 + 0.1 * g2) / (1 - 0.81);
  const double v = (0.999 * 0.001 * g1 * g1 + 0.001 * g2 * g2) / (1 - 0.999 * 0.999);
  descent.step();
  EXPECT_NEAR(descent.weights()[0], 2.897 * 0.999 - 0.1 * m / std::sqrt(v), 1e-12);
}

// The constants come from torch 1.13 with w = tensor([3, 0.4], dtype=float64), loss
// 0.5 * (w[0]**2 + 10 * w[1]**2), and the optimizer named above each.

// AdamW([w], lr=0.1, weight_decay=0.01)
TEST(AdamW, AsInPyTorch) {
  expect_path(AdamW{.learning_rate = 0.1}, {{2.897000000333333, 0.29960000025},
                                            {2.7942092935285587, 0.2010552746543781},
                                            {2.6917036499565246, 0.10654693554344764}});
}

// AdamW([w], lr=0.5, betas=(0.5, 0.6), weight_decay=0.01), without and with amsgrad=True
TEST(AdamW, AmsgradAsInPyTorch) {
  AdamW options{.learning_rate = 0.5, .beta1 = 0.5, .beta2 = 0.6};
  expect_path(options, {{2.4850000016666667, -0.10199999874999999},
                        {1.9787167211796222, -0.22816351891424042},
                        {1.4868092285427732, -0.01651596564908167},
                        {1.016993356856931, 0.14152218201493313}});
  options.amsgrad = true;
  expect_path(options, {{2.4850000016666667, -0.10199999874999999},
                        {1.9787167211796222, -0.20479106997936608},
                        {1.5019285309917862, -0.04797604582037193},
                        {1.0911894180274393, 0.07604822139830802}});
}

// Adam([w], lr=0.1, betas=(0.5, 0.999), weight_decay=1e-3)
TEST(Adam, CoupledDecayAsInPyTorch) {
  expect_path(Adam{.learning_rate = 0.1, .beta1 = 0.5, .weight_decay = 1e-3},
              {{2.900000000333, 0.30000000024997503},
               {2.8005784091415213, 0.20571249268109665},
               {2.702087936324046, 0.12227264820569073}});
}

TEST(AdamW, DecayCanSpareEverythingButWeights) {
  Quadratic<double> flat({1, 1}, {0, 0});
  flat.set_tensors(tepui::support::tensors_of(2, {ParameterKind::weight, ParameterKind::bias}));
  Descent descent(AdamW{.learning_rate = 0.1, .weight_decay = 0.5, .decay = Decay::weights_only},
                  flat);
  descent.step();
  EXPECT_EQ(descent.weights(), (std::vector<double>{0.95, 1}));
}

// A tensor that joins late is corrected as in its own first step.
TEST(AdamW, EachTensorCountsItsOwnSteps) {
  Quadratic<double> landscape = bowl();
  const auto both = tepui::support::tensors_of(2, {ParameterKind::weight, ParameterKind::weight});
  Descent descent(AdamW{.learning_rate = 0.1, .epsilon = 0, .weight_decay = 0}, landscape);
  for (int i = 0; i < 5; ++i) descent.step_on({both[0]});
  EXPECT_EQ(descent.weights()[1], 0.4);
  descent.step_on(both);
  EXPECT_NEAR(descent.weights()[1], 0.3, 1e-14);
  EXPECT_EQ(descent.state.steps, (std::vector<std::uint32_t>{6, 1}));
}

TEST(Adam, RefusesSettingsOutOfRange) {
  EXPECT_THROW((void)AdamW{.beta1 = 1}.start<float>(1), tepui::SettingError);
  EXPECT_THROW((void)AdamW{.beta2 = -0.1}.start<float>(1), tepui::SettingError);
  EXPECT_THROW((void)Adam{.learning_rate = -0.1}.start<float>(1), tepui::SettingError);
  EXPECT_THROW((void)Adam{.epsilon = -1}.start<float>(1), tepui::SettingError);
}

TEST(Adam, MeetsTheLaws) {
  tepui::laws::check_optimizer(AdamW{.learning_rate = 0.02});
  tepui::laws::check_optimizer(
      AdamW{.learning_rate = 0.02, .decay = Decay::weights_only, .amsgrad = true});
  tepui::laws::check_optimizer(Adam{.learning_rate = 0.02});
}

}  // namespace
