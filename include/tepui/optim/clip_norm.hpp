#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>

#include "tepui/core/error.hpp"
#include "tepui/optim/detail/passes.hpp"
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

  template <class T>
  using State = typename Base::template State<T>;

  /// @throws SettingError if an option is out of its range
  template <class T>
  [[nodiscard]] State<T> start(std::size_t parameters) const {
    detail::require(std::isfinite(max_norm) && max_norm > 0, "ClipNorm max_norm", max_norm,
                    "a number > 0");
    return base.template start<T>(parameters);
  }

  template <class T>
  void apply(typename Base::template State<T>& state, const Target<T>& target) const {
    const double norm = detail::norm_over<T>(target.gradient, target.active);
    if (!std::isfinite(norm)) {
      throw DivergenceError("ClipNorm: the norm of the gradient is " + std::to_string(norm) +
                            "; the weights were left as they are. A smaller learning rate helps");
    }
    const double scale = max_norm / (norm + 1e-6);
    if (scale < 1) {
      const T by = static_cast<T>(scale);
      for_each_piece(target.active,
                     [&](const ParameterRange&, std::size_t offset, std::size_t count) {
                       T* g = target.gradient.data() + offset;
                       for (std::size_t i = 0; i < count; ++i) g[i] *= by;
                     });
    }
    base.apply(state, target);
  }
};

}  // namespace tepui::optim
