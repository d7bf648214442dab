#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tepui/core/landscape.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/range_pass.hpp"
#include "tepui/flatness/detail/hessian_product.hpp"
#include "tepui/flatness/measurement.hpp"
#include "tepui/flatness/perturbation.hpp"

namespace tepui::flatness {

/// @brief Eigenvalue of the loss Hessian that is largest in magnitude, by power iteration.
///
///     v = v / |v|;   lambda = v . H v;   v = H v;   until lambda settles
///     H v = (g(w + h v) - g(w - h v)) / (2h),   h = step * |w|  (step where |w| = 0)
///
/// Smaller is flatter. The start is random. Parts: "iterations", "residual" |H v - lambda v|: some
/// eigenvalue lies within it of the value. Costs 2 gradients an iteration and four vectors.
/// @throws SettingError (measure) if an option is out of its range, DivergenceError if a loss or
/// the
///         eigenvalue is not finite
/// @determinism same key, same bits, for every thread count
/// @source Z. Yao et al., PyHessian, 2020, algorithm 2, with gradient differences in place of
///         double back-propagation
struct TopEigenvalue {
  int iterations = 20;      ///< at most, >= 1
  double tolerance = 1e-3;  ///< relative change of lambda at which to stop, >= 0
  double step = 1e-3;       ///< length of the displacement relative to the weights, > 0
  Filter filter = Filter::all;
  bool common_noise = true;  ///< ignores key.step: candidates that differ in it start alike

  static constexpr bool larger_is_better = false;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("iterations", self.iterations);
    visitor("tolerance", self.tolerance);
    visitor("step", self.step);
    visitor("filter", self.filter);
    visitor("common_noise", self.common_noise);
  }

  template <DifferentiableLandscape L>
  Measurement measure(L& landscape, random::Key key) const {
    detail::require(iterations >= 1, "TopEigenvalue iterations", std::to_string(iterations),
                    "at least 1");
    detail::require(std::isfinite(tolerance) && tolerance >= 0, "TopEigenvalue tolerance",
                    std::to_string(tolerance), "a number >= 0");
    detail::require(std::isfinite(step) && step > 0, "TopEigenvalue step", std::to_string(step),
                    "a number > 0");
    using T = typename L::Scalar;
    detail::HessianProduct<L> hessian(landscape, filter, "TopEigenvalue");
    const std::span<const detail::Part> parts = hessian.parts();
    const std::span<const T> w = landscape.weights();
    std::vector<T> v(w.size());
    const random::Key start = detail::noise_key(key, common_noise);
    for_each_piece(parts, [&](const detail::Part&, std::size_t offset, std::size_t count) {
      random::for_each_normal(start, offset, offset + count,
                              [&](std::size_t i, double z) { v[i] = static_cast<T>(z); });
    });
    const double length = std::sqrt(detail::dot_over(parts, w, w));
    const double h = length > 0 ? step * length : step;

    double lambda = 0;
    double residual = 0;
    int done = 0;
    double norm = std::sqrt(detail::dot_over(parts, v, v));
    while (done < iterations && norm > 0) {
      scale(parts, v, 1 / norm);
      hessian.multiply(h, [&](std::size_t first, std::size_t last, auto&& visit_one) {
        for (std::size_t i = first; i < last; ++i) visit_one(i, static_cast<double>(v[i]));
      });
      const double previous = lambda;
      lambda = detail::dot_over(parts, v, hessian.product());
      detail::require_finite(lambda, "TopEigenvalue", "the eigenvalue");
      residual = residual_of(parts, v, hessian.product(), lambda);
      ++done;
      if (done > 1 && std::abs(lambda - previous) <= tolerance * std::abs(lambda)) break;
      norm = std::sqrt(detail::dot_over(parts, hessian.product(), hessian.product()));
      v.swap(hessian.product());
    }

    Measurement result;
    result.value = lambda;
    result.larger_is_better = larger_is_better;
    result.parts = {{"iterations", done}, {"residual", residual}};
    return result;
  }

 private:
  template <class T>
  static void scale(std::span<const detail::Part> parts, std::vector<T>& v, double by) {
    for_each_piece(parts, [&](const detail::Part&, std::size_t offset, std::size_t count) {
      for (std::size_t i = offset; i < offset + count; ++i) {
        v[i] = static_cast<T>(by * static_cast<double>(v[i]));
      }
    });
  }
  template <class T>
  static double residual_of(std::span<const detail::Part> parts, const std::vector<T>& v,
                            const std::vector<T>& hv, double lambda) {
    return std::sqrt(
        sum_over_pieces(parts, [&](const detail::Part&, std::size_t offset, std::size_t count) {
          return sum_of_terms(count, [&](std::size_t i) {
            const double r =
                static_cast<double>(hv[offset + i]) - lambda * static_cast<double>(v[offset + i]);
            return r * r;
          });
        }));
  }
};

}  // namespace tepui::flatness
