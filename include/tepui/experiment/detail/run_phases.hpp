#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/type_name.hpp"
#include "tepui/experiment/detail/report.hpp"
#include "tepui/experiment/detail/run_context.hpp"
#include "tepui/experiment/objective.hpp"
#include "tepui/experiment/trial.hpp"
#include "tepui/export/cpp_header.hpp"
#include "tepui/export/json.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/supernet/candidate.hpp"
#include "tepui/train/evaluation_set.hpp"

namespace tepui::detail {

/// @brief What a run does with its candidates, wherever they come from.
/// @tparam Options with seed, threads, validation_fraction, evaluation_batch, train, objective,
///                 retrain
template <class S, class Model, class Options, class Data>
class RunPhases : protected RunContext<S, Model, Data> {
  using Context = RunContext<S, Model, Data>;

 public:
  using typename Context::Encoding, typename Context::Result;

 protected:
  using Context::key, Context::normalization_, Context::shape, Context::timed;
  using typename Context::Loader;

  RunPhases(const Options& options, const Data& data, Report report)
      : Context(checked(options), data, std::move(report)), options_(options) {}

  int most_batch() const {
    return std::max(
        {options_.train.recipe.batch, options_.evaluation_batch, options_.retrain.recipe.batch});
  }
  Loader training_loader() const {
    return Context::training_loader(options_.train.recipe.batch, options_.train.recipe.augment);
  }

  /// Every part once with next to no work, so that what it refuses is said now and not after hours.
  void rehearse(Model& model, const std::uint8_t* choices, const Encoding& code) {
    const auto& recipe = options_.retrain.recipe;
    (void)this->retrain_loader(recipe.batch, recipe.augment, false);
    (void)io::header_text(type_name<typename S::Network>(), "float", {});
    const std::uint32_t image = 0;
    const train::EvaluationSet<float, shape> one(this->data_.train, {&image, 1}, normalization_, 1);
    supernet::Candidate<Model, shape> candidate(model, one, choices, cost_of<S>(code),
                                                std::as_const(model).parameters());
    objective::Scored scored;
    try {
      options_.objective.score(candidate, key(random::Purpose::noise), scored);
    } catch (const DivergenceError&) {  // weights that are all zero need not mean anything
    }
  }

  /// The key of the first weights of trial number `trial`.
  random::Key initial_key(std::size_t trial) const {
    return key(random::Purpose::initialize).with(trial);
  }
  random::Key retrain_initial_key() const {
    return key(random::Purpose::initialize).with(1u << 30);
  }
  static void copy_weights(const Model& model, std::vector<float>& to) {
    to.assign(model.parameters().begin(), model.parameters().end());
  }
  /// Trains a candidate that has been given its first weights.
  void train_alone(Model& model, const std::uint8_t* choices, Loader& loader) const {
    (void)Context::train_one(model, options_.train.recipe, choices, loader,
                             key(random::Purpose::path), StepReport{});
  }
  /// Fills in what a trial scores, or why it does not.
  /// @param prepare gives the model its weights
  /// @param initial_weights as `prepare` leaves them
  template <class Prepare>
  void measure(Model& model, const std::uint8_t* choices, const std::vector<float>& initial_weights,
               Trial<Encoding>& trial, std::size_t index, Prepare&& prepare) const {
    try {
      prepare();
      supernet::Candidate<Model, shape> candidate(model, this->validation_, choices, trial.cost,
                                                  initial_weights);
      options_.objective.score(candidate, key(random::Purpose::noise, index), trial.scored);
    } catch (const DivergenceError& failure) {
      trial.status = TrialStatus::diverged;
      trial.scored = {};
      trial.message = failure.what();
    }
  }

  /// Everything after the search, which the model does as the winner.
  /// @param initialize gives the model its first weights, drawn with a key
  template <class Initialize>
  void finish(Result& result, Model& model, const std::uint8_t* choices, Initialize&& initialize) {
    result.timings.retrain_seconds = timed([&] {
      initialize(retrain_initial_key(), options_.retrain.recipe.initialization);
      this->retrain(result, model, options_.retrain.recipe, choices);
    });
    result.timings.test_seconds = timed([&] { this->test(result, model, choices); });
    this->keep_winner(result, model, choices);
  }

  template <class Train, class Objective, class Backend>
  void record(Result& result, std::string_view search) const {
    std::string device;
    if constexpr (backend::on_device<Backend>) device = Backend{}.device().description();
    Context::record(result,
                    {.train = type_name<Train>(),
                     .objective = type_name<Objective>(),
                     .search = search,
                     .backend = type_name<Backend>(),
                     .instructions = Backend::instructions,
                     .device = std::move(device)},
                    io::to_json(options_));
    result.objectives = Objective::names();
  }

 private:
  static RunSettings checked(const Options& options) {
    options.check();
    return {.seed = options.seed,
            .threads = options.threads,
            .validation_fraction = options.validation_fraction,
            .evaluation_batch = options.evaluation_batch};
  }

 protected:
  const Options& options_;
};

}  // namespace tepui::detail
