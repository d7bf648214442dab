#include "tepui/optim/asam.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "laws/optimizer_laws.hpp"
#include "support/quadratic.hpp"
#include "tepui/core/error.hpp"

namespace {

using tepui::ParameterKind;
using tepui::optim::Asam;
using tepui::optim::Sgd;
using tepui::support::Descent;
using tepui::support::Quadratic;

// f = (w1^2 + 10 w2^2) / 2 from (3, 0.4): gradient (3, 4)
Quadratic<double> bowl() { return {{3, 0.4}, {1, 10}}; }

constexpr Sgd sgd{.learning_rate = 0.1, .momentum = 0.9};

void expect_vector(const std::vector<double>& got, double v1, double v2) {
  ASSERT_EQ(got.size(), 2u);
  EXPECT_NEAR(got[0], v1, 6e-8);
  EXPECT_NEAR(got[1], v2, 6e-8);
}

TEST(Asam, ByHand) {
  Descent descent(Asam<Sgd>{.base = sgd, .rho = 0.5, .eta = 0.01}, bowl());
  descent.step();
  expect_vector(descent.seen, 4.4807767, 0.4366322);
  expect_vector(descent.gradient, 4.4807767, 4.3663220);
  expect_vector(descent.weights(), 2.5519223, -0.0366322);
}

// Biases keep t = 1: t g = (3.01 * 3, 4), norm sqrt(9.03^2 + 16) = 9.87628978; e = 0.5 t^2 g / norm
TEST(Asam, BiasesAreNotScaled) {
  Quadratic<double> landscape = bowl();
  for (const ParameterKind plain : {ParameterKind::bias, ParameterKind::norm_bias}) {
    landscape.set_tensors(tepui::support::tensors_of(2, {ParameterKind::norm_weight, plain}));
    Descent descent(Asam<Sgd>{.base = sgd, .rho = 0.5, .eta = 0.01}, landscape);
    descent.step();
    const double norm = std::sqrt(9.03 * 9.03 + 16);
    expect_vector(descent.seen, 3 + 0.5 * 3.01 * 3.01 * 3 / norm, 0.4 + 0.5 * 4 / norm);
  }
}

TEST(Asam, RefusesAStepWithoutTensors) {
  std::vector<double> w(2), g(2);
  const std::vector<tepui::ParameterRange> active{{0, 2}};
  const Asam<> asam;
  auto state = asam.start<double>(2);
  const tepui::optim::Target<double> target{w, g, {}, active};
  EXPECT_THROW(asam.step(state, target, [](tepui::optim::Visit) { return 1.0; }),
               tepui::SettingError);
}

TEST(Asam, MeetsTheLaws) {
  tepui::laws::check_optimizer(Asam<Sgd>{.base = {.learning_rate = 0.02}, .rho = 0.2});
}

}  // namespace
