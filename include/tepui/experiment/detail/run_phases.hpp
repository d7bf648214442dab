#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/type_name.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/data/fingerprint.hpp"
#include "tepui/data/loader.hpp"
#include "tepui/data/split.hpp"
#include "tepui/experiment/objective.hpp"
#include "tepui/experiment/observer.hpp"
#include "tepui/experiment/result.hpp"
#include "tepui/search/dominance.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/space.hpp"
#include "tepui/space/spell.hpp"
#include "tepui/supernet/candidate.hpp"
#include "tepui/supernet/extract.hpp"
#include "tepui/train/evaluation_set.hpp"
#include "tepui/train/trainer.hpp"
#include "tepui/version.hpp"

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

/// @brief What a run does with its data, its candidates and its winner, wherever the candidates
/// come from.
///
/// A model and `choices` stand for an architecture: a supernet and a path, or the architecture's
/// own network and null.
/// @tparam Options with seed, threads, validation_fraction, evaluation_batch, train, objective,
///                 retrain
template <class S, class Model, class Options, class Data, class O>
class RunPhases {
 public:
  using Encoding = typename S::Encoding;
  using Result = ExperimentResult<Encoding>;

 protected:
  static constexpr Shape shape = Data::shape;
  using Loader = data::Loader<float, shape>;
  using Clock = std::chrono::steady_clock;

  RunPhases(const Options& options, const Data& data, O& observer)
      : options_(checked(options, data)),
        data_(data),
        observer_(observer),
        normalization_(data::measure(data.train)),
        split_(data::split(data.train, 1.0 - options_.validation_fraction,
                           key(random::Purpose::split), data::Balance::per_class)),
        validation_(data.train, split_.second, normalization_, options_.evaluation_batch) {}

  random::Key key(random::Purpose purpose, std::uint64_t step = 0) const {
    return {options_.seed, purpose, step};
  }
  template <class Work>
  static double timed(Work&& work) {
    const auto begin = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }
  auto watch(std::string_view phase) {
    return [this, phase](const train::Step& step) {
      observer_.on_progress({.phase = phase, .done = step.step, .total = step.steps});
    };
  }
  int most_batch() const {
    return std::max(
        {options_.train.recipe.batch, options_.evaluation_batch, options_.retrain.recipe.batch});
  }
  /// The images that candidates are trained on.
  Loader training_loader() const {
    const auto& recipe = options_.train.recipe;
    return Loader(data_.train, split_.first, normalization_,
                  {.batch = recipe.batch, .augment = recipe.augment}, options_.seed);
  }
  /// All training images, in the order and changes of the winner's training.
  Loader retrain_loader(bool ahead) const {
    const auto& recipe = options_.retrain.recipe;
    return Loader(data_.train, normalization_,
                  {.batch = recipe.batch, .augment = recipe.augment, .ahead = ahead},
                  key(random::Purpose::shuffle).with(1).seed);
  }

  /// Every part once with next to no work, so that what it refuses is said now and not after hours.
  void rehearse(Model& model, const std::uint8_t* choices, const Encoding& code) {
    (void)retrain_loader(false);
    (void)io::header_text(type_name<typename S::Network>(), "float", {});
    const std::uint32_t image = 0;
    const train::EvaluationSet<float, shape> one(data_.train, {&image, 1}, normalization_, 1);
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
    train::run_training(
        model, options_.train.recipe, loader, key(random::Purpose::path),
        [choices](long) { return choices; }, [](const train::Step&) {});
  }
  /// Fills in what a trial scores, or why it does not.
  /// @param prepare gives the model its weights
  /// @param initial_weights as `prepare` leaves them
  template <class Prepare>
  void measure(Model& model, const std::uint8_t* choices, const std::vector<float>& initial_weights,
               Trial<Encoding>& trial, std::size_t index, Prepare&& prepare) const {
    try {
      prepare();
      supernet::Candidate<Model, shape> candidate(model, validation_, choices, trial.cost,
                                                  initial_weights);
      options_.objective.score(candidate, key(random::Purpose::noise, index), trial.scored);
    } catch (const DivergenceError& failure) {
      trial.status = TrialStatus::diverged;
      trial.scored = {};
      trial.message = failure.what();
    }
  }

