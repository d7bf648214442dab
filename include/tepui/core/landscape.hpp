#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

#include "tepui/core/parameter.hpp"

/// @file
/// What optimizers and flatness estimators see of a model: a flat weight vector, and a loss over
/// it.

namespace tepui {

/// @brief What one evaluation of a landscape measured.
struct Evaluation {
  double loss =
      0;  ///< mean over batches of the batch-mean loss (last batch counts like a full one)
  double loss_per_sample = 0;  ///< mean over samples
  double accuracy = 0;         ///< top-1, in [0, 1]
  std::size_t samples = 0;
};

/// @brief A loss over a flat weight vector, on samples that are the same at every call.
///
/// `weights()` are the current weights; `evaluate(w)` measures at other weights of the same length
/// without changing the current ones or any statistics. `tensors()` lists the tensors that are
/// alive (on a supernet: those of the active path), so that estimators can perturb some of them
/// only.
template <class L>
concept Landscape = requires(L& landscape, std::span<const typename L::Scalar> weights) {
  typename L::Scalar;
  { landscape.weights() } -> std::convertible_to<std::span<const typename L::Scalar>>;
  { landscape.evaluate(weights) } -> std::convertible_to<Evaluation>;
  { landscape.tensors() } -> std::convertible_to<std::span<const ParameterInfo>>;
};

/// @brief A landscape that can also tell its gradient on the same samples.
///
/// `gradient(w, g)` overwrites g with the gradient of the mean loss over samples at w and returns
/// that loss.
template <class L>
concept DifferentiableLandscape = Landscape<L> &&
    requires(L& landscape, std::span<const typename L::Scalar> weights,
             std::span<typename L::Scalar> gradient) {
  { landscape.gradient(weights, gradient) } -> std::convertible_to<double>;
};

}  // namespace tepui
