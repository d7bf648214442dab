#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tepui/backend/cpu.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/type_name.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/experiment/detail/report.hpp"
#include "tepui/experiment/detail/run_phases.hpp"
#include "tepui/experiment/detail/search_loop.hpp"
#include "tepui/experiment/detail/storage_calls.hpp"
#include "tepui/experiment/objective.hpp"
#include "tepui/experiment/observer.hpp"
#include "tepui/experiment/options.hpp"
#include "tepui/experiment/result.hpp"
#include "tepui/experiment/storage.hpp"
#include "tepui/flatness/genas.hpp"
#include "tepui/metric/performance.hpp"
#include "tepui/nn/contains.hpp"
#include "tepui/nn/dropout.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/search/regularized_evolution.hpp"
#include "tepui/search/strategy.hpp"
#include "tepui/space/space.hpp"
#include "tepui/supernet/recalibrate.hpp"
#include "tepui/train/from_scratch.hpp"
#include "tepui/train/single_path.hpp"

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
  static constexpr bool takes_objectives = search::TakesObjectives<Search, Objective::count>;
  static_assert(takes_objectives,
                "experiment: the strategy does not take this number of objectives (see its "
                "min_objectives and max_objectives); search::Nsga2 takes several");

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
    return run_with(data, detail::report_to(observer), Stored::of(storage));
  }

  /// @brief Refuses now what run would refuse: trains nothing, measures one image.
  /// @throws as run
  template <data::DatasetLike Data>
  void check(const Data& data) const {
    ThreadLimit limit(options_.threads);
    Unobserved nobody;
    limit.run([&] { (void)Run<Data>(*this, data, detail::report_to(nobody)); });
  }

 private:
  using Stored = detail::StorageCalls<Encoding>;
  template <class Data>
  class Run;

  template <class Data>
  Result run_with(const Data& data, const detail::Report& report, const Stored& storage) const {
    ThreadLimit limit(options_.threads);
    return limit.run([&] { return Run<Data>(*this, data, report).all(storage); });
  }

  Options options_;
};

/// One run: the phases in order, and what they hand on.
template <class S, class Train, class Objective, class Search, class Backend>
template <class Data>
class Experiment<S, Train, Objective, Search, Backend>::Run
    : detail::RunPhases<S, Model, Options, Data> {
  using Phases = detail::RunPhases<S, Model, Options, Data>;
  using Phases::key, Phases::options_, Phases::timed;
  using typename Phases::Loader;

 public:
  Run(const Experiment& experiment, const Data& data, detail::Report report)
      : Phases(experiment.options_, data, std::move(report)) {
    constexpr bool has_drop_path = nn::contains<nn::DropPath, typename S::Network::Body>;
    options_.train.recipe.check_for(has_drop_path);
    options_.retrain.recipe.check_for(has_drop_path);
    benches_.reserve(static_cast<std::size_t>(options_.candidates_at_once));
    add_bench();
    rehearse();
  }

  Result all(const Stored& storage) {
    Result result;
    this->template record<Train, Objective, Backend>(result, type_name<Search>());
    Recorded<Encoding> recorded = storage.open(result.record);
    result.timings.supernet_seconds =
        timed([&] { train_shared(result, std::move(recorded.supernet), storage); });
    result.timings.search_seconds =
        timed([&] { search(result, std::move(recorded.trials), storage); });
    this->choose_winner(result);
    Model& model = main_bench().model;
    this->finish(
        result, model, result.best().encoding.data(),
        [&](random::Key from, nn::Initialization scheme) { model.initialize(from, scheme); });
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
    benches_.push_back(
        std::unique_ptr<Bench>(new Bench{this->training_loader(), Model(this->most_batch()), {}}));
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

  void rehearse() {
    typename Search::template Run<S> strategy(options_.search, problem());
    const std::vector<Encoding> first = strategy.ask(1);
    const Encoding code = first.empty() ? Encoding{} : first.front();
    Phases::rehearse(main_bench().model, code.data(), code);
  }
  search::Problem<S> problem() const {
    return detail::problem_of<S>(key(random::Purpose::search), Objective::count,
                                 options_.constraints);
  }

  void train_shared(Result& result, [[maybe_unused]] std::optional<SharedWeights> recorded,
                    [[maybe_unused]] const Stored& storage) {
    if constexpr (Train::shares_weights) {
      Model& model = main_bench().model;
      model.initialize(key(random::Purpose::initialize), options_.train.recipe.initialization);
      this->copy_weights(model, main_bench().initial_weights);
      if (recorded) {
        const auto weights = model.parameters();
        const auto statistics = model.buffers();
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
          model, main_bench().loader, key(random::Purpose::path), this->watch("supernet"));
      const auto weights = std::as_const(model).parameters();
      const auto statistics = std::as_const(model).buffers();
      storage.keep(SharedWeights{{weights.begin(), weights.end()},
                                 {statistics.begin(), statistics.end()},
                                 result.supernet_history});
    }
  }

  /// Gives a bench the weights to measure a candidate with.
  void prepare(Bench& bench, const std::uint8_t* choices, std::size_t trial) const {
    if constexpr (Train::shares_weights) {
      if (options_.recalibration_batches > 0) {
        supernet::recalibrate(bench.model, bench.loader, choices,
                              static_cast<std::size_t>(options_.recalibration_batches),
                              options_.recalibration);
      }
    } else {
      bench.model.initialize(this->initial_key(trial), options_.train.recipe.initialization);
      this->copy_weights(bench.model, bench.initial_weights);
      this->train_alone(bench.model, choices, bench.loader);
    }
  }

  void search(Result& result, std::vector<Trial<Encoding>> recorded, const Stored& storage) {
    share_weights();
    const detail::SearchLoop<S, Search> loop{
        .strategy = options_.search,
        .evaluations = options_.evaluations,
        .at_once = options_.candidates_at_once,
        .measure = [this](std::size_t bench, Trial<Encoding>& trial,
                          std::size_t index) { measure(*benches_[bench], trial, index); },
        .append = storage.append,
        .report = this->report_};
    loop.run(problem(), result.trials, std::move(recorded));
    benches_.resize(1);
  }

  void measure(Bench& bench, Trial<Encoding>& trial, std::size_t index) const {
    const std::uint8_t* choices = trial.encoding.data();
    Phases::measure(bench.model, choices, bench.initial_weights, trial, index,
                    [&] { prepare(bench, choices, index); });
  }

  std::vector<std::unique_ptr<Bench>> benches_;  // the first one trains, too
};

}  // namespace tepui
