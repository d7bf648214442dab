#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
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

namespace detail {

/// Calls visit(i, +1 or -1) for i = first..last-1; one random bit for each index.
template <class Visit>
void for_each_sign(random::Key key, std::size_t first, std::size_t last, Visit&& visit) {
  for (std::size_t b = first / 128; b * 128 < last; ++b) {
    const auto words = random::block(key, b);
    const std::size_t end = last < (b + 1) * 128 ? last : (b + 1) * 128;
    for (std::size_t i = first > b * 128 ? first : b * 128; i < end; ++i) {
      const std::uint32_t bit = words[i % 128 / 32] >> (i % 32) & 1u;
      visit(i, bit == 0 ? 1.0 : -1.0);
    }
  }
}

}  // namespace detail

/// @brief Trace of the loss Hessian by Hutchinson's estimator.
///
///     tr H = mean over draws of v . H v,   v_i = +1 or -1
///     H v  = (g(w + h v) - g(w - h v)) / (2h)
///
/// Smaller is flatter. Exact for a diagonal Hessian, otherwise unbiased with variance
/// 2 (|H|_F^2 - sum H_ii^2) per draw. Part: "trace_per_parameter". Costs 2 gradients a draw and
/// three vectors.
/// @throws SettingError (measure) if an option is out of its range, DivergenceError if a loss or
/// the
///         trace is not finite
/// @determinism same key, same bits, for every thread count
/// @source M. Hutchinson, Communications in Statistics 19 (1990); Z. Yao et al., PyHessian, 2020,
///         with gradient differences in place of double back-propagation
struct HessianTrace {
  int draws = 10;      ///< >= 1
  double step = 1e-3;  ///< h, how far every parameter moves, > 0
  Filter filter = Filter::all;
  bool common_noise = true;  ///< ignores key.step: candidates that differ in it get the same probes

  static constexpr bool larger_is_better = false;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("draws", self.draws);
    visitor("step", self.step);
    visitor("filter", self.filter);
    visitor("common_noise", self.common_noise);
  }

  template <DifferentiableLandscape L>
  Measurement measure(L& landscape, random::Key key) const {
    detail::require(draws >= 1, "HessianTrace draws", std::to_string(draws), "at least 1");
    detail::require(std::isfinite(step) && step > 0, "HessianTrace step", std::to_string(step),
                    "a number > 0");
    detail::HessianProduct<L> hessian(landscape, filter, "HessianTrace");
    const random::Key probes = detail::noise_key(key, common_noise);
    std::vector<double> traces;
    for (int draw = 0; draw < draws; ++draw) {
      const random::Key probe = probes.with(static_cast<std::uint64_t>(draw));
      hessian.multiply(step, [&](std::size_t first, std::size_t last, auto&& visit_one) {
        detail::for_each_sign(probe, first, last, visit_one);
      });
      traces.push_back(sum_over_pieces(
          hessian.parts(), [&](const detail::Part&, std::size_t offset, std::size_t count) {
            double sum = 0;
            detail::for_each_sign(probe, offset, offset + count, [&](std::size_t i, double v) {
              sum += v * static_cast<double>(hessian.product()[i]);
            });
            return sum;
          }));
      detail::require_finite(traces.back(), "HessianTrace", "the trace");
    }
    const detail::MeanAndError trace = detail::mean_and_error(traces);

    Measurement result;
    result.value = trace.mean;
    result.standard_error = trace.error;
    result.larger_is_better = larger_is_better;
    const std::size_t parameters = elements_in(hessian.parts());
    result.parts = {{"trace_per_parameter",
                     parameters == 0 ? 0.0 : trace.mean / static_cast<double>(parameters)}};
    return result;
  }
};

}  // namespace tepui::flatness
