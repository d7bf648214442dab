#pragma once

#include "tepui/train/recipe.hpp"

namespace tepui::train {

/// @brief Every candidate gets weights of its own, drawn and trained by itself.
///
/// The dear but honest way (FlatNAS trains candidates like this); also how a winner is retrained.
template <class Optimizer = optim::Sgd, class Schedule = optim::Cosine>
struct FromScratch {
  static constexpr bool shares_weights = false;
  using OptimizerType = Optimizer;
  using ScheduleType = Schedule;

  Recipe<Optimizer, Schedule> recipe{};

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("recipe", self.recipe);
  }
};

}  // namespace tepui::train
