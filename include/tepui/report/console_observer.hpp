#pragma once

#include <cmath>
#include <cstdio>
#include <optional>

#include "tepui/experiment/observer.hpp"
#include "tepui/report/progress.hpp"

namespace tepui::report {

/// @brief Shows an experiment's progress as one line on a terminal; silent anywhere else.
class ConsoleObserver {
 public:
  explicit ConsoleObserver(std::FILE* file = stderr) : line_(file) {}

  void on_progress(const ExperimentProgress& progress) {
    std::optional<double> best;
    if (!std::isnan(progress.best)) best = progress.best;
    line_.update(progress.phase, progress.done, progress.total, best, progress.failures);
  }
  /// Ends the line, so that what is printed next starts on its own.
  void finish() { line_.finish(); }

 private:
  ProgressLine line_;
};

}  // namespace tepui::report
