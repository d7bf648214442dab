#pragma once

#include <string_view>

#include "tepui/core/function.hpp"
#include "tepui/experiment/observer.hpp"
#include "tepui/train/trainer.hpp"

namespace tepui::detail {

/// @brief Tells an observer, of whatever type: what runs is compiled once for all of them.
using Report = Function<void(const ExperimentProgress&)>;

/// @param observer outlives the report
template <Observer O>
[[nodiscard]] Report report_to(O& observer) {
  return [&observer](const ExperimentProgress& progress) { observer.on_progress(progress); };
}

/// @brief Reports the steps of a training as those of a phase, or to nobody.
struct StepReport {
  std::string_view phase{};
  const Report* report = nullptr;

  void operator()(const train::Step& step) const {
    if (report == nullptr) return;
    (*report)({.phase = phase, .done = step.step, .total = step.steps});
  }
};

}  // namespace tepui::detail
