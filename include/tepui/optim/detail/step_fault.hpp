#pragma once

#include <string>

namespace tepui::optim::detail {

/// Why a step was given up: a number in it is not finite. Plain, so that a device can keep it until
/// somebody asks.
enum class StepFault : int {
  none,
  loss,              ///< of the batch
  gradient,          ///< any of its elements
  sharpness_loss,    ///< of the batch, before a sharpness-aware step
  ascent_norm,       ///< (squared) of the gradient that a sharpness-aware step climbs along
  descent_norm,      ///< (squared) of the gradient at the top
  clipped_gradient,  ///< its squared norm
};

/// @param value the number
/// @param loss  of the batch
[[nodiscard]] inline std::string explain(StepFault fault, double value, double loss) {
  const auto sharpness = [&](const char* what) {
    return std::string("sharpness-aware step: ") + what + " is " + std::to_string(value) +
           " at loss " + std::to_string(loss) +
           "; the weights were left as they are. A smaller learning rate or rho, or a gradient "
           "clip, helps";
  };
  switch (fault) {
    case StepFault::loss:
      return "the loss is " + std::to_string(value);
    case StepFault::gradient:
      return "the gradient is not finite";
    case StepFault::sharpness_loss:
      return sharpness("the loss");
    case StepFault::ascent_norm:
      return sharpness("the norm of the gradient");
    case StepFault::descent_norm:
      return sharpness("the norm of the gradient at the perturbed weights");
    case StepFault::clipped_gradient:
      return "ClipNorm: the norm of the gradient is " + std::to_string(value) +
             "; the weights were left as they are. A smaller learning rate helps";
    case StepFault::none:
      break;
  }
  return {};
}

}  // namespace tepui::optim::detail
