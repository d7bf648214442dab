#pragma once

#include <cstddef>
#include <cstdint>

#include "tepui/optim/decay.hpp"
#include "tepui/optim/detail/adam_step.hpp"
#include "tepui/optim/detail/passes.hpp"
#include "tepui/optim/optimizer.hpp"

namespace tepui::optim {

namespace detail {

/// What Adam and AdamW remember.
template <class T, class Vectors>
struct AdamState {
  template <class E>
  using Vector = typename Vectors::template Vector<E>;
  Vector<T> first_moment;       ///< m, one per parameter
  Vector<T> second_moment;      ///< v, one per parameter
  Vector<T> largest_moment;     ///< running maximum of v; empty without amsgrad
  Vector<std::uint32_t> steps;  ///< steps of a tensor so far, at its first element

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("first_moment", self.first_moment);
    visitor("second_moment", self.second_moment);
    visitor("largest_moment", self.largest_moment);
    visitor("steps", self.steps);
  }
};

template <class T, class Vectors, class Options>
AdamState<T, Vectors> start_adam(const Options& o, std::size_t parameters, const Vectors& vectors) {
  require(finite_and_at_least(o.learning_rate, 0), "Adam learning_rate", o.learning_rate,
          "a number >= 0");
  require(o.beta1 >= 0 && o.beta1 < 1, "Adam beta1", o.beta1, "0 <= beta1 < 1");
  require(o.beta2 >= 0 && o.beta2 < 1, "Adam beta2", o.beta2, "0 <= beta2 < 1");
  require(finite_and_at_least(o.epsilon, 0), "Adam epsilon", o.epsilon, "a number >= 0");
  require(finite_and_at_least(o.weight_decay, 0), "Adam weight_decay", o.weight_decay,
          "a number >= 0");
  return {vectors.template zeros<T>(parameters), vectors.template zeros<T>(parameters),
          vectors.template zeros<T>(o.amsgrad ? parameters : 0),
          vectors.template zeros<std::uint32_t>(parameters)};
}

template <AdamDecay kind, class T, class Vectors, class Options>
void apply_adam(const Options& o, AdamState<T, Vectors>& state, const Target<T, Vectors>& target) {
  require_tensors(target, "Adam");
  target.vectors.update(target.tensors, CountStep{state.steps.data()});
  target.vectors.update(target.tensors,
                        AdamStep<kind, T, typename Vectors::Value>{
                            .w = target.weights.data(),
                            .g = target.gradient.data(),
                            .m = state.first_moment.data(),
                            .v = state.second_moment.data(),
                            .largest = o.amsgrad ? state.largest_moment.data() : nullptr,
                            .steps = state.steps.data(),
                            .learning_rate_factor = target.learning_rate_factor,
                            .learning_rate = o.learning_rate,
                            .beta1 = o.beta1,
                            .beta2 = o.beta2,
                            .epsilon = o.epsilon,
                            .weight_decay = o.weight_decay,
                            .decay = o.decay});
}

}  // namespace detail

/// @brief Adam with decoupled weight decay.
///
///     w = (1 - rate * weight_decay) * w
///     m = beta1 * m + (1 - beta1) * g;   v = beta2 * v + (1 - beta2) * g^2
///     w = w - rate * (m / (1 - beta1^k)) / (sqrt(v / (1 - beta2^k)) + epsilon)
///
/// with k counting the steps the tensor took part in, as PyTorch does where a tensor has no
/// gradient. amsgrad: v under the root is the largest so far. Two extra vectors (three with
/// amsgrad).
/// @source I. Loshchilov and F. Hutter, Decoupled Weight Decay Regularization, ICLR 2019, algorithm
///         2; amsgrad: S. Reddi et al., ICLR 2018
struct AdamW {
  double learning_rate = 1e-3;  ///< >= 0
  double beta1 = 0.9;           ///< in [0, 1)
  double beta2 = 0.999;         ///< in [0, 1)
  double epsilon = 1e-8;        ///< >= 0
  double weight_decay = 0.01;   ///< decoupled, >= 0
  Decay decay = Decay::all;
  bool amsgrad = false;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("learning_rate", self.learning_rate);
    visitor("beta1", self.beta1);
    visitor("beta2", self.beta2);
    visitor("epsilon", self.epsilon);
    visitor("weight_decay", self.weight_decay);
    visitor("decay", self.decay);
    visitor("amsgrad", self.amsgrad);
  }

  template <class T, class Vectors = HostVectors>
  using State = detail::AdamState<T, Vectors>;

  /// @throws SettingError if an option is out of its range
  template <class T, class Vectors = HostVectors>
  [[nodiscard]] State<T, Vectors> start(std::size_t parameters, const Vectors& vectors = {}) const {
    return detail::start_adam<T>(*this, parameters, vectors);
  }
  template <class T, class Vectors>
  void apply(detail::AdamState<T, Vectors>& state, const Target<T, Vectors>& target) const {
    detail::apply_adam<detail::AdamDecay::decoupled>(*this, state, target);
  }
};

/// @brief Adam with coupled weight decay: g + weight_decay * w takes the place of g in AdamW's
/// moments, and nothing else shrinks the weights.
///
/// What DARTS and its relatives use for architecture weights (beta1 0.5, weight_decay 1e-3).
/// @source D. Kingma and J. Ba, Adam, ICLR 2015, algorithm 1
struct Adam {
  double learning_rate = 1e-3;  ///< >= 0
  double beta1 = 0.9;           ///< in [0, 1)
  double beta2 = 0.999;         ///< in [0, 1)
  double epsilon = 1e-8;        ///< >= 0
  double weight_decay = 0;      ///< coupled L2, >= 0
  Decay decay = Decay::all;
  bool amsgrad = false;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    AdamW::visit(self, visitor);
  }

  template <class T, class Vectors = HostVectors>
  using State = detail::AdamState<T, Vectors>;

  /// @throws SettingError if an option is out of its range
  template <class T, class Vectors = HostVectors>
  [[nodiscard]] State<T, Vectors> start(std::size_t parameters, const Vectors& vectors = {}) const {
    return detail::start_adam<T>(*this, parameters, vectors);
  }
  template <class T, class Vectors>
  void apply(detail::AdamState<T, Vectors>& state, const Target<T, Vectors>& target) const {
    detail::apply_adam<detail::AdamDecay::coupled>(*this, state, target);
  }
};

}  // namespace tepui::optim