  /// The best trial by its first score, and the trials that no other dominates.
  static void choose_winner(Result& result) {
    std::vector<std::size_t> measured;
    std::vector<std::vector<double>> points;
    for (std::size_t i = 0; i < result.trials.size(); ++i) {
      if (result.trials[i].status != TrialStatus::measured) continue;
      measured.push_back(i);
      points.push_back(result.trials[i].scored.scores);
    }
    result.winner =
        *std::max_element(measured.begin(), measured.end(), [&](std::size_t a, std::size_t b) {
          return result.trials[a].scored.scores[0] < result.trials[b].scored.scores[0];
        });
    for (const std::size_t i : search::non_dominated(points, search::Direction::maximise)) {
      result.front.push_back(measured[i]);
    }
    std::sort(result.front.begin(), result.front.end());
  }

  /// Everything after the search, which the model does as the winner.
  /// @param initialize gives the model its first weights, drawn with a key
  template <class Initialize>
  void finish(Result& result, Model& model, const std::uint8_t* choices, Initialize&& initialize) {
    result.timings.retrain_seconds = timed([&] {
      initialize(retrain_initial_key(), options_.retrain.recipe.initialization);
      retrain(result, model, choices);
    });
    result.timings.test_seconds = timed([&] { test(result, model, choices); });
    keep_winner(result, model, choices);
  }

  /// What is needed to run again.
  template <class Train, class Objective, class Backend>
  void record(Result& result, std::string_view search) const {
    auto& out = result.record;  // of a type that depends on ours: checked only where it is used
    out["tepui"] = version_string;
    out["compiler"] = __VERSION__;
    out["instructions"] = Backend::instructions;
    out["types"] = {{"space", type_name<S>()},
                    {"train", type_name<Train>()},
                    {"objective", type_name<Objective>()},
                    {"search", search},
                    {"backend", type_name<Backend>()}};
    out["options"] = io::to_json(options_);
    out["data"] = {{"name", data_.name},
                   {"fingerprint", data::fingerprint(data_)},
                   {"shape", to_string(shape)},
                   {"classes", Data::classes},
                   {"train_images", data_.train.size()},
                   {"test_images", data_.test.size()},
                   {"mean", normalization_.mean},
                   {"deviation", normalization_.deviation}};
    result.objectives = Objective::names();
    result.timings.threads = options_.threads;
  }

 private:
  static const Options& checked(const Options& options, const Data& data) {
    options.check();
    data::check(data);
    return options;
  }

  void retrain(Result& result, Model& model, const std::uint8_t* choices) {
    Loader loader = retrain_loader(true);
    try {
      result.retrained.history = train::run_training(
          model, options_.retrain.recipe, loader, key(random::Purpose::dropout).with(1),
          [choices](long) { return choices; }, watch("retrain"));
    } catch (const DivergenceError& failure) {
      result.retrained.failure = failure.what();
    }
  }
  void test(Result& result, Model& model, const std::uint8_t* choices) {
    if (!result.retrained.failure.empty()) return;
    const auto all = data::all_indices(data_.test.size());
    const train::EvaluationSet<float, shape> images(data_.test, all, normalization_,
                                                    options_.evaluation_batch);
    result.retrained.test = train::evaluate(model, images, choices);
    observer_.on_progress({.phase = "test", .done = 1, .total = 1});
  }
  void keep_winner(Result& result, const Model& model, const std::uint8_t* choices) const {
    const auto& best = result.best();
    auto path = supernet::gather(model, choices);
    nn::Description d = model.describe(choices);
    std::size_t offset = 0;
    for (auto& tensor : d.parameters) tensor.offset = std::exchange(offset, offset + tensor.count);
    offset = 0;
    for (auto& tensor : d.buffers) tensor.offset = std::exchange(offset, offset + tensor.count);
    result.winner_tensors = std::move(d.parameters);
    result.winner_statistics = std::move(d.buffers);
    if (result.retrained.failure.empty()) {
      result.winner_parameters = std::move(path.parameters);
      result.winner_buffers = std::move(path.buffers);
    }
    result.winner_name = space::name_of<S>(best.encoding);
    io::HeaderOptions header;
    header.space = type_name<S>();
    header.encoding = to_string(best.encoding);
    header.cost = best.cost;
    header.seed = options_.seed;
    header.notes = {{"structure", result.winner_name}, {"data", data_.name}};
    header.mean.assign(normalization_.mean.begin(), normalization_.mean.end());
    header.deviation.assign(normalization_.deviation.begin(), normalization_.deviation.end());
    result.winner_header = io::header_text(space::spell<S>(best.encoding), "float", header,
                                           static_cast<std::size_t>(best.cost.params));
  }

 protected:
  const Options& options_;
  const Data& data_;
  O& observer_;
  data::Normalization<shape.channels> normalization_;
  data::Split split_;
  train::EvaluationSet<float, shape> validation_;
};

}  // namespace tepui::detail
