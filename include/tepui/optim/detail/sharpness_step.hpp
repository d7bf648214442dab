#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/range_pass.hpp"
#include "tepui/optim/detail/passes.hpp"
#include "tepui/optim/optimizer.hpp"

namespace tepui::optim::detail {

inline void require_finite(double value, const char* what, double loss) {
  if (std::isfinite(value)) return;
  throw DivergenceError(std::string("sharpness-aware step: ") + what + " is " +
                        std::to_string(value) + " at loss " + std::to_string(loss) +
                        "; the weights were left as they are. A smaller learning rate or rho, or a "
                        "gradient clip, helps");
}

/// The step that Sam and Asam share: ascend to w + rho t^2 g / (|t g| + tiny), take the gradient
/// there, come back by copy, let `apply()` use it.
/// @param parts  active tensors or ranges
/// @param metric metric(part, w) is t of one parameter
template <class T, class Part, class Metric, class Objective, class Apply>
double sharpness_step(const Target<T>& target, std::span<const Part> parts, std::vector<T>& saved,
                      double rho, double tiny, Metric metric, Objective&& objective,
                      Apply&& apply) {
  const double loss = objective(Visit::first);
  require_finite(loss, "the loss", loss);

  const double norm = std::sqrt(
      sum_over_pieces(parts, [&](const Part& part, std::size_t offset, std::size_t count) {
        const T* w = target.weights.data() + offset;
        const T* g = target.gradient.data() + offset;
        return sum_of_terms(count, [&](std::size_t i) {
          const double v = static_cast<double>(metric(part, w[i])) * static_cast<double>(g[i]);
          return v * v;
        });
      }));
  require_finite(norm, "the norm of the gradient", loss);

  const T scale = static_cast<T>(rho / (norm + tiny));
  for_each_piece(parts, [&](const Part& part, std::size_t offset, std::size_t count) {
    T* __restrict w = target.weights.data() + offset;
    T* __restrict kept = saved.data() + offset;
    const T* __restrict g = target.gradient.data() + offset;
    for (std::size_t i = 0; i < count; ++i) {
      kept[i] = w[i];
      const T t = metric(part, w[i]);
      w[i] += t * t * g[i] * scale;
    }
  });
  const auto come_back = [&] {
    for_each_piece(parts, [&](const Part&, std::size_t offset, std::size_t count) {
      std::copy_n(saved.data() + offset, count, target.weights.data() + offset);
    });
  };
  try {
    objective(Visit::again);
  } catch (...) {
    come_back();
    throw;
  }
  come_back();
  require_finite(norm_over<T>(target.gradient, target.active),
                 "the norm of the gradient at the perturbed weights", loss);
  apply();
  return loss;
}

}  // namespace tepui::optim::detail
