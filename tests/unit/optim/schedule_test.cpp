#include "tepui/optim/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tepui/core/error.hpp"

namespace {

using namespace tepui::optim;

Progress epoch(int e, int epochs) { return {.epoch = e, .epochs = epochs}; }

TEST(Cosine, FallsFromOneToTheFinalFraction) {
  const Cosine cosine{.final_fraction = 0.1};
  EXPECT_DOUBLE_EQ(cosine.factor(epoch(0, 10)), 1);
  EXPECT_DOUBLE_EQ(cosine.factor(epoch(5, 10)), 0.55);
  EXPECT_DOUBLE_EQ(cosine.factor(epoch(10, 10)), 0.1);
}

TEST(Cosine, OfTheGenasSupernet) {
  const Cosine cosine = Cosine::genas();
  EXPECT_NEAR(0.025 * cosine.factor(epoch(0, 250)), 0.0249990525, 1e-10);
  EXPECT_NEAR(0.025 * cosine.factor(epoch(1, 250)), 0.0249962103, 1e-10);
  EXPECT_NEAR(0.025 * cosine.factor(epoch(124, 250)), 0.013, 1e-10);
  EXPECT_NEAR(0.025 * cosine.factor(epoch(249, 250)), 0.001, 1e-12);
}

TEST(Cosine, PerStepCoversTheWholeTraining) {
  const Cosine cosine{.per = Per::step};
  const auto at = [&](long step) {
    return cosine.factor(
        {.epoch = static_cast<int>(step / 4), .epochs = 2, .step = step, .steps_per_epoch = 4});
  };
  EXPECT_DOUBLE_EQ(at(0), 1);
  EXPECT_NEAR(at(1), (1 + std::cos(std::numbers::pi / 8)) / 2, 1e-15);
  EXPECT_DOUBLE_EQ(at(4), 0.5);
  EXPECT_NEAR(at(8), 0, 1e-15);
}

TEST(Cosine, LegacyFlatNasSwingsBetweenSteps) {
  const Cosine cosine = Cosine::flatnas_legacy();
  const auto rate = [&](long step, int epochs) {
    return 0.1 * cosine.factor({.epoch = 0, .epochs = epochs, .step = step, .steps_per_epoch = 99});
  };
  const double one[] = {0.1, 0, 0.1, 0};
  for (int s = 0; s < 4; ++s) EXPECT_NEAR(rate(s, 1), one[s], 1e-15);
  const double six[] = {0.1, 0.093301, 0.075, 0.05, 0.025, 0.006699, 0, 0.006699};
  for (int s = 0; s < 8; ++s) {
    EXPECT_NEAR(rate(s, 6), six[s], 5e-7);
    EXPECT_NEAR(rate(s + 12, 6), rate(s, 6), 1e-15);
  }
}

TEST(Linear250, TwoLines) {
  const Linear250 linear;
  EXPECT_DOUBLE_EQ(0.5 * linear.factor(epoch(0, 250)), 0.5);
  EXPECT_DOUBLE_EQ(0.5 * linear.factor(epoch(244, 250)), 0.5 / 245);
  EXPECT_DOUBLE_EQ(0.5 * linear.factor(epoch(245, 250)), 0.5 / 245);
  EXPECT_DOUBLE_EQ(0.5 * linear.factor(epoch(249, 250)), 0.5 / 1225);
  EXPECT_THROW((void)linear.factor(epoch(0, 5)), tepui::SettingError);
  EXPECT_THROW((void)Linear250{.tail_epochs = 0}.factor(epoch(0, 5)), tepui::SettingError);
}

TEST(WarmUp, GenasRetraining) {
  const WarmUp<Linear250> schedule{.epochs = 5};
  const double first[] = {0.1, 0.199183673, 0.297551020, 0.395102041, 0.491836735, 0.489795918};
  for (int e = 0; e < 6; ++e) EXPECT_NEAR(0.5 * schedule.factor(epoch(e, 250)), first[e], 5e-10);
  EXPECT_NEAR(0.5 * schedule.factor(epoch(100, 250)), 0.295918367, 5e-10);
  EXPECT_NEAR(0.5 * schedule.factor(epoch(243, 250)), 0.004081633, 5e-10);
  EXPECT_NEAR(0.5 * schedule.factor(epoch(244, 250)), 0.002040816, 5e-10);
  EXPECT_NEAR(0.5 * schedule.factor(epoch(245, 250)), 0.002040816, 5e-10);
  EXPECT_NEAR(0.5 * schedule.factor(epoch(249, 250)), 0.000408163, 5e-10);
}

TEST(WarmUp, OtherWays) {
  const WarmUp<Linear250> to_the_full_rate{.epochs = 5, .scales_base = false};
  EXPECT_DOUBLE_EQ(to_the_full_rate.factor(epoch(4, 250)), 1);
  EXPECT_DOUBLE_EQ(to_the_full_rate.factor(epoch(5, 250)), 240.0 / 245);
  const WarmUp<> by_step{.epochs = 2, .per = Per::step};
  EXPECT_DOUBLE_EQ(by_step.factor({.epoch = 0, .epochs = 9, .step = 0, .steps_per_epoch = 5}), 0.1);
  EXPECT_DOUBLE_EQ(by_step.factor({.epoch = 1, .epochs = 9, .step = 9, .steps_per_epoch = 5}), 1);
  EXPECT_DOUBLE_EQ(by_step.factor({.epoch = 2, .epochs = 9, .step = 10, .steps_per_epoch = 5}), 1);
  EXPECT_DOUBLE_EQ(WarmUp<>{.epochs = 0}.factor(epoch(0, 9)), 1);
}

TEST(StepDecay, FallsInSteps) {
  const StepDecay decay{.epochs_between = 30, .ratio = 0.1};
  EXPECT_DOUBLE_EQ(decay.factor(epoch(29, 90)), 1);
  EXPECT_DOUBLE_EQ(decay.factor(epoch(30, 90)), 0.1);
  EXPECT_DOUBLE_EQ(decay.factor(epoch(89, 90)), 0.01);
  EXPECT_THROW((void)StepDecay{.epochs_between = 0}.factor(epoch(0, 1)), tepui::SettingError);
}

TEST(Schedule, ExponentialAndConstant) {
  EXPECT_DOUBLE_EQ(Exponential{.ratio = 0.97}.factor(epoch(3, 90)), 0.97 * 0.97 * 0.97);
  EXPECT_EQ(Constant{}.factor(epoch(3, 90)), 1);
}

}  // namespace
