#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tepui/core/parameter.hpp"
#include "tepui/optim/detail/passes.hpp"
#include "tepui/optim/optimizer.hpp"
#include "tepui/optim/sgd.hpp"

namespace tepui::optim {

namespace detail {

/// What Adam and AdamW remember.
template <class T>
struct AdamState {
  std::vector<T> first_moment;       ///< m, one per parameter
  std::vector<T> second_moment;      ///< v, one per parameter
  std::vector<T> largest_moment;     ///< running maximum of v; empty without amsgrad
  std::vector<std::uint32_t> steps;  ///< steps of a tensor so far, at its first element

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("first_moment", self.first_moment);
    visitor("second_moment", self.second_moment);
    visitor("largest_moment", self.largest_moment);
    visitor("steps", self.steps);
  }
};

enum class AdamDecay { coupled, decoupled };

template <class T, class Options>
AdamState<T> start_adam(const Options& o, std::size_t parameters) {
  require(finite_and_at_least(o.learning_rate, 0), "Adam learning_rate", o.learning_rate,
          "a number >= 0");
  require(o.beta1 >= 0 && o.beta1 < 1, "Adam beta1", o.beta1, "0 <= beta1 < 1");
  require(o.beta2 >= 0 && o.beta2 < 1, "Adam beta2", o.beta2, "0 <= beta2 < 1");
  require(finite_and_at_least(o.epsilon, 0), "Adam epsilon", o.epsilon, "a number >= 0");
  require(finite_and_at_least(o.weight_decay, 0), "Adam weight_decay", o.weight_decay,
          "a number >= 0");
  return {std::vector<T>(parameters), std::vector<T>(parameters),
          std::vector<T>(o.amsgrad ? parameters : 0), std::vector<std::uint32_t>(parameters)};
}

template <AdamDecay kind, class T, class Options>
void apply_adam(const Options& o, AdamState<T>& state, const Target<T>& target) {
  require_tensors(target, "Adam");
  // A tensor's bias correction counts its own steps: on a supernet it is not in every path.
  for (const ParameterInfo& tensor : target.tensors) {
    if (tensor.count > 0) ++state.steps[tensor.offset];
  }
  const double rate = o.learning_rate * target.learning_rate_factor;
  for_each_piece(
      target.tensors, [&](const ParameterInfo& tensor, std::size_t offset, std::size_t count) {
        const bool decays = o.decay == Decay::all || tensor.kind == ParameterKind::weight;
        const double decay = decays ? o.weight_decay : 0.0;
        const T pull = static_cast<T>(kind == AdamDecay::coupled ? decay : 0.0);
        const T shrink = static_cast<T>(kind == AdamDecay::decoupled ? 1 - rate * decay : 1.0);
        const double step = state.steps[tensor.offset];
        const T size = static_cast<T>(rate / (1 - std::pow(o.beta1, step)));
        const T root = static_cast<T>(std::sqrt(1 - std::pow(o.beta2, step)));
        const T keep1 = static_cast<T>(o.beta1);
        const T take1 = static_cast<T>(1 - o.beta1);
        const T keep2 = static_cast<T>(o.beta2);
        const T take2 = static_cast<T>(1 - o.beta2);
        const T epsilon = static_cast<T>(o.epsilon);
        T* __restrict w = target.weights.data() + offset;
        const T* __restrict g = target.gradient.data() + offset;
        T* __restrict m = state.first_moment.data() + offset;
        T* __restrict v = state.second_moment.data() + offset;
        if (o.amsgrad) {
          T* __restrict largest = state.largest_moment.data() + offset;
          for (std::size_t i = 0; i < count; ++i) {
            const T d = g[i] + pull * w[i];
            m[i] = keep1 * m[i] + take1 * d;
            v[i] = keep2 * v[i] + take2 * d * d;
            largest[i] = largest[i] > v[i] ? largest[i] : v[i];
            w[i] = shrink * w[i] - size * (m[i] / (std::sqrt(largest[i]) / root + epsilon));
          }
        } else {
          for (std::size_t i = 0; i < count; ++i) {
            const T d = g[i] + pull * w[i];
            m[i] = keep1 * m[i] + take1 * d;
            v[i] = keep2 * v[i] + take2 * d * d;
            w[i] = shrink * w[i] - size * (m[i] / (std::sqrt(v[i]) / root + epsilon));
          }
        }
      });
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

  template <class T>
  using State = detail::AdamState<T>;

  /// @throws SettingError if an option is out of its range
  template <class T>
  [[nodiscard]] State<T> start(std::size_t parameters) const {
    return detail::start_adam<T>(*this, parameters);
  }
  template <class T>
  void apply(detail::AdamState<T>& state, const Target<T>& target) const {
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

  template <class T>
  using State = detail::AdamState<T>;

  /// @throws SettingError if an option is out of its range
  template <class T>
  [[nodiscard]] State<T> start(std::size_t parameters) const {
    return detail::start_adam<T>(*this, parameters);
  }
  template <class T>
  void apply(detail::AdamState<T>& state, const Target<T>& target) const {
    detail::apply_adam<detail::AdamDecay::coupled>(*this, state, target);
  }
};

}  // namespace tepui::optim
