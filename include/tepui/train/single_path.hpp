#pragma once

#include "tepui/core/random.hpp"
#include "tepui/space/operators.hpp"
#include "tepui/train/recipe.hpp"
#include "tepui/train/trainer.hpp"

namespace tepui::train {

/// @brief One supernet for all candidates: every step trains one uniformly drawn path.
///
/// Weights off the path are not touched by a step: neither decay nor momentum moves them.
/// @source Z. Guo et al., Single Path One-Shot NAS with Uniform Sampling, ECCV 2020
template <class Optimizer = optim::Sgd, class Schedule = optim::Cosine>
struct SinglePath {
  static constexpr bool shares_weights = true;
  using OptimizerType = Optimizer;
  using ScheduleType = Schedule;

  Recipe<Optimizer, Schedule> recipe{};

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("recipe", self.recipe);
  }

  /// @brief Trains the supernet of a space in place.
  /// @throws as run_training; single steps that diverge are left out
  template <class Space, class Model, class T, Shape S, class Watch>
  std::vector<EpochSummary> run(Model& model, data::Loader<T, S>& loader, random::Key key,
                                Watch&& watch) const {
    typename Space::Encoding path{};
    const auto choose = [&](long step) {
      random::Stream stream({key.seed, random::Purpose::path, static_cast<std::uint64_t>(step)});
      path = space::sample<Space>(stream);
      return path.data();
    };
    return run_training(model, recipe, loader, key, choose, watch, OnDivergence::skip);
  }
};

}  // namespace tepui::train
