#pragma once

#include <string>

#include "tepui/cost/cost.hpp"
#include "tepui/experiment/objective.hpp"

namespace tepui {

/// What became of one proposal.
enum class TrialStatus { measured, diverged, infeasible };

/// @brief One architecture that a search looked at.
template <class Encoding>
struct Trial {
  Encoding encoding{};
  TrialStatus status = TrialStatus::measured;
  objective::Scored scored;  ///< empty unless measured
  Cost cost;
  std::string message;  ///< why it diverged
};

}  // namespace tepui
