#pragma once

#include <cstddef>
#include <vector>

#include "tepui/core/parameter.hpp"
#include "tepui/optim/detail/passes.hpp"
#include "tepui/optim/optimizer.hpp"

namespace tepui::optim {

/// Which tensors weight decay pulls towards zero.
enum class Decay {
  all,           ///< every tensor, normalisations and biases included (GeNAS, FlatNAS)
  weights_only,  ///< convolution and linear weights
};

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

  template <class T>
  struct State {
    std::vector<T> velocity;  ///< one per parameter; empty without momentum

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor&& visitor) {
      visitor("velocity", self.velocity);
    }
  };

  /// @throws SettingError if an option is out of its range
  template <class T>
  [[nodiscard]] State<T> start(std::size_t parameters) const {
    detail::require(detail::finite_and_at_least(learning_rate, 0), "Sgd learning_rate",
                    learning_rate, "a number >= 0");
    detail::require(momentum >= 0 && momentum < 1, "Sgd momentum", momentum, "0 <= momentum < 1");
    detail::require(!nesterov || momentum > 0, "Sgd momentum", momentum,
                    "momentum > 0 together with nesterov");
    detail::require(detail::finite_and_at_least(weight_decay, 0), "Sgd weight_decay", weight_decay,
                    "a number >= 0");
    return {std::vector<T>(momentum > 0 ? parameters : 0)};
  }

  template <class T>
  void apply(State<T>& state, const Target<T>& target) const {
    const T pull = static_cast<T>(weight_decay);
    if (decay == Decay::all || weight_decay == 0) {
      for_each_piece(target.active,
                     [&](const ParameterRange&, std::size_t offset, std::size_t count) {
                       update(state, target, offset, count, pull);
                     });
      return;
    }
    detail::require_tensors(target, "Sgd with weight decay on weights only");
    for_each_piece(
        target.tensors, [&](const ParameterInfo& tensor, std::size_t offset, std::size_t count) {
          update(state, target, offset, count, tensor.kind == ParameterKind::weight ? pull : T(0));
        });
  }

 private:
  template <class T>
  void update(State<T>& state, const Target<T>& target, std::size_t offset, std::size_t count,
              T pull) const {
    const T rate = static_cast<T>(learning_rate * target.learning_rate_factor);
    const T keep = static_cast<T>(momentum);
    T* __restrict w = target.weights.data() + offset;
    const T* __restrict g = target.gradient.data() + offset;
    if (momentum == 0) {
      for (std::size_t i = 0; i < count; ++i) w[i] -= rate * (g[i] + pull * w[i]);
      return;
    }
    T* __restrict v = state.velocity.data() + offset;
    if (nesterov) {
      for (std::size_t i = 0; i < count; ++i) {
        const T d = g[i] + pull * w[i];
        v[i] = keep * v[i] + d;
        w[i] -= rate * (d + keep * v[i]);
      }
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        v[i] = keep * v[i] + (g[i] + pull * w[i]);
        w[i] -= rate * v[i];
      }
    }
  }
};

}  // namespace tepui::optim
