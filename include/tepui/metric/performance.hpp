#pragma once

#include <cmath>
#include <string>

#include "tepui/core/error.hpp"
#include "tepui/core/landscape.hpp"
#include "tepui/core/random.hpp"
#include "tepui/metric/metric.hpp"

namespace tepui::metric {

namespace detail {

inline Evaluation finite(Evaluation found) {
  if (!std::isfinite(found.loss)) {
    throw DivergenceError("evaluation: the loss is " + std::to_string(found.loss) +
                          "; the weights of this candidate have diverged");
  }
  return found;
}
/// Standard error of a mean of `n` outcomes that are 0 or 1.
inline double binomial_error(double p, std::size_t n) {
  return std::sqrt(p * (1 - p) / static_cast<double>(n));
}

}  // namespace detail

/// @brief Top-1 accuracy on the candidate's samples, in [0, 1]; its error is the binomial one.
struct Accuracy {
  static constexpr bool larger_is_better = true;

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}

  template <Landscape L>
  [[nodiscard]] Measurement measure(L& candidate, random::Key) const {
    const Evaluation found = detail::finite(candidate.evaluate(candidate.weights()));
    return {.value = found.accuracy,
            .standard_error = detail::binomial_error(found.accuracy, found.samples),
            .parts = {{"loss", found.loss_per_sample}}};
  }
};

/// @brief Mean cross entropy over the candidate's samples.
struct Loss {
  static constexpr bool larger_is_better = false;

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}

  template <Landscape L>
  [[nodiscard]] Measurement measure(L& candidate, random::Key) const {
    const Evaluation found = detail::finite(candidate.evaluate(candidate.weights()));
    return {.value = found.loss_per_sample,
            .parts = {{"accuracy", found.accuracy}},
            .larger_is_better = false};
  }
};

}  // namespace tepui::metric
