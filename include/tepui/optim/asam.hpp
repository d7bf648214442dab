#pragma once

#include <cstddef>
#include <vector>

#include "tepui/optim/detail/sharpness_step.hpp"
#include "tepui/optim/detail/wraps_rule.hpp"
#include "tepui/optim/sgd.hpp"

namespace tepui::optim {

/// @brief Adaptive SAM as its authors coded it: a radius that does not change when weights are
/// rescaled.
///
///     t = |w| + eta on weights (scales of normalisations included), 1 on biases
///     e = rho * t^2 * g / (|t * g| + 1e-16);   otherwise as Sam
///
/// @throws DivergenceError (step) if a loss or gradient norm is not finite; the weights are then as
///         before the step
/// @source J. Kwon et al., ASAM, ICML 2021, algorithm 1; tensors chosen as in
///         github.com/SamsungLabs/ASAM (those named "weight")
template <class Base = Sgd>
struct Asam {
  static_assert(detail::wraps_rule<Base>());

  Base base{};
  double rho = 0.5;   ///< radius, relative to the weights, >= 0; 0.5 CIFAR-10, 1.0 CIFAR-100
  double eta = 0.01;  ///< keeps small weights moving, unit of the weights, >= 0

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("base", self.base);
    visitor("rho", self.rho);
    visitor("eta", self.eta);
  }

  template <class T, class Vectors = HostVectors>
  struct State {
    StateOf<Base, T, Vectors> base;
    /// The weights while they are perturbed; means nothing between steps.
    typename Vectors::template Vector<T> saved;

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor&& visitor) {
      visitor("base", self.base);
    }
  };

  /// @throws SettingError if an option is out of its range
  template <class T>
  [[nodiscard]] State<T> start(std::size_t parameters) const {
    check();
    return {base.template start<T>(parameters), std::vector<T>(parameters)};
  }
  template <class T, class Vectors>
  requires RunsOn<Base, T, Vectors>
  [[nodiscard]] State<T, Vectors> start(std::size_t parameters, const Vectors& vectors) const {
    check();
    return {base.template start<T>(parameters, vectors), vectors.template zeros<T>(parameters)};
  }

  template <class T, class Vectors, class Objective>
  typename Vectors::Value step(State<T, Vectors>& state, const Target<T, Vectors>& target,
                               Objective&& objective) const {
    detail::require_tensors(target, "Asam");
    return detail::sharpness_step(target, target.tensors, state.saved.data(), rho, 1e-16,
                                  detail::OffsetMetric{eta}, objective,
                                  [&] { base.apply(state.base, target); });
  }

 private:
  void check() const {
    detail::require(detail::finite_and_at_least(rho, 0), "Asam rho", rho, "a number >= 0");
    detail::require(detail::finite_and_at_least(eta, 0), "Asam eta", eta, "a number >= 0");
  }
};

}  // namespace tepui::optim
