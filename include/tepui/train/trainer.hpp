#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/range_pass.hpp"
#include "tepui/data/loader.hpp"
#include "tepui/nn/model.hpp"
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

/// Whether every element of the active ranges is a number.
template <class T>
[[nodiscard]] bool all_finite(std::span<const T> x, std::span<const ParameterRange> active) {
  const double sum =
      sum_over_pieces(active, [x](const ParameterRange&, std::size_t offset, std::size_t count) {
        const T* from = x.data() + offset;
        return sum_of_terms(count, [from](std::size_t i) { return 0.0 * from[i]; });
      });
  return sum == 0;
}

template <class Model, class Optimizer, class Schedule, class T, Shape S, class Choose, class Watch>
std::vector<EpochSummary> training_loop(Model& model, const Recipe<Optimizer, Schedule>& recipe,
                                        data::Loader<T, S>& loader, random::Key key, Choose& choose,
                                        Watch& watch, OnDivergence divergence) {
  recipe.check_for(model.has_drop_path());
  const long per_epoch = static_cast<long>(loader.epoch_batches());
  const std::size_t count = model.parameters().size();
  typename Optimizer::template State<T> state = recipe.optimizer.template start<T>(count);
  std::vector<T> gradient(count);
  std::vector<T> statistics;  // before a step that may be left out
  std::vector<EpochSummary> history;
  history.reserve(static_cast<std::size_t>(recipe.epochs));

  const std::uint8_t* described = nullptr;
  nn::Description description = model.describe();
  std::vector<ParameterRange> active = ranges_of(description.parameters);
  const auto describe_path = [&](const std::uint8_t* choices) {
    if (choices == nullptr && described == nullptr) return;
    model.describe(description, choices);
    write_ranges(description.parameters, active);
    described = choices;
  };

  long step = 0;
  for (int epoch = 0; epoch < recipe.epochs; ++epoch) {
    loader.start_epoch(static_cast<std::uint64_t>(epoch));
    EpochSummary summary;
    long samples = 0;
    double correct = 0;
    while (const auto batch = loader.next()) {
      const std::uint8_t* choices = choose(step);
      describe_path(choices);
      auto pass = model.pass(batch.size, choices);
      pass.stochastic = true;
      pass.drop_path = recipe.drop_path * epoch / recipe.epochs;
      pass.noise = {key.seed, random::Purpose::dropout, static_cast<std::uint64_t>(step)};
      nn::BatchLoss first{};
      const auto objective = [&](optim::Visit visit) {
        pass.statistics =
            visit == optim::Visit::first ? nn::Statistics::batch_and_track : nn::Statistics::batch;
        pass.noise_users = 0;  // both visits of a step see the same masks
        const nn::BatchLoss loss = model.loss_and_gradient(pass, batch.images, batch.labels,
                                                           gradient, recipe.label_smoothing);
        if (visit == optim::Visit::first) first = loss;
        const bool sound = std::isfinite(loss.loss_sum);
        if (!sound || !detail::all_finite<T>(gradient, active)) {
          throw DivergenceError((sound ? std::string("training: the gradient is not finite")
                                       : "training: the loss is " + std::to_string(loss.loss_sum)) +
                                " at epoch " + std::to_string(epoch + 1) + ", step " +
                                std::to_string(step + 1) +
                                "; a smaller learning rate or gradient clipping may help");
        }
        return loss.mean_loss();
      };
      const optim::Target<T> target{
          .weights = model.parameters(),
          .gradient = gradient,
          .tensors = description.parameters,
          .active = active,
          .learning_rate_factor = recipe.schedule.factor({.epoch = epoch,
                                                          .epochs = recipe.epochs,
                                                          .step = step,
                                                          .steps_per_epoch = per_epoch})};
      if (divergence == OnDivergence::skip) {
        statistics.assign(model.buffers().begin(), model.buffers().end());
      }
      try {
        optim::take_step(recipe.optimizer, state, target, objective);
        summary.loss += first.loss_sum;
        correct += first.correct;
        samples += first.samples;
      } catch (const DivergenceError&) {
        if (divergence == OnDivergence::stop) throw;
        if (2 * ++summary.skipped > per_epoch) throw;
        std::copy(statistics.begin(), statistics.end(), model.buffers().begin());
      }
      ++step;
      watch(Step{epoch, recipe.epochs, step, per_epoch * recipe.epochs,
                 first.samples > 0 ? first.mean_loss() : 0.0});
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
