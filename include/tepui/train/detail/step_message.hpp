#pragma once

#include <string>

#include "tepui/optim/detail/step_fault.hpp"

namespace tepui::train::detail {

/// Where a training is, counted from 0.
struct StepPlace {
  int epoch = 0;
  long step = 0;
};

/// @return what a training says of a step that was given up
[[nodiscard]] inline std::string message(optim::detail::StepFault fault, double value, double loss,
                                         StepPlace place) {
  using optim::detail::StepFault;
  const std::string what = optim::detail::explain(fault, value, loss);
  if (fault != StepFault::loss && fault != StepFault::gradient) return what;
  return "training: " + what + " at epoch " + std::to_string(place.epoch + 1) + ", step " +
         std::to_string(place.step + 1) + "; a smaller learning rate or gradient clipping may help";
}

}  // namespace tepui::train::detail
