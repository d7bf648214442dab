#include "tepui/flatness/flat_nas.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "laws/flatness_laws.hpp"
#include "support/toy_landscape.hpp"
#include "tepui/core/error.hpp"

namespace {

using tepui::Evaluation;
using tepui::ParameterKind;
using tepui::flatness::FlatNas;
using tepui::flatness::Measurement;
using tepui::flatness::Scale;
using tepui::support::prescribed_noise;
using tepui::support::ToyLandscape;

constexpr tepui::random::Key key{5, tepui::random::Purpose::user, 0};

/// Evaluation i gives accuracies[i] percent.
ToyLandscape<double> prescribed_accuracies(std::vector<double> accuracies) {
  auto next = std::size_t{0};
  return {{2, -1}, [accuracies, next](auto) mutable {
            return Evaluation{.accuracy = accuracies.at(next++) / 100, .samples = 1};
          }};
}

TEST(FlatNas, PrescribedNoiseIsRelative) {
  auto landscape = prescribed_accuracies({90, 88});
  (void)FlatNas{.draws = 1}.measure_with(
      landscape, prescribed_noise([](auto, auto, auto i) { return i == 0 ? 1 : -2; }));
  EXPECT_EQ(landscape.asked[0], (std::vector<double>{2, -1}));
  EXPECT_DOUBLE_EQ(landscape.asked[1][0], 2.1);
  EXPECT_DOUBLE_EQ(landscape.asked[1][1], -0.9);
}

TEST(FlatNas, MeanAbsoluteChangeOfAccuracy) {
  auto landscape = prescribed_accuracies({90, 88, 91, 89.5});
  const Measurement found = FlatNas{.draws = 3}.measure(landscape, key);
  EXPECT_NEAR(found.value, 3.5 / 3, 1e-12);
  EXPECT_FALSE(found.larger_is_better);
  EXPECT_NEAR(found.part("accuracy"), 90, 1e-12);
  EXPECT_NEAR(found.part("mean_accuracy"), 89.5, 1e-12);
  EXPECT_NEAR(found.part("accuracy_deviation"), 1.5, 1e-12);
  // changes 2, 1, 0.5: deviation 0.7637626, over sqrt(3)
  EXPECT_NEAR(found.standard_error, 0.4409586, 5e-8);

  auto again = prescribed_accuracies({90, 88, 91, 89.5});
  EXPECT_DOUBLE_EQ((FlatNas{.draws = 3, .rounded = true}.measure(again, key).value), 1.17);
}

TEST(FlatNas, EveryDrawStartsFromTheWeights) {
  auto landscape = prescribed_accuracies({90, 90, 90});
  (void)FlatNas{.sigma = 0.5, .draws = 2}.measure_with(landscape,
                                                       prescribed_noise([](auto...) { return 1; }));
  EXPECT_EQ(landscape.asked[1], (std::vector<double>{3, -1.5}));
  EXPECT_EQ(landscape.asked[2], (std::vector<double>{3, -1.5}));
}

TEST(FlatNas, AdditiveMode) {
  auto landscape = prescribed_accuracies({90, 90});
  (void)FlatNas{.sigma = 0.5, .draws = 1, .scale = Scale::absolute}.measure_with(
      landscape, prescribed_noise([](auto...) { return 1; }));
  EXPECT_EQ(landscape.asked[1], (std::vector<double>{2.5, -0.5}));
}

// Two inputs, four hidden units, two classes, ReLU, no normalisation. Weights: (2,4), b (4),
// (4,2), b (2).
struct SmallNet {
  static Evaluation accuracy(std::span<const double> w) {
    int right = 0;
    int all = 0;
    for (int row = 0; row < 20; ++row) {
      for (int column = 0; column < 20; ++column) {
        const double x = (row - 9.5) / 10;
        const double y = (column - 9.5) / 10;
        double scores[2] = {w[20], w[21]};
        for (std::size_t h = 0; h < 4; ++h) {
          const double hidden = std::max(0.0, w[h] * x + w[4 + h] * y + w[8 + h]);
          for (std::size_t c = 0; c < 2; ++c) scores[c] += w[12 + 2 * h + c] * hidden;
        }
        const int label = x * x + y * y < 0.4 ? 0 : 1;
        right += (scores[1] > scores[0] ? 1 : 0) == label ? 1 : 0;
        ++all;
      }
    }
    return {.accuracy = static_cast<double>(right) / all, .samples = 400};
  }

  static std::vector<double> weights() {  // |x + y|, |x - y| summed up: a square for the circle
    return {1,     -1,  1,   -1,  1,   -1,  -1,  1,   0.01, 0.02, 0.03,
            -0.01, 0.1, 1.1, 0.1, 1.1, 0.1, 1.1, 0.1, 1.1,  1.0,  0.0};
  }
};

Measurement measure_net(const std::vector<double>& w, double sigma) {
  ToyLandscape<double> landscape(w, SmallNet::accuracy);
  return FlatNas{.sigma = sigma}.measure(landscape, key);
}

TEST(FlatNas, DoesNotSeeAScaleMovedBetweenLayers) {
  const std::vector<double> w = SmallNet::weights();
  const Measurement plain = measure_net(w, 0.2);
  EXPECT_GT(plain.part("accuracy"), 70);
  EXPECT_GT(plain.value, 0.1);
  std::vector<double> rescaled = w;
  for (std::size_t i = 0; i < 12; ++i) rescaled[i] *= 8;  // a power of two: exact
  for (std::size_t i = 12; i < 20; ++i) rescaled[i] /= 8;
  EXPECT_EQ(measure_net(rescaled, 0.2).value, plain.value);
}

TEST(FlatNas, GrowsWithTheNoise) {
  const std::vector<double> w = SmallNet::weights();
  EXPECT_EQ(measure_net(w, 0).value, 0);
  EXPECT_GT(measure_net(w, 0.2).value, measure_net(w, 0.02).value);
  EXPECT_GT(measure_net(w, 0.8).value, measure_net(w, 0.2).value);
}

TEST(FlatNas, ADivergedNetIsNotFlat) {
  ToyLandscape<double> landscape({1.0}, [](auto) {
    return Evaluation{.loss = std::numeric_limits<double>::quiet_NaN(), .accuracy = 0.1};
  });
  EXPECT_THROW((void)FlatNas{}.measure(landscape, key), tepui::DivergenceError);
}

TEST(FlatNas, RefusesSettingsOutOfRange) {
  auto landscape = prescribed_accuracies({90, 90});
  EXPECT_THROW((void)FlatNas{.sigma = -1}.measure(landscape, key), tepui::SettingError);
  EXPECT_THROW((void)FlatNas{.draws = 0}.measure(landscape, key), tepui::SettingError);
}

TEST(FlatNas, MeetsTheLaws) { tepui::laws::check_estimator(FlatNas{.draws = 3}); }

}  // namespace
