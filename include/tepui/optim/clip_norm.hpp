#pragma once

#include <cmath>
#include <cstddef>

#include "tepui/optim/detail/passes.hpp"
#include "tepui/optim/detail/vector_sums.hpp"
#include "tepui/optim/detail/wraps_rule.hpp"
#include "tepui/optim/sgd.hpp"

namespace tepui::optim {

/// @brief Shortens a gradient that is longer than `max_norm`, then lets Base apply it.
///
///     c = max_norm / (|g| + 1e-6);   if c < 1: g = c * g
///
/// |g| is the L2 norm over all active tensors together. Wrap the innermost rule:
/// Sam<ClipNorm<Sgd>> clips the gradient that is applied and leaves the ascent alone.
/// @throws DivergenceError (apply) if |g| is not finite; the weights are then unchanged
/// @source R. Pascanu et al., On the difficulty of training recurrent neural networks, ICML 2013,
///         algorithm 1, with PyTorch's 1e-6
template <class Base = Sgd>
struct ClipNorm {
  static_assert(detail::wraps_rule<Base>());

  Base base{};
  double max_norm = 5;  ///< > 0

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("base", self.base);
    visitor("max_norm", self.max_norm);
  }

  template <class T, class Vectors = HostVectors>
  using State = StateOf<Base, T, Vectors>;

  /// @throws SettingError if an option is out of its range
  template <class T>
  [[nodiscard]] State<T> start(std::size_t parameters) const {
    check();
    return base.template start<T>(parameters);
  }
  template <class T, class Vectors>
  requires RunsOn<Base, T, Vectors>
  [[nodiscard]] State<T, Vectors> start(std::size_t parameters, const Vectors& vectors) const {
    check();
    return base.template start<T>(parameters, vectors);
  }

  template <class T, class Vectors>
  void apply(StateOf<Base, T, Vectors>& state, const Target<T, Vectors>& target) const {
    using Value = typename Vectors::Value;
    const Value norm_squared =
        target.vectors.sum(target.active, detail::Squares<T>{target.gradient.data()});
    target.vectors.require_finite(norm_squared, detail::StepFault::clipped_gradient, 0);
    target.vectors.each(target.active,
                        detail::Clip<T, Value>{target.gradient.data(), max_norm, norm_squared});
    base.apply(state, target);
  }

 private:
  void check() const {
    detail::require(std::isfinite(max_norm) && max_norm > 0, "ClipNorm max_norm", max_norm,
                    "a number > 0");
  }
};

}  // namespace tepui::optim
