#include "tepui/optim/clip_norm.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "laws/optimizer_laws.hpp"
#include "support/quadratic.hpp"
#include "tepui/core/error.hpp"
#include "tepui/optim/adam.hpp"
#include "tepui/optim/sam.hpp"

namespace {

using tepui::optim::Adam;
using tepui::optim::ClipNorm;
using tepui::optim::Sam;
using tepui::optim::Sgd;
using tepui::support::Descent;
using tepui::support::Quadratic;

Quadratic<double> bowl() { return {{3, 0.4}, {1, 10}}; }  // gradient (3, 4), norm 5

constexpr Sgd plain{.learning_rate = 1, .momentum = 0};

TEST(ClipNorm, ShortensALongGradient) {
  Descent descent(ClipNorm<Sgd>{.base = plain, .max_norm = 1}, bowl());
  descent.step();
  const double scale = 1 / (5 + 1e-6);
  EXPECT_DOUBLE_EQ(descent.weights()[0], 3 - 3 * scale);
  EXPECT_DOUBLE_EQ(descent.weights()[1], 0.4 - 4 * scale);
}

TEST(ClipNorm, LeavesAShortGradientAlone) {
  Descent descent(ClipNorm<Sgd>{.base = plain, .max_norm = 5.1}, bowl());
  descent.step();
  EXPECT_EQ(descent.gradient, (std::vector<double>{3, 4}));
  // exactly at the limit the 1e-6 still shortens, as in PyTorch
  Descent limit(ClipNorm<Sgd>{.base = plain, .max_norm = 5}, bowl());
  limit.step();
  EXPECT_DOUBLE_EQ(limit.gradient[0], 3 * (5 / (5 + 1e-6)));
}

TEST(ClipNorm, InsideSamClipsTheSecondGradientOnly) {
  Descent descent(Sam<ClipNorm<Sgd>>{.base = {.base = plain, .max_norm = 1}, .rho = 0.05}, bowl());
  descent.step();
  EXPECT_NEAR(descent.seen[0], 3.03, 1e-12);  // the ascent saw (3, 4) / 5
  EXPECT_NEAR(descent.seen[1], 0.44, 1e-12);
  const double scale = 1 / (std::sqrt(3.03 * 3.03 + 4.4 * 4.4) + 1e-6);
  EXPECT_NEAR(descent.weights()[0], 3 - 3.03 * scale, 1e-12);
  EXPECT_NEAR(descent.weights()[1], 0.4 - 4.4 * scale, 1e-12);
}

TEST(ClipNorm, DoesNotApplyAGradientThatIsNotFinite) {
  const Quadratic<double> broken({3, 0.4}, {1, std::numeric_limits<double>::infinity()});
  Descent descent(ClipNorm<Sgd>{.base = plain}, broken);
  EXPECT_THROW(descent.step(), tepui::DivergenceError);
  EXPECT_EQ(descent.weights(), (std::vector<double>{3, 0.4}));
}

TEST(ClipNorm, RefusesSettingsOutOfRange) {
  EXPECT_THROW((void)ClipNorm<>{.max_norm = 0}.start<float>(1), tepui::SettingError);
  EXPECT_THROW((void)ClipNorm<Sgd>{.base = {.momentum = 1}}.start<float>(1), tepui::SettingError);
}

TEST(ClipNorm, MeetsTheLaws) {
  tepui::laws::check_optimizer(ClipNorm<Sgd>{.base = {.learning_rate = 0.02}});
  tepui::laws::check_optimizer(ClipNorm<Adam>{.base = {.learning_rate = 0.02}, .max_norm = 0.5});
}

}  // namespace
