// expect-error: optimizer: add template <class T> State<T> start
#include <cstddef>

#include "tepui/optim/optimizer.hpp"

namespace {

struct Descent {
  template <class T>
  struct State {};

#ifndef EXPECT_ERROR
  template <class T>
  [[nodiscard]] State<T> start(std::size_t) const {
    return {};
  }
#endif
  template <class T>
  void apply(State<T>&, const tepui::optim::Target<T>&) const {}
};

}  // namespace

double use(const tepui::optim::Target<float>& target);
double use(const tepui::optim::Target<float>& target) {
  Descent::State<float> state;
  return tepui::optim::take_step(Descent{}, state, target, [](tepui::optim::Visit) { return 0.0; });
}
