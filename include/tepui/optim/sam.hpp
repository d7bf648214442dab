#pragma once

#include <cstddef>
#include <vector>

#include "tepui/optim/detail/sharpness_step.hpp"
#include "tepui/optim/detail/wraps_rule.hpp"
#include "tepui/optim/sgd.hpp"

namespace tepui::optim {

/// @brief Sharpness-aware minimisation: Base applies the gradient found at the worst nearby point.
///
///     g = gradient at w;   e = rho * g / (|g| + 1e-12);   g' = gradient at w + e
///     w is restored to the bit, then Base applies g'
///
/// adaptive: |g| becomes | |w| * g |, and e = rho * w^2 * g / (| |w| * g | + 1e-12), on every
/// tensor (FlatNAS: adaptive with rho 2). Norms are global over the active tensors. Weight decay of
/// Base is not part of the ascent. Two gradients a step on the same batch (Visit::first, then
/// Visit::again), one extra vector.
/// @throws DivergenceError (step) if a loss or gradient norm is not finite; the weights are then as
///         before the step
/// @determinism same bits for every thread count
/// @source P. Foret et al., Sharpness-Aware Minimization, ICLR 2021, equations 2-4 (p = 2);
///         adaptive: the variant of github.com/davda54/sam
template <class Base = Sgd>
struct Sam {
  static_assert(detail::wraps_rule<Base>());

  Base base{};
  double rho = 0.05;      ///< radius of the ascent, unit of the weights, >= 0
  bool adaptive = false;  ///< radius relative to each weight; wants about ten times the rho

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("base", self.base);
    visitor("rho", self.rho);
    visitor("adaptive", self.adaptive);
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
    const auto run = [&](auto metric) {
      return detail::sharpness_step(target, target.active, state.saved.data(), rho, 1e-12, metric,
                                    objective, [&] { base.apply(state.base, target); });
    };
    return adaptive ? run(detail::AbsoluteMetric{}) : run(detail::UnitMetric{});
  }

 private:
  void check() const {
    detail::require(detail::finite_and_at_least(rho, 0), "Sam rho", rho, "a number >= 0");
  }
};

}  // namespace tepui::optim
