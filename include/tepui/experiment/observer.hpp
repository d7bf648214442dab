#pragma once

#include <concepts>
#include <limits>
#include <string_view>

namespace tepui {

/// @brief How far an experiment is.
struct ExperimentProgress {
  std::string_view phase;  ///< "supernet", "search", "retrain" or "test"
  long done = 0;           ///< steps or candidates of this phase
  long total = 0;
  double best = std::numeric_limits<double>::quiet_NaN();  ///< best first score so far, if any
  long failures = 0;                                       ///< candidates that diverged
};

/// @brief Watches an experiment; the library itself prints nothing.
///
/// Called from the thread that runs the experiment, often: a watcher limits itself.
template <class O>
concept Observer = requires(O& observer, const ExperimentProgress& progress) {
  observer.on_progress(progress);
};

/// @brief Watches nothing.
struct Unobserved {
  void on_progress(const ExperimentProgress&) {}
};

}  // namespace tepui
