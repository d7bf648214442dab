#include "tepui/optim/sam.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "laws/optimizer_laws.hpp"
#include "support/quadratic.hpp"
#include "tepui/core/error.hpp"
#include "tepui/optim/adam.hpp"
#include "tepui/optim/asam.hpp"
#include "tepui/optim/clip_norm.hpp"
#include "tepui/optim/sgd.hpp"

namespace {

using tepui::ParameterKind;
using tepui::optim::AdamW;
using tepui::optim::Asam;
using tepui::optim::ClipNorm;
using tepui::optim::Sam;
using tepui::optim::Sgd;
using tepui::optim::Target;
using tepui::optim::Visit;
using tepui::support::Descent;
using tepui::support::Quadratic;

// f = (w1^2 + 10 w2^2) / 2 from (3, 0.4): gradient (3, 4), norm 5
Quadratic<double> bowl() { return {{3, 0.4}, {1, 10}}; }

constexpr Sgd sgd{.learning_rate = 0.1, .momentum = 0.9};

void expect_vector(const std::vector<double>& got, double v1, double v2) {
  ASSERT_EQ(got.size(), 2u);
  EXPECT_NEAR(got[0], v1, 6e-8);
  EXPECT_NEAR(got[1], v2, 6e-8);
}

TEST(Sam, TwoStepsByHand) {
  Descent descent(Sam<Sgd>{.base = sgd, .rho = 0.05}, bowl());
  EXPECT_DOUBLE_EQ(descent.step(), 5.3);
  expect_vector(descent.seen, 3.03, 0.44);
  expect_vector(descent.gradient, 3.03, 4.40);
  expect_vector(descent.weights(), 2.697, -0.040);
  descent.step();
  expect_vector(descent.seen, 2.7464590, -0.0473354);
  expect_vector(descent.gradient, 2.7464590, -0.4733541);
  expect_vector(descent.state.base.velocity, 5.4734590, 3.4866459);
  expect_vector(descent.weights(), 2.1496541, -0.3886646);
  EXPECT_EQ(descent.visits, (std::vector{Visit::first, Visit::again, Visit::first, Visit::again}));
}

TEST(Sam, WeightDecayIsNotInTheAscent) {
  Sgd decaying = sgd;
  decaying.weight_decay = 5e-4;
  Descent descent(Sam<Sgd>{.base = decaying, .rho = 0.05}, bowl());
  descent.step();
  expect_vector(descent.seen, 3.03, 0.44);
  expect_vector(descent.state.base.velocity, 3.0315, 4.4002);
  expect_vector(descent.weights(), 2.69685, -0.04002);
}

TEST(Sam, AdaptiveByHand) {
  Descent wide(Sam<Sgd>{.base = sgd, .rho = 2, .adaptive = true}, bowl());
  wide.step();
  expect_vector(wide.seen, 8.9073750, 0.5400267);
  expect_vector(wide.gradient, 8.9073750, 5.4002667);
  expect_vector(wide.weights(), 2.1092625, -0.1400267);
  Descent narrow(Sam<Sgd>{.base = sgd, .rho = 0.5, .adaptive = true}, bowl());
  narrow.step();
  expect_vector(narrow.seen, 4.4768438, 0.4350067);
  expect_vector(narrow.gradient, 4.4768438, 4.3500667);
  expect_vector(narrow.weights(), 2.5523156, -0.0350067);
}

TEST(Sam, TheNormIsGlobal) {  // two groups of tensors ascend as one
  Quadratic<double> split = bowl();
  split.set_tensors(
      tepui::support::tensors_of(2, {ParameterKind::weight, ParameterKind::norm_bias}));
  Descent one(Sam<Sgd>{.base = sgd}, bowl());
  Descent two(Sam<Sgd>{.base = sgd}, split);
  one.step();
  two.step();
  EXPECT_EQ(one.seen, two.seen);
  EXPECT_EQ(one.weights(), two.weights());
}

template <class Wrapped, class Plain>
void expect_same_path(const Wrapped& wrapped, const Plain& plain) {
  Descent a(wrapped, tepui::laws::detail::bowl<float>(1000));
  Descent b(plain, tepui::laws::detail::bowl<float>(1000));
  for (int i = 0; i < 5; ++i) {
    a.step();
    b.step();
    EXPECT_EQ(a.weights(), b.weights());
  }
}

TEST(Sam, RhoZeroIsTheBaseToTheBit) {
  const Sgd nesterov{.learning_rate = 0.03, .nesterov = true, .weight_decay = 1e-3};
  expect_same_path(Sam<Sgd>{.base = nesterov, .rho = 0}, nesterov);
  expect_same_path(Sam<Sgd>{.base = nesterov, .rho = 0, .adaptive = true}, nesterov);
  expect_same_path(Asam<Sgd>{.base = nesterov, .rho = 0}, nesterov);
  expect_same_path(Sam<AdamW>{.rho = 0}, AdamW{});
}

// A gradient of zero at the second visit and no decay: the base does not move the weights, so what
// is left is the ascent and the way back.
TEST(Sam, ComesBackToTheBit) {
  const std::size_t n = 70'001;
  std::vector<float> w(n), g(n);
  const tepui::random::Key key{3, tepui::random::Purpose::user, 0};
  for (std::size_t i = 0; i < n; ++i) {
    w[i] = static_cast<float>(tepui::random::normal_at(key, i));
  }
  w[0] = -0.0f;
  w[1] = std::numeric_limits<float>::denorm_min();
  const std::vector<float> before = w;
  const auto tensors = tepui::support::tensors_of(n, {ParameterKind::weight});
  const auto active = tepui::ranges_of(tensors);
  const Sam<Sgd> sam{.base = {.momentum = 0}, .rho = 0.7};
  auto state = sam.start<float>(n);
  std::size_t moved = 0;
  sam.step(state, Target<float>{w, g, tensors, active}, [&](Visit visit) {
    if (visit == Visit::again) {
      for (std::size_t i = 0; i < n; ++i) moved += w[i] != before[i];
    }
    for (auto& gi : g) gi = visit == Visit::first ? 1.f : 0.f;
    return 1.0;
  });
  EXPECT_GT(moved, n / 2);
  for (std::size_t i = 0; i < n; ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(w[i]), std::bit_cast<std::uint32_t>(before[i])) << i;
  }
}

