#pragma once

#include <string>

#include "tepui/core/error.hpp"
#include "tepui/experiment/observer.hpp"
#include "tepui/experiment/trial.hpp"

namespace tepui::detail {

/// @brief How many architectures were measured, and how it went.
class Tally {
 public:
  explicit Tally(long total) : progress_{.phase = "search", .total = total} {}

  template <class Encoding>
  void count(const Trial<Encoding>& trial) {
    if (trial.status != TrialStatus::infeasible) ++progress_.done;
    if (trial.status == TrialStatus::measured) {
      const double score = trial.scored.scores[0];
      if (!(progress_.best >= score)) progress_.best = score;
    } else if (trial.status == TrialStatus::diverged) {
      ++progress_.failures;
      if (first_failure_.empty()) first_failure_ = trial.message;
    }
  }
  [[nodiscard]] const ExperimentProgress& progress() const { return progress_; }
  /// @throws DivergenceError if every architecture diverged
  void require_success() const {
    if (progress_.done > progress_.failures) return;
    throw DivergenceError("search: all " + std::to_string(progress_.done) +
                          " architectures failed; the first: " + first_failure_);
  }

 private:
  ExperimentProgress progress_;
  std::string first_failure_;
};

}  // namespace tepui::detail
