#include "tepui/flatness/genas.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "laws/flatness_laws.hpp"
#include "support/quadratic.hpp"
#include "support/toy_landscape.hpp"
#include "tepui/core/error.hpp"

namespace {

using tepui::Evaluation;
using tepui::ParameterKind;
using tepui::flatness::Filter;
using tepui::flatness::Genas;
using tepui::flatness::LossMean;
using tepui::flatness::Measurement;
using tepui::flatness::NoiseMode;
using tepui::flatness::Scale;
using tepui::flatness::SlopeForm;
using tepui::support::prescribed_losses;
using tepui::support::prescribed_noise;
using tepui::support::Quadratic;
using tepui::support::ToyLandscape;

constexpr tepui::random::Key key{5, tepui::random::Purpose::user, 0};

TEST(Genas, ScoreOfGivenLosses) {
  auto landscape = prescribed_losses({1.50, 1.52, 1.58});
  const Measurement found = Genas::reference().measure(landscape, key);
  EXPECT_DOUBLE_EQ(found.part("depth"), 1500);
  EXPECT_NEAR(found.part("slope_1"), 10, 1e-9);
  EXPECT_NEAR(found.part("slope_2"), 20, 1e-9);
  EXPECT_NEAR(found.part("slopes"), 30, 1e-9);
  EXPECT_NEAR(found.value, 6.535947670e-4, 5e-14);
  EXPECT_NEAR(found.part("beta_score"), 0.653594767, 5e-10);
  EXPECT_EQ(found.part("loss_2"), 1.52);
  EXPECT_DOUBLE_EQ(found.part("score_of_mean_losses"), found.value);
  EXPECT_TRUE(std::isnan(found.standard_error));
  EXPECT_EQ(landscape.asked.size(), 3u);  // the undisturbed loss is never asked for

  auto falling = prescribed_losses({1.50, 1.48, 1.54});
  EXPECT_NEAR(Genas::reference().measure(falling, key).value, found.value, 1e-17);
}

TEST(Genas, SlopesAlone) {
  auto landscape = prescribed_losses({1.50, 1.52, 1.58});
  EXPECT_NEAR((Genas{.alpha = 0, .epsilon = 0}.measure(landscape, key).value), 1.0 / 30, 1e-12);
}

// L = 1 + 2 x^2 at 0, sigmas 0.1, 0.3, 0.6
ToyLandscape<double> valley() {
  return {{0.0}, [](std::span<const double> w) {
            const double loss = 1 + 2 * w[0] * w[0];
            return Evaluation{.loss = loss, .loss_per_sample = loss, .samples = 1};
          }};
}
const std::vector<double> wide{0.1, 0.3, 0.6};

void expect_positions(const ToyLandscape<double>& landscape, std::vector<double> positions) {
  ASSERT_EQ(landscape.asked.size(), positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    EXPECT_NEAR(landscape.asked[i][0], positions[i], 1e-15);
  }
}

TEST(Genas, PrescribedNoise) {
  auto landscape = valley();
  const auto ones = prescribed_noise([](auto...) { return 1.0; });
  const Measurement found = Genas{.sigmas = wide}.measure_with(landscape, ones);
  expect_positions(landscape, {0.1, 0.3, 0.6});
  EXPECT_NEAR(found.part("depth"), 10.2, 1e-12);
  EXPECT_NEAR(found.part("slope_1"), 0.8, 1e-12);
  EXPECT_NEAR(found.part("slope_2"), 1.8, 1e-12);
  EXPECT_NEAR(found.value, 0.0781249390, 5e-11);

  Genas first_form = Genas::published_first_form();
  first_form.sigmas = wide;
  auto again = valley();
  EXPECT_NEAR(first_form.measure_with(again, ones).value, 0.384615385, 5e-10);
}

TEST(Genas, NoiseThatChangesSign) {
  const auto noise = prescribed_noise([](auto, auto level, auto) { return level == 1 ? -1 : 1; });
  auto landscape = valley();
  const Measurement found = Genas{.sigmas = wide}.measure_with(landscape, noise);
  expect_positions(landscape, {0.1, -0.1, 0.2});
  EXPECT_NEAR(found.part("depth"), 10.2, 1e-12);
  EXPECT_NEAR(found.part("slope_1"), 0, 1e-12);
  EXPECT_NEAR(found.part("slope_2"), 0.2, 1e-12);
  EXPECT_NEAR(found.value, 1 / 10.40001, 1e-12);

  auto direct = valley();
  const Measurement other =
      Genas{.sigmas = wide, .mode = NoiseMode::direct}.measure_with(direct, noise);
  expect_positions(direct, {0.1, -0.3, 0.6});
  EXPECT_NEAR(other.value, 0.0781249390, 5e-11);
}

TEST(Genas, SignedSlopesKeepTheirSigns) {
  auto landscape = prescribed_losses({1.50, 1.48, 1.54});
  const Measurement found =
      Genas{.alpha = 0, .epsilon = 0, .form = SlopeForm::plain}.measure(landscape, key);
  EXPECT_NEAR(found.part("slope_1"), -10, 1e-9);
  EXPECT_NEAR(found.value, 1.0 / 10, 1e-12);
}

// Expected losses at H = diag(3, 5), L_0 = 1, trace 8: the four sign patterns of (z1, z2) average
// to the expectation of a quadratic exactly, level by level.
Measurement over_all_signs(Genas options) {
  options.sigmas = wide;
  options.draws = 64;
  const auto noise = prescribed_noise([](std::size_t draw, std::size_t level, std::size_t i) {
    return (draw >> (2 * level + i) & 1) == 0 ? 1 : -1;
  });
  Quadratic<double> landscape({0, 0}, {3, 5}, {}, 1);
  return options.measure_with(landscape, noise);
}

TEST(Genas, ExpectedLossesOfTheCode) {
  const Measurement found = over_all_signs(Genas::reference());
  EXPECT_NEAR(found.part("loss_1"), 1.04, 1e-12);
  EXPECT_NEAR(found.part("loss_2"), 1.20, 1e-12);
  EXPECT_NEAR(found.part("loss_3"), 1.56, 1e-12);
  EXPECT_NEAR(found.part("score_of_mean_losses"), 0.0806450963, 5e-11);
  EXPECT_NEAR(1 / found.part("score_of_mean_losses"), 1 / 0.1 + 8 * 0.6 / 2 + 1e-5, 1e-10);
}

TEST(Genas, ExpectedLossesOfThePublication) {
  Genas direct = Genas::reference();
  direct.mode = NoiseMode::direct;
  const Measurement found = over_all_signs(direct);
  EXPECT_NEAR(found.part("loss_1"), 1.04, 1e-12);
  EXPECT_NEAR(found.part("loss_2"), 1.36, 1e-12);
  EXPECT_NEAR(found.part("loss_3"), 2.44, 1e-12);
  EXPECT_NEAR(found.part("score_of_mean_losses"), 0.0641025230, 5e-11);
  direct.alpha = 0;
  direct.epsilon = 0;
  EXPECT_NEAR(over_all_signs(direct).part("score_of_mean_losses"), 0.192307692, 5e-10);
}

// L = 10 + 5x: in cumulative mode a slope is 5 z exactly, so its mean absolute value is
// 5 sqrt(2/pi); 20000 draws estimate it to 0.021 (one standard deviation).
TEST(Genas, SlopesOnALineAreNoise) {
  ToyLandscape<double> line({0.0}, [](std::span<const double> w) {
    return Evaluation{.loss = 10 + 5 * w[0], .samples = 1};
  });
  const Measurement found = Genas{.draws = 20'000}.measure(line, key);
  const double expected = 5 * std::sqrt(2 / std::numbers::pi);
  EXPECT_NEAR(expected, 3.98942, 5e-6);
  EXPECT_NEAR(found.part("slope_1"), expected, 0.09);
  EXPECT_NEAR(found.part("slope_2"), expected, 0.09);
  ToyLandscape<double> same({0.0}, [](std::span<const double> w) {
    return Evaluation{.loss = 10 + 5 * w[0], .samples = 1};
  });
  const double z =
      tepui::random::normal_at(tepui::flatness::detail::noise_key(key, true).with(0).with(1), 0);
  EXPECT_NEAR(Genas{}.measure(same, key).part("slope_1"), 5 * std::abs(z), 1e-9);
}

double deviation(const std::vector<float>& w) {
  double squares = 0;
  for (const float v : w) squares += static_cast<double>(v) * static_cast<double>(v);
  return std::sqrt(squares / static_cast<double>(w.size()));
}

TEST(Genas, EffectiveNoiseOfCumulativeLevels) {
  const std::size_t n = 200'000;
  const auto flat = [](std::span<const float>) { return Evaluation{.loss = 1, .samples = 1}; };
  ToyLandscape<float> landscape(std::vector<float>(n), flat);
  (void)Genas{}.measure(landscape, key);
  const double cumulative[] = {0.001, 0.0022361, 0.0037417};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(deviation(landscape.asked[i]) / cumulative[i], 1, 0.01);
  }
  ToyLandscape<float> direct(std::vector<float>(n), flat);
  (void)Genas{.mode = NoiseMode::direct}.measure(direct, key);
  const double sigmas[] = {0.001, 0.003, 0.006};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(deviation(direct.asked[i]) / sigmas[i], 1, 0.01);
  }
}

