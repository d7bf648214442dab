#pragma once

#include <cstddef>

#include "tepui/optim/detail/sharpness_passes.hpp"
#include "tepui/optim/detail/vector_sums.hpp"
#include "tepui/optim/optimizer.hpp"

namespace tepui::optim::detail {

/// The step that Sam and Asam share: ascend to w + rho t^2 g / (|t g| + tiny), take the gradient
/// there, come back by copy, let `apply()` use it.
/// @param parts  active tensors or ranges
/// @param metric metric(part, w) is t of one parameter
/// @return the loss of the first visit
template <class T, class Vectors, class Parts, class Metric, class Objective, class Apply>
typename Vectors::Value sharpness_step(const Target<T, Vectors>& target, const Parts& parts,
                                       T* saved, double rho, double tiny, Metric metric,
                                       Objective&& objective, Apply&& apply) {
  using Value = typename Vectors::Value;
  const Vectors& vectors = target.vectors;
  T* const w = target.weights.data();
  T* const g = target.gradient.data();
  const Value loss = objective(Visit::first);
  vectors.require_finite(loss, StepFault::sharpness_loss, loss);
  const Value norm_squared = vectors.sum(parts, AscentSquares<T, Metric>{w, g, metric});
  vectors.require_finite(norm_squared, StepFault::ascent_norm, loss);
  vectors.each(parts, Ascend<T, Metric, Value>{w, saved, g, metric, rho, tiny, norm_squared});
  const auto come_back = [&] { vectors.each(parts, Copy<T>{saved, w}); };
  try {
    objective(Visit::again);
  } catch (...) {
    come_back();
    throw;
  }
  come_back();
  vectors.require_finite(vectors.sum(target.active, Squares<T>{g}), StepFault::descent_norm, loss);
  apply();
  return loss;
}

}  // namespace tepui::optim::detail
