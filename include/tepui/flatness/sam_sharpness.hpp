#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tepui/core/aligned_vector.hpp"
#include "tepui/core/landscape.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/range_pass.hpp"
#include "tepui/flatness/detail/perturb.hpp"
#include "tepui/flatness/measurement.hpp"
#include "tepui/flatness/perturbation.hpp"

namespace tepui::flatness {

/// @brief By how much the loss rises at SAM's estimate of the worst point within `rho`.
///
///     L(w + e) - L(w),   e = rho g / (|g| + 1e-12)
///     adaptive:          e = rho w^2 g / (| |w| g | + 1e-12)
///
/// L is the mean over samples. Smaller is flatter. No randomness: the key is not used. Parts:
/// "loss", "worst_loss", "gradient_norm" (of t g with t = 1 or |w|). Costs one gradient, two
/// evaluations and two vectors.
/// @throws SettingError (measure) if rho is out of its range, DivergenceError if a loss or the norm
///         is not finite
/// @source P. Foret et al., Sharpness-Aware Minimization, ICLR 2021, equation 2 and its maximum
///         over the ball
struct SamSharpness {
  double rho = 0.05;      ///< radius, unit of the weights, >= 0
  bool adaptive = false;  ///< radius relative to each weight
  Filter filter = Filter::all;

  static constexpr bool larger_is_better = false;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("rho", self.rho);
    visitor("adaptive", self.adaptive);
    visitor("filter", self.filter);
  }

  template <DifferentiableLandscape L>
  Measurement measure(L& landscape, random::Key) const {
    detail::require(std::isfinite(rho) && rho >= 0, "SamSharpness rho", std::to_string(rho),
                    "a number >= 0");
    using T = typename L::Scalar;
    const std::span<const T> w = landscape.weights();
    std::vector<T> gradient(w.size());
    landscape.gradient(w, std::span<T>(gradient));
    const std::vector<detail::Part> parts = detail::parts_of(landscape.tensors(), filter);
    const std::span<const detail::Part> all(parts);
    const bool relative = adaptive;

    const double norm = std::sqrt(
        sum_over_pieces(all, [&](const detail::Part&, std::size_t offset, std::size_t count) {
          return sum_of_terms(count, [&](std::size_t i) {
            const double t = relative ? std::abs(static_cast<double>(w[offset + i])) : 1.0;
            const double v = t * static_cast<double>(gradient[offset + i]);
            return v * v;
          });
        }));
    detail::require_finite(norm, "SamSharpness", "the norm of the gradient");

    AlignedVector<T> worst(w.begin(), w.end());
    const double scale = rho / (norm + 1e-12);
    for_each_piece(all, [&](const detail::Part&, std::size_t offset, std::size_t count) {
      for (std::size_t i = offset; i < offset + count; ++i) {
        const double t = relative ? static_cast<double>(w[i]) : 1.0;
        worst[i] = static_cast<T>(static_cast<double>(w[i]) +
                                  scale * t * t * static_cast<double>(gradient[i]));
      }
    });
    const double loss = landscape.evaluate(w).loss_per_sample;
    const double worst_loss = landscape.evaluate(std::span<const T>(worst)).loss_per_sample;
    detail::require_finite(loss, "SamSharpness", "the loss");
    detail::require_finite(worst_loss, "SamSharpness", "the loss at the worst point");

    Measurement result;
    result.value = worst_loss - loss;
    result.larger_is_better = larger_is_better;
    result.parts = {{"loss", loss}, {"worst_loss", worst_loss}, {"gradient_norm", norm}};
    return result;
  }
};

}  // namespace tepui::flatness