// 25,000 images in batches of 64: the last 40 have loss 2, all others 1
TEST(Genas, MeanOfBatchesOrOfSamples) {
  const ToyLandscape<double> landscape({0.0}, [](auto) {
    return Evaluation{
        .loss = 1 + 1.0 / 391, .loss_per_sample = 1 + 40.0 / 25'000, .samples = 25'000};
  });
  auto batches = landscape;
  auto samples = landscape;
  EXPECT_NEAR(Genas{}.measure(batches, key).part("loss_1"), 1.002557545, 5e-10);
  EXPECT_DOUBLE_EQ(Genas{.loss = LossMean::samples}.measure(samples, key).part("loss_1"), 1.0016);
}

TEST(Genas, ValueIsTheMeanOverDraws) {
  auto landscape = prescribed_losses({1, 3, 2, 5});
  const Genas options{.sigmas = {1, 2}, .epsilon = 0, .draws = 2};
  const Measurement found = options.measure(landscape, key);  // F = 1/(1+2), 1/(2+3)
  const double a = 1.0 / 3;
  const double b = 1.0 / 5;
  EXPECT_DOUBLE_EQ(found.value, (a + b) / 2);
  EXPECT_NEAR(found.standard_error, (a - b) / 2, 1e-15);  // sd / sqrt(2) = |a - b| / 2
  EXPECT_DOUBLE_EQ(found.part("depth"), 1.5);
  EXPECT_DOUBLE_EQ(found.part("slopes"), 2.5);
  EXPECT_DOUBLE_EQ(found.part("score_of_mean_losses"), 1.0 / 4);
}

