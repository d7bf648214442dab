// expect-error: no matching function for call to 'loss_of
#include <span>
#include <vector>

#include "tepui/core/landscape.hpp"

namespace {

/// What an estimator asks of its argument.
template <tepui::Landscape L>
double loss_of(L& landscape) {
  return landscape.evaluate(landscape.weights()).loss;
}

struct Parabola {
  using Scalar = double;
  std::vector<double> w = {1.0};

  std::span<const double> weights() { return w; }
  std::span<const tepui::ParameterInfo> tensors() { return {}; }
#ifndef EXPECT_ERROR
  tepui::Evaluation evaluate(std::span<const double> at) { return {.loss = at[0] * at[0]}; }
#endif
};

}  // namespace

double use();
double use() {
  Parabola parabola;
  return loss_of(parabola);
}
