#include "tepui/optim/optimizer.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "laws/optimizer_laws.hpp"
#include "support/quadratic.hpp"
#include "tepui/optim/clip_norm.hpp"
#include "tepui/optim/sam.hpp"

// The example of docs/optim.md, "Your own optimizer".
namespace mine {

/// Moves every weight by the same amount against the sign of its averaged gradient.
struct SignDescent {
  double learning_rate = 1e-3;
  double averaging = 0.9;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("learning_rate", self.learning_rate);
    visitor("averaging", self.averaging);
  }

  template <class T>
  struct State {
    std::vector<T> average;
  };

  template <class T>
  State<T> start(std::size_t parameters) const {
    return {std::vector<T>(parameters)};
  }

  template <class T>
  void apply(State<T>& state, const tepui::optim::Target<T>& target) const {
    const T rate = static_cast<T>(learning_rate * target.learning_rate_factor);
    const T keep = static_cast<T>(averaging);
    for (const auto& range : target.active) {
      for (std::size_t i = range.offset; i < range.offset + range.count; ++i) {
        T& m = state.average[i];
        m = keep * m + (1 - keep) * target.gradient[i];
        target.weights[i] -= m > 0 ? rate : m < 0 ? -rate : T(0);
      }
    }
  }
};

static_assert(tepui::optim::Optimizer<SignDescent>);

}  // namespace mine

namespace {

using tepui::optim::Visit;
using tepui::support::Descent;
using tepui::support::Quadratic;

TEST(TakeStep, PlainRulesEvaluateOnce) {
  Descent descent(mine::SignDescent{.learning_rate = 0.1}, Quadratic<double>({3, -0.4}, {1, 10}));
  EXPECT_DOUBLE_EQ(descent.step(), 5.3);
  EXPECT_EQ(descent.visits, std::vector{Visit::first});
  EXPECT_DOUBLE_EQ(descent.weights()[0], 2.9);
  EXPECT_DOUBLE_EQ(descent.weights()[1], -0.3);
}

TEST(OwnOptimizer, MeetsTheLawsAloneAndWrapped) {
  const mine::SignDescent own{.learning_rate = 0.01};
  tepui::laws::check_optimizer(own);
  tepui::laws::check_optimizer(tepui::optim::Sam<mine::SignDescent>{.base = own});
  tepui::laws::check_optimizer(tepui::optim::ClipNorm<mine::SignDescent>{.base = own});
}

}  // namespace
