#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tepui/backend/cpu.hpp"
#include "tepui/core/enum_name.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/type_name.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/data/fingerprint.hpp"
#include "tepui/data/loader.hpp"
#include "tepui/data/split.hpp"
#include "tepui/cost/constraints.hpp"
#include "tepui/experiment/objective.hpp"
#include "tepui/experiment/observer.hpp"
#include "tepui/experiment/options.hpp"
#include "tepui/experiment/result.hpp"
#include "tepui/experiment/storage.hpp"
#include "tepui/flatness/genas.hpp"
#include "tepui/metric/performance.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/search/dominance.hpp"
#include "tepui/search/regularized_evolution.hpp"
#include "tepui/search/strategy.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/space.hpp"
#include "tepui/space/spell.hpp"
#include "tepui/supernet/candidate.hpp"
#include "tepui/supernet/extract.hpp"
#include "tepui/supernet/recalibrate.hpp"
#include "tepui/train/evaluation_set.hpp"
#include "tepui/train/from_scratch.hpp"
#include "tepui/train/single_path.hpp"
#include "tepui/train/trainer.hpp"
#include "tepui/version.hpp"

namespace tepui {

/// @brief A whole architecture search as one type.
///
/// run(data) trains the weights candidates are measured with, lets the strategy propose
/// architectures and measures them, takes the winner, trains it from scratch and tests it once on
/// the test set, which nothing before has seen.
/// @tparam S         what is searched: a SearchSpace, its input the data set's shape
/// @tparam Train     how weights are trained: train::SinglePath or train::FromScratch of an
/// optimizer
/// @tparam Objective what is measured: objective::Maximize, Minimize or Several
/// @tparam Search    how candidates are proposed: a SearchStrategy
/// @tparam Backend   where it computes
/// @determinism the same options and data give the same result, bit for bit, for every number of
///              threads; only timings differ
template <class S, class Train = train::SinglePath<>,
          class Objective = objective::Maximize<flatness::Genas>,
          class Search = search::RegularizedEvolution, class Backend = backend::Cpu>
class Experiment {
  // As plain constants, so that the compiler quotes the message and not the concept's insides.
  static constexpr bool is_space = SearchSpace<S>;
  static constexpr bool is_strategy = !is_space || search::SearchStrategy<Search, S>;
  static_assert(is_space,
                "experiment: the first argument must be a search space (Space or a struct derived "
                "from it); see space/space.hpp");
  static_assert(is_strategy,
                "experiment: the strategy needs a nested Run<Space> with ask(n) and tell(encoding, "
                "outcome); see search/strategy.hpp");

 public:
  using Encoding = typename S::Encoding;
  using Options = ExperimentOptions<Train, Objective, Search>;
  using Result = ExperimentResult<Encoding>;
  using Model = nn::Model<typename S::Network, float, Backend>;

  Experiment() = default;
  explicit Experiment(Options options) : options_(std::move(options)) {}

  [[nodiscard]] const Options& options() const { return options_; }

  /// @brief Runs everything.
  /// @param data     training and test images of the shape and classes that the space takes
  /// @param observer told how far the run is; see Observer
  /// @param storage  keeps what is found, and knows what an interrupted run found; see Storage
  /// @throws DataError if a label does not exist or images and labels do not belong together
  /// @throws SettingError on settings out of range or constraints that no architecture meets
  /// @throws DivergenceError if the supernet cannot be trained, or every candidate diverged
  template <data::DatasetLike Data, Observer O = Unobserved, class Store = Unstored>
  [[nodiscard]] Result run(const Data& data, O&& observer = {}, Store&& storage = {}) const {
    static_assert(Storage<std::remove_reference_t<Store>, Encoding>,
                  "experiment: the storage needs open<Encoding>(identity), keep(weights) and "
                  "append(trial); see experiment/storage.hpp");
    static_assert(Data::shape == S::input,
                  "experiment: the data set's images have another shape than the space takes");
    static_assert(
        Data::classes == Model::classes,
        "experiment: the data set has another number of classes than the space's network");
    ThreadLimit limit(options_.threads);
    return limit.run([&] { return Run<Data, O>(*this, data, observer).all(storage); });
  }

  /// @brief Refuses now what run would refuse: trains nothing, measures one image.
  /// @throws as run
  template <data::DatasetLike Data>
  void check(const Data& data) const {
    ThreadLimit limit(options_.threads);
    Unobserved nobody;
    limit.run([&] { (void)Run<Data, Unobserved>(*this, data, nobody); });
  }

 private:
  template <class Data, class O>
  class Run;

