// Accuracy, loss, size, and sums of two metrics.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/toy_landscape.hpp"
#include "tepui/cost/cost.hpp"
#include "tepui/flatness/genas.hpp"
#include "tepui/metric/angle.hpp"
#include "tepui/metric/performance.hpp"
#include "tepui/metric/size.hpp"
#include "tepui/metric/weighted_sum.hpp"

namespace {

using namespace tepui;
using metric::Measurement;

support::ToyLandscape<double> measured(Evaluation found) {
  return {std::vector<double>{0.5}, [found](auto) { return found; }};
}

TEST(Performance, AccuracyWithItsBinomialError) {
  auto candidate = measured({.loss = 0.7, .loss_per_sample = 0.6, .accuracy = 0.8, .samples = 100});
  const Measurement found = metric::Accuracy{}.measure(candidate, {});
  EXPECT_EQ(found.value, 0.8);
  EXPECT_NEAR(found.standard_error, 0.04, 1e-12);
  EXPECT_EQ(found.part("loss"), 0.6);
  EXPECT_TRUE(found.larger_is_better);
  ASSERT_EQ(candidate.asked.size(), 1u);
  EXPECT_EQ(candidate.asked[0], std::vector<double>{0.5});
}

TEST(Performance, LossIsSmallWhenGood) {
  auto candidate = measured({.loss = 0.7, .loss_per_sample = 0.6, .accuracy = 0.8, .samples = 100});
  const Measurement found = metric::Loss{}.measure(candidate, {});
  EXPECT_EQ(found.value, 0.6);
  EXPECT_FALSE(found.larger_is_better);
  EXPECT_EQ(found.score(), -0.6);
}

TEST(Performance, DivergedWeightsAreNoMeasurement) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    auto candidate = measured({.loss = bad, .accuracy = 0.1, .samples = 10});
    EXPECT_THROW((void)metric::Accuracy{}.measure(candidate, {}), DivergenceError);
    EXPECT_THROW((void)metric::Loss{}.measure(candidate, {}), DivergenceError);
  }
}

TEST(Size, ComesFromTheCost) {
  struct Sized {
    Cost found{.params = 1234, .macs = 99, .activations = 7};
    [[nodiscard]] Cost cost() const { return found; }
  };
  Sized candidate;
  EXPECT_EQ(metric::Parameters{}.measure(candidate, {}).value, 1234);
  EXPECT_EQ(metric::Macs{}.measure(candidate, {}).value, 99);
  EXPECT_FALSE(metric::Macs{}.measure(candidate, {}).larger_is_better);
}

TEST(WeightedSum, AngleAndFlatnessAsPublished) {
  const metric::WeightedSum<metric::Angle, flatness::Genas> sum{.gamma = 16};
  // Sigmas 0.001, 0.003, 0.006 and losses 1.50, 1.52, 1.58 give this flatness.
  const Measurement found =
      sum.combine({.value = 1.2}, {.value = 1 / 1530.0, .parts = {{"alpha", 1}}});
  EXPECT_NEAR(found.part("first"), 0.381971863, 1e-9);
  EXPECT_NEAR(found.part("second"), 10.457516272, 1e-6);
  EXPECT_NEAR(found.value, 10.839488135, 1e-6);
  EXPECT_NEAR(found.part("second_percent"), 96.476108, 1e-5);
  EXPECT_EQ(found.part("second.alpha"), 1);
  EXPECT_TRUE(std::isnan(found.standard_error));
}

TEST(WeightedSum, SmallIsGoodTurnsTheSignAndErrorsAddInQuadrature) {
  const metric::WeightedSum<metric::Accuracy, metric::Loss> sum{.gamma = 0.5};
  const Measurement found =
      sum.combine({.value = 0.8, .standard_error = 0.03}, {.value = 2.0, .standard_error = 0.08});
  EXPECT_NEAR(found.value, 0.8 - 1.0, 1e-12);
  EXPECT_NEAR(found.standard_error, 0.05, 1e-12);
  EXPECT_TRUE((metric::WeightedSum<metric::Accuracy, metric::Loss>::larger_is_better));
}

}  // namespace