TEST(Genas, AntitheticDrawsAreMirrored) {
  auto landscape = valley();
  const Measurement found =
      Genas{.sigmas = wide, .draws = 4, .antithetic = true}.measure(landscape, key);
  ASSERT_EQ(landscape.asked.size(), 12u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(landscape.asked[i][0], -landscape.asked[3 + i][0]);
    EXPECT_EQ(landscape.asked[6 + i][0], -landscape.asked[9 + i][0]);
    EXPECT_NE(landscape.asked[i][0], landscape.asked[6 + i][0]);
  }
  EXPECT_TRUE(std::isfinite(found.standard_error));
}

TEST(Genas, LevelsCanShareTheirDirection) {
  auto landscape = valley();
  (void)Genas{.sigmas = wide, .mode = NoiseMode::direct, .share_levels = true}.measure(landscape,
                                                                                       key);
  EXPECT_NEAR(landscape.asked[1][0], 3 * landscape.asked[0][0], 1e-15);
  EXPECT_NEAR(landscape.asked[2][0], 6 * landscape.asked[0][0], 1e-15);
}

TEST(Genas, CommonNoiseIgnoresTheCandidate) {
  const auto first_position = [](const Genas& options, tepui::random::Key k) {
    auto landscape = valley();
    (void)options.measure(landscape, k);
    return landscape.asked[0][0];
  };
  EXPECT_EQ(first_position(Genas{}, key), first_position(Genas{}, key.at_step(9)));
  EXPECT_NE(first_position(Genas{}, key), first_position(Genas{}, key.with(9)));
  EXPECT_NE(first_position(Genas::reference(), key),
            first_position(Genas::reference(), key.at_step(9)));
}

// Candidates of a supernet: what they share gets the same noise, whatever else is alive.
TEST(Genas, NoiseBelongsToThePlaceInTheFlatVector) {
  const auto flat = [](std::span<const float>) { return Evaluation{.loss = 1, .samples = 1}; };
  const auto tensors = tepui::support::tensors_of(
      30, {ParameterKind::weight, ParameterKind::weight, ParameterKind::weight});
  ToyLandscape<float> all(std::vector<float>(30, 1.0f), flat);
  all.set_tensors(tensors);
  ToyLandscape<float> some(std::vector<float>(30, 1.0f), flat);
  some.set_tensors({tensors[2]});
  (void)Genas{}.measure(all, key);
  (void)Genas{}.measure(some, key);
  for (std::size_t level = 0; level < 3; ++level) {
    for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(some.asked[level][i], 1.0f);
    for (std::size_t i = 20; i < 30; ++i) {
      EXPECT_EQ(some.asked[level][i], all.asked[level][i]);
      EXPECT_NE(some.asked[level][i], 1.0f);
    }
  }
}