  Options options_;
};

/// One run: the phases in order, and what they hand on.
template <class S, class Train, class Objective, class Search, class Backend>
template <class Data, class O>
class Experiment<S, Train, Objective, Search, Backend>::Run {
  static constexpr Shape shape = Data::shape;
  using Loader = data::Loader<float, shape>;
  using Clock = std::chrono::steady_clock;

 public:
  Run(const Experiment& experiment, const Data& data, O& observer)
      : options_(checked(experiment.options_, data)),
        data_(data),
        observer_(observer),
        normalization_(data::measure(data.train)),
        split_(data::split(data.train, 1.0 - options_.validation_fraction,
                           key(random::Purpose::split), data::Balance::per_class)),
        validation_(data.train, split_.second, normalization_, options_.evaluation_batch) {
    benches_.reserve(static_cast<std::size_t>(options_.candidates_at_once));
    add_bench();
    rehearse();
  }

  template <class Store>
  Result all(Store& storage) {
    Result result;
    result.objectives = Objective::names();
    result.timings.threads = options_.threads;
    record(result);
    Recorded<Encoding> recorded = storage.template open<Encoding>(result.record);
    result.timings.supernet_seconds =
        timed([&] { train_shared(result, std::move(recorded.supernet), storage); });
    result.timings.search_seconds =
        timed([&] { search(result, std::move(recorded.trials), storage); });
    choose_winner(result);
    result.timings.retrain_seconds = timed([&] { retrain(result); });
    result.timings.test_seconds = timed([&] { test(result); });
    keep_winner(result);
    return result;
  }

 private:
  /// What a candidate is measured with; one candidate at a time.
  struct Bench {
    Loader loader;
    Model model;
    std::vector<float> initial_weights;
  };
  void add_bench() {
    const auto& recipe = options_.train.recipe;
    benches_.push_back(std::unique_ptr<Bench>(new Bench{
        Loader(data_.train, split_.first, normalization_,
               {.batch = recipe.batch, .augment = recipe.augment}, options_.seed),
        Model(std::max({recipe.batch, options_.evaluation_batch, options_.retrain.recipe.batch})),
        {}}));
  }
  Bench& main_bench() { return *benches_.front(); }
  /// The other benches get what the first one has.
  void share_weights() {
    while (benches_.size() < static_cast<std::size_t>(options_.candidates_at_once)) add_bench();
    for (std::size_t i = 1; i < benches_.size(); ++i) {
      Model& model = benches_[i]->model;
      const auto weights = std::as_const(main_bench().model).parameters();
      const auto statistics = std::as_const(main_bench().model).buffers();
      std::copy(weights.begin(), weights.end(), model.parameters().begin());
      std::copy(statistics.begin(), statistics.end(), model.buffers().begin());
      benches_[i]->initial_weights = main_bench().initial_weights;
    }
  }

  static const Options& checked(const Options& options, const Data& data) {
    options.check();
    options.train.recipe.template check_for<typename S::Network>();
    options.retrain.recipe.template check_for<typename S::Network>();
    data::check(data);
    return options;
  }

  /// Every part once with next to no work, so that what it refuses is said now and not after hours.
  void rehearse() {
    (void)retrain_loader(false);
    (void)io::header_text(type_name<typename S::Network>(), "float", {});
    typename Search::template Run<S> strategy(options_.search, problem());
    const std::vector<Encoding> first = strategy.ask(1);
    const std::uint32_t image = 0;
    const train::EvaluationSet<float, shape> one(data_.train, {&image, 1}, normalization_, 1);
    const Encoding code = first.empty() ? Encoding{} : first.front();
    Model& model = main_bench().model;
    supernet::Candidate<Model, shape> candidate(model, one, code.data(), cost_of<S>(code),
                                                std::as_const(model).parameters());
    objective::Scored scored;
    try {
      options_.objective.score(candidate, key(random::Purpose::noise), scored);
    } catch (const DivergenceError&) {  // weights that are all zero need not mean anything
    }
  }
  search::Problem<S> problem() const {
    return {
        .key = key(random::Purpose::search),
        .objectives = Objective::count,
        .violation =
            [this](const Encoding& code) {
              return options_.constraints.violation(cost_of<S>(code, options_.constraints.rule));
            },
        .explain =
            [this](const Encoding& code) {
              return options_.constraints.explain(cost_of<S>(code, options_.constraints.rule));
            }};
  }
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

