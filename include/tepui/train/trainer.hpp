#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/random.hpp"
#include "tepui/data/loader.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/train/detail/step.hpp"
#include "tepui/train/recipe.hpp"

namespace tepui::train {

/// @brief Where a training is; given to whoever watches.
struct Step {
  int epoch = 0;  ///< from 0
  int epochs = 0;
  long step = 0;    ///< steps done in the whole training
  long steps = 0;   ///< of the whole training
  double loss = 0;  ///< of the batch just done
};

/// @brief What one epoch of training did.
struct EpochSummary {
  double loss = 0;      ///< mean over samples, at the weights before each step
  double accuracy = 0;  ///< likewise, on augmented images
  long skipped = 0;     ///< steps left out because loss or gradient was not finite

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("loss", self.loss);
    visitor("accuracy", self.accuracy);
    visitor("skipped_steps", self.skipped);
  }
};

/// @brief What to do when a loss or gradient is not finite.
enum class OnDivergence {
  stop,  ///< throw DivergenceError
  skip,  ///< leave the step out, statistics included; throw when more than half an epoch was
};

namespace detail {

template <class Model, class Optimizer, class Schedule, class T, Shape S, class Choose, class Watch>
std::vector<EpochSummary> training_loop(Model& model, const Recipe<Optimizer, Schedule>& recipe,
                                        data::Loader<T, S>& loader, random::Key key, Choose& choose,
                                        Watch& watch, OnDivergence divergence) {
  recipe.check_for(model.has_drop_path());
  const long per_epoch = static_cast<long>(loader.epoch_batches());
  using Backend = typename backend::BackendOf<Model>::Type;
  typename StepsOn<Backend>::template Of<Model, Optimizer, S> steps(
      model, recipe.optimizer, loader, divergence == OnDivergence::skip);
  std::vector<EpochSummary> history;
  history.reserve(static_cast<std::size_t>(recipe.epochs));

  long step = 0;
  for (int epoch = 0; epoch < recipe.epochs; ++epoch) {
    steps.start_epoch(static_cast<std::uint64_t>(epoch));
    EpochSummary summary;
    long samples = 0;
    double correct = 0;
    while (steps.next() > 0) {
      nn::BatchLoss loss{};
      const std::uint8_t* choices = choose(step);
      try {
        loss = steps.take(
            {.place = {epoch, step},
             .choices = choices,
             .learning_rate_factor = recipe.schedule.factor({.epoch = epoch,
                                                             .epochs = recipe.epochs,
                                                             .step = step,
                                                             .steps_per_epoch = per_epoch}),
             .drop_path = recipe.drop_path * epoch / recipe.epochs,
             .label_smoothing = recipe.label_smoothing,
             .noise = {key.seed, random::Purpose::dropout, static_cast<std::uint64_t>(step)}});
        summary.loss += loss.loss_sum;
        correct += loss.correct;
        samples += loss.samples;
      } catch (const DivergenceError&) {
        if (divergence == OnDivergence::stop) throw;
        if (2 * ++summary.skipped > per_epoch) throw;
      }
      ++step;
      watch(Step{epoch, recipe.epochs, step, per_epoch * recipe.epochs,
                 loss.samples > 0 ? loss.mean_loss() : 0.0});
    }
    if (samples > 0) {
      summary.loss /= static_cast<double>(samples);
      summary.accuracy = correct / static_cast<double>(samples);
    }
    history.push_back(summary);
  }
  return history;
}

}  // namespace detail

/// @brief Trains weights in place: the one training loop of the library.
///
/// @param choose  `choose(step)` names the path of a step: null, or one option per decision, valid
///                until the next call
/// @param watch   called after every step with a Step
/// @throws SettingError on settings out of range, DivergenceError as OnDivergence says
/// @determinism the same bits for every thread count
template <class Model, class Optimizer, class Schedule, class T, Shape S, class Choose, class Watch>
std::vector<EpochSummary> run_training(Model& model, const Recipe<Optimizer, Schedule>& recipe,
                                       data::Loader<T, S>& loader, random::Key key, Choose&& choose,
                                       Watch&& watch,
                                       OnDivergence divergence = OnDivergence::stop) {
  constexpr bool same = std::is_same_v<typename Model::Scalar, T>;
  static_assert(same,
                "training: the loader delivers another scalar type than the model computes with; "
                "use the same, float or double, for both");
  if constexpr (same) {
    return detail::training_loop(model, recipe, loader, key, choose, watch, divergence);
  } else {
    return {};
  }
}

}  // namespace tepui::train
