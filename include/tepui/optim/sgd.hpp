#pragma once

#include <cstddef>

#include "tepui/optim/decay.hpp"
#include "tepui/optim/detail/passes.hpp"
#include "tepui/optim/detail/sgd_step.hpp"
#include "tepui/optim/optimizer.hpp"

namespace tepui::optim {

/// @brief Stochastic gradient descent with momentum.
///
///     d = g + weight_decay * w;   v = momentum * v + d;   w = w - rate * v
///     nesterov:                                           w = w - rate * (d + momentum * v)
///
/// with rate = learning_rate * target.learning_rate_factor. The velocity starts at zero, so the
/// first step of a tensor uses v = d. One gradient a step, one extra vector.
/// @source I. Sutskever et al., On the importance of initialization and momentum in deep learning,
///         ICML 2013, in the form PyTorch uses (rate outside the velocity, no dampening)
struct Sgd {
  double learning_rate = 0.1;  ///< >= 0
  double momentum = 0.9;       ///< in [0, 1); 0 keeps no velocity
  bool nesterov = false;       ///< needs momentum > 0
  double weight_decay = 0;     ///< coupled L2, >= 0; 3e-4 to 5e-4 is usual
  Decay decay = Decay::all;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("learning_rate", self.learning_rate);
    visitor("momentum", self.momentum);
    visitor("nesterov", self.nesterov);
    visitor("weight_decay", self.weight_decay);
    visitor("decay", self.decay);
  }

  template <class T, class Vectors = HostVectors>
  struct State {
    typename Vectors::template Vector<T> velocity;  ///< one per parameter; empty without momentum

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor&& visitor) {
      visitor("velocity", self.velocity);
    }
  };

  /// @throws SettingError if an option is out of its range
  template <class T, class Vectors = HostVectors>
  [[nodiscard]] State<T, Vectors> start(std::size_t parameters, const Vectors& vectors = {}) const {
    detail::require(detail::finite_and_at_least(learning_rate, 0), "Sgd learning_rate",
                    learning_rate, "a number >= 0");
    detail::require(momentum >= 0 && momentum < 1, "Sgd momentum", momentum, "0 <= momentum < 1");
    detail::require(!nesterov || momentum > 0, "Sgd momentum", momentum,
                    "momentum > 0 together with nesterov");
    detail::require(detail::finite_and_at_least(weight_decay, 0), "Sgd weight_decay", weight_decay,
                    "a number >= 0");
    return {vectors.template zeros<T>(momentum > 0 ? parameters : 0)};
  }

  template <class T, class Vectors>
  void apply(State<T, Vectors>& state, const Target<T, Vectors>& target) const {
    const detail::SgdStep<T, typename Vectors::Value> step{
        .w = target.weights.data(),
        .g = target.gradient.data(),
        .v = momentum > 0 ? state.velocity.data() : nullptr,
        .learning_rate_factor = target.learning_rate_factor,
        .learning_rate = learning_rate,
        .momentum = momentum,
        .weight_decay = weight_decay,
        .nesterov = nesterov,
        .decay = decay};
    if (decay == Decay::all || weight_decay == 0) {
      target.vectors.update(target.active, step);
      return;
    }
    detail::require_tensors(target, "Sgd with weight decay on weights only");
    target.vectors.update(target.tensors, step);
  }
};

}  // namespace tepui::optim