  template <class Store>
  void train_shared(Result& result, std::optional<SharedWeights> recorded, Store& storage) {
    if constexpr (Train::shares_weights) {
      Model& model = main_bench().model;
      model.initialize(key(random::Purpose::initialize), options_.train.recipe.initialization);
      keep_initial_weights(main_bench());
      const auto weights = model.parameters();
      const auto statistics = model.buffers();
      if (recorded) {
        if (recorded->parameters.size() != weights.size() ||
            recorded->statistics.size() != statistics.size()) {
          throw DataError(
              "experiment: the storage holds " + std::to_string(recorded->parameters.size()) +
              " weights and " + std::to_string(recorded->statistics.size()) +
              " statistics of the supernet, which has " + std::to_string(weights.size()) + " and " +
              std::to_string(statistics.size()));
        }
        std::copy(recorded->parameters.begin(), recorded->parameters.end(), weights.begin());
        std::copy(recorded->statistics.begin(), recorded->statistics.end(), statistics.begin());
        result.supernet_history = std::move(recorded->history);
        return;
      }
      result.supernet_history = options_.train.template run<S>(
          model, main_bench().loader, key(random::Purpose::path), watch("supernet"));
      storage.keep(SharedWeights{{weights.begin(), weights.end()},
                                 {statistics.begin(), statistics.end()},
                                 result.supernet_history});
    }
  }

  /// Gives a bench the weights to measure a candidate with.
  void prepare(Bench& bench, const Encoding& code, std::size_t trial) const {
    if constexpr (Train::shares_weights) {
      if (options_.recalibration_batches > 0) {
        supernet::recalibrate(bench.model, bench.loader, code.data(),
                              static_cast<std::size_t>(options_.recalibration_batches),
                              options_.recalibration);
      }
    } else {
      bench.model.initialize(key(random::Purpose::initialize).with(trial),
                             options_.train.recipe.initialization);
      keep_initial_weights(bench);
      train::run_training(
          bench.model, options_.train.recipe, bench.loader, key(random::Purpose::path),
          [&](long) { return code.data(); }, [](const train::Step&) {});
    }
  }
  static void keep_initial_weights(Bench& bench) {
    const auto weights = bench.model.parameters();
    bench.initial_weights.assign(weights.begin(), weights.end());
  }

  /// Trials that are recorded already are told to the strategy and not measured again.
  template <class Store>
  void search(Result& result, std::vector<Trial<Encoding>> recorded, Store& storage) {
    const auto ask = problem();
    typename Search::template Run<S> run(options_.search, ask);
    ExperimentProgress progress{.phase = "search", .total = options_.evaluations};
    std::string first_failure;
    share_weights();
    while (progress.done < options_.evaluations) {
      const std::vector<Encoding> proposals = run.ask(std::min(
          options_.candidates_at_once, options_.evaluations - static_cast<int>(progress.done)));
      if (proposals.empty()) break;
      const std::size_t before = result.trials.size();
      std::vector<search::Outcome> outcomes(proposals.size());
      std::vector<std::size_t> open;  // trials to measure now
      for (std::size_t i = 0; i < proposals.size(); ++i) {
        const Encoding& code = proposals[i];
        outcomes[i].violation = ask.violation(code);
        Trial<Encoding>& trial = result.trials.emplace_back();
        if (before + i < recorded.size()) {
          trial = std::move(recorded[before + i]);
          check_recorded(trial, before + i, code, outcomes[i].violation);
        } else if (outcomes[i].violation > 0) {
          trial.status = TrialStatus::infeasible;
        } else {
          open.push_back(before + i);
        }
        trial.encoding = code;
        trial.cost = cost_of<S>(code);
      }
      // (a strategy may give more than it was asked for)
      for (std::size_t done = 0; done < open.size(); done += benches_.size()) {
        parallel_for_each_index(std::min(benches_.size(), open.size() - done), [&](std::size_t i) {
          const std::size_t trial = open[done + i];
          measure(*benches_[i], result.trials[trial], trial);
        });
      }
      for (std::size_t i = 0; i < proposals.size(); ++i) {
        const Trial<Encoding>& trial = result.trials[before + i];
        search::Outcome& outcome = outcomes[i];
        if (before + i >= recorded.size()) storage.append(trial);
        if (trial.status != TrialStatus::infeasible) ++progress.done;
        if (trial.status == TrialStatus::measured) {
          outcome.scores = trial.scored.scores;
          if (!(progress.best >= outcome.scores[0])) progress.best = outcome.scores[0];
        } else if (trial.status == TrialStatus::diverged) {
          outcome.failed = true;
          ++progress.failures;
          if (first_failure.empty()) first_failure = trial.message;
        }
        run.tell(trial.encoding, outcome);
        observer_.on_progress(progress);
      }
    }
    if (recorded.size() > result.trials.size()) {
      throw DataError("experiment: the storage holds " + std::to_string(recorded.size()) +
                      " trials, but the search ended after " +
                      std::to_string(result.trials.size()) + ": the record is of another run");
    }
    benches_.resize(1);
    if (progress.done == progress.failures) {
      throw DivergenceError("search: all " + std::to_string(progress.done) +
                            " architectures failed; the first: " + first_failure);
    }
  }