// What can go wrong during a step leaves the weights as they were.
class SamFailures : public testing::Test {
 protected:
  template <class O, class Objective>
  void step(const O& optimizer, Objective objective) {
    auto state = optimizer.template start<double>(2);
    optimizer.step(state, Target<double>{w, g, tensors, active}, objective);
  }
  void fill(double value) { g.assign(2, value); }
  void TearDown() override { EXPECT_EQ(w, (std::vector<double>{3, 0.4})); }

  std::vector<double> w{3, 0.4};
  std::vector<double> g{0, 0};
  std::vector<tepui::ParameterInfo> tensors =
      tepui::support::tensors_of(2, {ParameterKind::weight});
  std::vector<tepui::ParameterRange> active = tepui::ranges_of(tensors);
};

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

TEST_F(SamFailures, FirstGradient) {
  for (const double bad : {nan_value, infinite}) {
    int visits = 0;
    const auto objective = [&](Visit) {
      ++visits;
      fill(bad);
      return 1.0;
    };
    EXPECT_THROW(step(Sam<>{}, objective), tepui::DivergenceError);
    EXPECT_THROW(step(Asam<>{}, objective), tepui::DivergenceError);
    EXPECT_EQ(visits, 2);
  }
}

TEST_F(SamFailures, FirstLoss) {
  EXPECT_THROW(step(Sam<>{},
                    [&](Visit) {
                      fill(1);
                      return nan_value;
                    }),
               tepui::DivergenceError);
}

TEST_F(SamFailures, SecondGradient) {
  EXPECT_THROW(step(Sam<>{},
                    [&](Visit visit) {
                      fill(visit == Visit::first ? 1 : nan_value);
                      return 1.0;
                    }),
               tepui::DivergenceError);
}

TEST_F(SamFailures, ObjectiveThrows) {
  EXPECT_THROW(step(Sam<>{},
                    [&](Visit visit) {
                      if (visit == Visit::again) throw std::runtime_error("interrupted");
                      fill(1);
                      return 1.0;
                    }),
               std::runtime_error);
}

TEST(Sam, ZeroGradientIsNoFailure) {
  Descent descent(Sam<Sgd>{.base = sgd}, Quadratic<double>({0, 0}, {1, 10}));
  descent.step();
  EXPECT_EQ(descent.weights(), (std::vector<double>{0, 0}));
}

TEST(Sam, RefusesSettingsOutOfRange) {
  EXPECT_THROW((void)Sam<>{.rho = -0.1}.start<float>(1), tepui::SettingError);
  EXPECT_THROW((void)Asam<>{.rho = nan_value}.start<float>(1), tepui::SettingError);
  EXPECT_THROW((void)Asam<>{.eta = -1}.start<float>(1), tepui::SettingError);
  EXPECT_THROW((void)Sam<Sgd>{.base = {.momentum = 2}}.start<float>(1), tepui::SettingError);
}

TEST(Sam, MeetsTheLaws) {
  const Sgd base{.learning_rate = 0.02};
  tepui::laws::check_optimizer(Sam<Sgd>{.base = base});
  tepui::laws::check_optimizer(Sam<Sgd>{.base = base, .rho = 0.2, .adaptive = true});
  tepui::laws::check_optimizer(Sam<ClipNorm<Sgd>>{.base = {.base = base, .max_norm = 2}});
  tepui::laws::check_optimizer(Sam<AdamW>{.base = {.learning_rate = 0.02}});
}

}  // namespace
