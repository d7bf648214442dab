// expect-error: no matching function for call to 'step_with
#include <cstddef>

#include "tepui/optim/optimizer.hpp"

namespace {

/// Plain gradient descent, which remembers nothing.
struct Descent {
  template <class T>
  struct State {};

  template <class T>
  [[nodiscard]] State<T> start(std::size_t) const {
    return {};
  }
#ifndef EXPECT_ERROR
  template <class T>
  void apply(State<T>&, const tepui::optim::Target<T>& target) const {
    for (std::size_t i = 0; i < target.weights.size(); ++i) {
      target.weights[i] -= target.gradient[i];
    }
  }
#endif
};

template <tepui::optim::Optimizer Rule>
double step_with(const Rule& rule, const tepui::optim::Target<float>& target) {
  auto state = rule.template start<float>(target.weights.size());
  return tepui::optim::take_step(rule, state, target, [](tepui::optim::Visit) { return 0.0; });
}

}  // namespace

double use(const tepui::optim::Target<float>& target);
double use(const tepui::optim::Target<float>& target) { return step_with(Descent{}, target); }