TEST(Genas, FilterChoosesTensors) {
  const auto flat = [](std::span<const double>) { return Evaluation{.loss = 1, .samples = 1}; };
  const auto tensors =
      tepui::support::tensors_of(4, {ParameterKind::weight, ParameterKind::bias,
                                     ParameterKind::norm_weight, ParameterKind::norm_bias});
  const auto moved = [&](Filter filter) {
    ToyLandscape<double> landscape({0, 0, 0, 0}, flat);
    landscape.set_tensors(tensors);
    (void)Genas{.sigmas = {1}, .filter = filter}.measure_with(
        landscape, prescribed_noise([](auto, auto, std::size_t i) { return 1 + i; }));
    return landscape.asked[0];
  };
  EXPECT_EQ(moved(Filter::all), (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(moved(Filter::weights_only), (std::vector<double>{1, 0, 0, 0}));
  EXPECT_EQ(moved(Filter::no_norm), (std::vector<double>{1, 2, 0, 0}));
}

TEST(Genas, ScaleSizesTheNoise) {
  const auto flat = [](std::span<const double>) { return Evaluation{.loss = 1, .samples = 1}; };
  const auto moved = [&](Scale scale) {
    // (2, 2): filter 0 holds 3 and 4, filter 1 holds -1 and 1; then a bias (6, 8)
    ToyLandscape<double> landscape({3, -1, 4, 1, 6, 8}, flat);
    landscape.set_tensors(
        {{.name = "w", .dims = {2, 2}, .offset = 0, .count = 4},
         {.name = "b", .kind = ParameterKind::bias, .dims = {2}, .offset = 4, .count = 2}});
    (void)Genas{.sigmas = {0.5, 1}, .scale = scale}.measure_with(
        landscape, prescribed_noise([](auto...) { return 1; }));
    return landscape.asked[1];
  };
  EXPECT_EQ(moved(Scale::absolute), (std::vector<double>{4, 0, 5, 2, 7, 9}));
  EXPECT_EQ(moved(Scale::relative), (std::vector<double>{6, -2, 8, 2, 12, 16}));
  const std::vector<double> filter = moved(Scale::filter);
  EXPECT_DOUBLE_EQ(filter[0], 3 + std::sqrt(12.5));
  EXPECT_DOUBLE_EQ(filter[1], -1 + 1);
  EXPECT_DOUBLE_EQ(filter[2], 4 + std::sqrt(12.5));
  EXPECT_DOUBLE_EQ(filter[3], 1 + 1);
  EXPECT_DOUBLE_EQ(filter[4], 6 + std::sqrt(50.0));  // a tensor of one dimension is one filter
  EXPECT_DOUBLE_EQ(filter[5], 8 + std::sqrt(50.0));
}

TEST(Genas, Presets) {
  EXPECT_EQ(Genas::reference().sigmas, (std::vector<double>{0.001, 0.003, 0.006}));
  EXPECT_EQ(Genas::reference_defaults().sigmas.size(), 9u);
  EXPECT_DOUBLE_EQ(Genas::reference_defaults().sigmas.back(), 0.05);
  EXPECT_EQ(Genas::reference().epsilon, 1e-5);
  EXPECT_EQ(Genas::reference().mode, NoiseMode::cumulative);
  EXPECT_EQ(Genas::published().mode, NoiseMode::direct);
  EXPECT_EQ(Genas::published().epsilon, 0);
  EXPECT_DOUBLE_EQ(Genas{}.beta(), 1000);
}

TEST(Genas, LossesThatAreNotFiniteFail) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    auto landscape = prescribed_losses({1, 2, bad});
    EXPECT_THROW((void)Genas{}.measure(landscape, key), tepui::DivergenceError);
  }
  auto plateau = prescribed_losses({1, 1, 1});  // 1 / 0
  EXPECT_THROW((void)(Genas{.alpha = 0, .epsilon = 0}.measure(plateau, key)),
               tepui::DivergenceError);
}

TEST(Genas, RefusesSettingsOutOfRange) {
  auto landscape = valley();
  const auto refused = [&](const Genas& options) {
    EXPECT_THROW((void)options.measure(landscape, key), tepui::SettingError);
  };
  refused({.sigmas = {}});
  refused({.sigmas = {0.1, 0.1}});
  refused({.sigmas = {0, 0.1}});
  refused({.sigmas = {0.1}, .alpha = 0});
  refused({.alpha = -1});
  refused({.epsilon = -1});
  refused({.draws = 0});
  refused({.draws = 3, .antithetic = true});
  EXPECT_TRUE(landscape.asked.empty());
}

TEST(Genas, MeetsTheLaws) {
  tepui::laws::check_estimator(Genas{});
  tepui::laws::check_estimator(
      Genas{.draws = 2, .mode = NoiseMode::direct, .scale = Scale::filter, .antithetic = true});
}

}  // namespace