  static void check_recorded(const Trial<Encoding>& trial, std::size_t index, const Encoding& code,
                             double violation) {
    const bool measured = trial.status == TrialStatus::measured;
    const std::size_t values = measured ? Objective::count : 0;
    std::string what;
    if (trial.encoding != code) {
      what = "is " + to_string(trial.encoding) + ", but the strategy proposes " + to_string(code);
    } else if ((trial.status == TrialStatus::infeasible) != (violation > 0)) {
      what = "is recorded as " + std::string(enum_name(trial.status)) +
             ", which its constraints contradict";
    } else if (trial.scored.scores.size() != values || trial.scored.measurements.size() != values) {
      what = "has " + std::to_string(trial.scored.scores.size()) + " scores and " +
             std::to_string(trial.scored.measurements.size()) + " measurements, expected " +
             std::to_string(values);
    } else {
      return;
    }
    throw DataError("experiment: trial " + std::to_string(index) + " of the storage " + what +
                    ": the record is damaged or of another run");
  }

  void measure(Bench& bench, Trial<Encoding>& trial, std::size_t index) const {
    try {
      prepare(bench, trial.encoding, index);
      supernet::Candidate<Model, shape> candidate(bench.model, validation_, trial.encoding.data(),
                                                  trial.cost, bench.initial_weights);
      options_.objective.score(candidate, key(random::Purpose::noise, index), trial.scored);
    } catch (const DivergenceError& failure) {
      trial.status = TrialStatus::diverged;
      trial.scored = {};
      trial.message = failure.what();
    }
  }

  /// The best trial by its first score, and the trials that no other dominates.
  void choose_winner(Result& result) const {
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

  void retrain(Result& result) {
    const Encoding& code = result.best().encoding;
    const auto& recipe = options_.retrain.recipe;
    main_bench().model.initialize(key(random::Purpose::initialize).with(1u << 30),
                                  recipe.initialization);
    Loader loader = retrain_loader(true);
    try {
      result.retrained.history = train::run_training(
          main_bench().model, recipe, loader, key(random::Purpose::dropout).with(1),
          [&](long) { return code.data(); }, watch("retrain"));
    } catch (const DivergenceError& failure) {
      result.retrained.failure = failure.what();
    }
  }

  /// All training images, in the order and changes of the winner's training.
  Loader retrain_loader(bool ahead) const {
    const auto& recipe = options_.retrain.recipe;
    return Loader(data_.train, normalization_,
                  {.batch = recipe.batch, .augment = recipe.augment, .ahead = ahead},
                  key(random::Purpose::shuffle).with(1).seed);
  }

  void test(Result& result) {
    if (!result.retrained.failure.empty()) return;
    const auto all = data::all_indices(data_.test.size());
    const train::EvaluationSet<float, shape> images(data_.test, all, normalization_,
                                                    options_.evaluation_batch);
    result.retrained.test =
        train::evaluate(main_bench().model, images, result.best().encoding.data());
    observer_.on_progress({.phase = "test", .done = 1, .total = 1});
  }

  void keep_winner(Result& result) {
    const auto& best = result.best();
    auto path = supernet::gather(main_bench().model, best.encoding.data());
    nn::Description d = S::Network::describe(best.encoding.data());
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
    if constexpr (requires { S::print(best.encoding); }) {
      result.winner_name = S::print(best.encoding);
    } else {
      result.winner_name = to_string(best.encoding);
    }
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

  void record(Result& result) const {
    io::Json& out = result.record;
    out["tepui"] = version_string;
    out["compiler"] = __VERSION__;
    out["instructions"] = Backend::instructions;
    out["types"] = {{"space", type_name<S>()},
                    {"train", type_name<Train>()},
                    {"objective", type_name<Objective>()},
                    {"search", type_name<Search>()},
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
  }

  const Options& options_;
  const Data& data_;
  O& observer_;
  data::Normalization<shape.channels> normalization_;
  data::Split split_;
  train::EvaluationSet<float, shape> validation_;
  std::vector<std::unique_ptr<Bench>> benches_;  // the first one trains, too
};

}  // namespace tepui
