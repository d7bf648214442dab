#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "tepui/core/parameter.hpp"
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

  template <class T>
  struct State {
    typename Base::template State<T> base;
    std::vector<T> saved;  ///< the weights while they are perturbed; means nothing between steps

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor&& visitor) {
      visitor("base", self.base);
    }
  };

  /// @throws SettingError if an option is out of its range
  template <class T>
  [[nodiscard]] State<T> start(std::size_t parameters) const {
    detail::require(detail::finite_and_at_least(rho, 0), "Asam rho", rho, "a number >= 0");
    detail::require(detail::finite_and_at_least(eta, 0), "Asam eta", eta, "a number >= 0");
    return {base.template start<T>(parameters), std::vector<T>(parameters)};
  }

  template <class T, class Objective>
  double step(State<T>& state, const Target<T>& target, Objective&& objective) const {
    detail::require_tensors(target, "Asam");
    const T offset = static_cast<T>(eta);
    const auto metric = [offset](const ParameterInfo& tensor, T w) {
      const bool scaled =
          tensor.kind == ParameterKind::weight || tensor.kind == ParameterKind::norm_weight;
      return scaled ? std::abs(w) + offset : T(1);
    };
    return detail::sharpness_step(target, target.tensors, state.saved, rho, 1e-16, metric,
                                  objective, [&] { base.apply(state.base, target); });
  }
};

}  // namespace tepui::optim
