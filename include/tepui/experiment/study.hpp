#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/function.hpp"
#include "tepui/core/type_name.hpp"
#include "tepui/core/types.hpp"
#include "tepui/cost/constraints.hpp"
#include "tepui/data/augment.hpp"
#include "tepui/data/fingerprint.hpp"
#include "tepui/experiment/detail/study_cells.hpp"
#include "tepui/experiment/experiment.hpp"
#include "tepui/experiment/observer.hpp"
#include "tepui/experiment/study_table.hpp"
#include "tepui/export/json.hpp"
#include "tepui/version.hpp"

namespace tepui {

/// @return the seeds of a study, one experiment per cell and seed
template <std::integral... Seed>
[[nodiscard]] std::vector<std::uint64_t> seeds(Seed... seed) {
  return {static_cast<std::uint64_t>(seed)...};
}

/// @brief How far a study is.
struct StudyProgress {
  std::string_view cell{};  ///< "Sgd / Genas / Random"
  std::uint64_t seed = 0;
  long done = 0;  ///< experiments finished
  long total = 0;
  ExperimentProgress experiment{};  ///< how far the current one is
};

/// @brief Watches a study; called often, from the thread that runs it.
template <class O>
concept StudyObserver = requires(O& observer, const StudyProgress& progress) {
  observer.on_progress(progress);
};

/// @brief Watches no study.
struct UnobservedStudy {
  void on_progress(const StudyProgress&) {}
};

/// @brief Settings that all cells of a study share, and one set of options per policy.
///
/// `std::get<search::RegularizedEvolution>(options.strategies).population = 10;`
template <class Optimizers, class Measures, class Strategies>
struct StudyOptions;
template <class... O, class... M, class... T>
struct StudyOptions<types<O...>, types<M...>, types<T...>> {
  /// Threads to compute on, >= 1; the results do not depend on it.
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  int evaluations = 100;             ///< architectures measured by one search at most, >= 1
  double validation_fraction = 0.2;  ///< of the training images, held out to measure candidates
  int evaluation_batch = 250;        ///< images of one trip when measuring, >= 1
  int recalibration_batches = 8;     ///< see ExperimentOptions
  supernet::Averaging recalibration = supernet::Averaging::cumulative;
  int epochs = 10;             ///< of the weights that candidates are measured with, >= 1
  int retrain_epochs = 10;     ///< of the winner's training from scratch, >= 1
  int batch = 64;              ///< images of a training step, >= 1
  double label_smoothing = 0;  ///< in [0, 1)
  data::Augment augment{};
  Constraints constraints{};
  /// One of each; an entry that is a way to train (train::FromScratch) keeps its own recipe, of
  /// which retraining takes optimizer, schedule and initialization.
  std::tuple<O...> optimizers{};
  std::tuple<M...> measures{};
  std::tuple<T...> strategies{};

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("evaluations", self.evaluations);
    visitor("validation_fraction", self.validation_fraction);
    visitor("evaluation_batch", self.evaluation_batch);
    visitor("recalibration_batches", self.recalibration_batches);
    visitor("recalibration", self.recalibration);
    visitor("epochs", self.epochs);
    visitor("retrain_epochs", self.retrain_epochs);
    visitor("batch", self.batch);
    visitor("label_smoothing", self.label_smoothing);
    visitor("augment", self.augment);
    visitor("constraints", self.constraints);
    (visitor(short_type_name<O>(), std::get<O>(self.optimizers)), ...);
    (visitor(short_type_name<M>(), std::get<M>(self.measures)), ...);
    (visitor(short_type_name<T>(), std::get<T>(self.strategies)), ...);
  }
};

/// @brief A matrix of policies, each combination run as an Experiment with several seeds.
///
///     using Study = tepui::Study<tepui::space::Small<>,
///                                tepui::types<Sgd, Sam<Sgd>>,
///                                tepui::types<flatness::Genas, flatness::FlatNas>,
///                                tepui::types<search::Random, search::RegularizedEvolution>>;
///     auto table = Study{}.run(data, tepui::seeds(1, 2, 3));
///
/// Every cell is one Experiment type, so that compile time grows with the product of the lists.
/// Combinations that cannot work (search::TakesObjectives) are left out and named in the table. A
/// strategy for several objectives runs on a single one too, unless it says otherwise.
/// @tparam S          the space; all cells search the same one
/// @tparam Optimizers types<...> of optimizers, each training a single-path supernet and the
///                    winner; or of ways to train
/// @tparam Measures   types<...> of metrics and flatness estimators, each searched the way it
///                    points; or of objectives
/// @tparam Strategies types<...> of search strategies
/// @determinism the same options, data and seeds give the same table for every number of threads;
///              only seconds differ
template <class S, class Optimizers, class Measures, class Strategies, class Backend = backend::Cpu>
class Study {
  static_assert(SearchSpace<S>, "study: the first argument must be a search space");
  static_assert(Optimizers::size > 0 && Measures::size > 0 && Strategies::size > 0,
                "study: optimizers, measures and strategies are types<...> of at least one type");
  static_assert(detail::all_different(Optimizers{}) && detail::all_different(Measures{}) &&
                    detail::all_different(Strategies{}),
                "study: a type may be named only once in each list");
  using Cells = detail::PossibleCells<Optimizers, Measures, Strategies>;
  using Dropped = detail::ImpossibleCells<Optimizers, Measures, Strategies>;

 public:
  using Options = StudyOptions<Optimizers, Measures, Strategies>;
  /// Combinations that are run.
  static constexpr std::size_t size = Cells::size;
  static_assert(size > 0,
                "study: none of the combinations is possible; see search::TakesObjectives");

  Study() = default;
  explicit Study(Options options) : options_(std::move(options)) {}

  [[nodiscard]] const Options& options() const { return options_; }

  /// @brief Runs every cell with every seed.
  ///
  /// An experiment that diverges, in its search or when the winner is retrained, or that one of its
  /// policies ends with an error, is a failed run of its cell; the study goes on.
  /// @param seeds at least one, each once
  /// @throws SettingError on settings out of range, before anything runs where they can be known;
  ///         DataError on damaged data
  template <data::DatasetLike Data, StudyObserver O = UnobservedStudy>
  [[nodiscard]] StudyTable run(const Data& data, const std::vector<std::uint64_t>& seeds,
                               O&& observer = {}) const {
    return run_with(data, seeds,
                    [&](const StudyProgress& progress) { observer.on_progress(progress); });
  }

  /// @return the options of one experiment, for looking at or running it by itself
  template <class Optimizer, class Measure, class Strategy>
  [[nodiscard]] auto experiment_options(std::uint64_t seed) const {
    return options_of<detail::CellOf<Optimizer, Measure, Strategy>>(seed);
  }

 private:
  /// Tells an observer, of whatever type, so that the cells are compiled once for all of them.
  using Report = Function<void(const StudyProgress&)>;
  template <class Cell>
  using ExperimentOf = Experiment<S, typename Cell::Train, typename Cell::Objective,
                                  typename Cell::Strategy, Backend>;

  template <class Data>
  StudyTable run_with(const Data& data, const std::vector<std::uint64_t>& seeds,
                      const Report& report) const {
    check(data, seeds);
    StudyTable table;
    table.seeds = seeds;
    table.record = record(data);
    StudyProgress progress{.total = static_cast<long>(size * seeds.size())};
    const auto run_cell = [&]<class Cell>(types<Cell>) {
      StudyCell& cell = table.cells.emplace_back(named<Cell>());
      const std::string name = cell.name();
      progress.cell = name;
      for (const std::uint64_t seed : seeds) {
        progress.seed = seed;
        cell.runs.push_back(run_one<Cell>(data, progress, report));
        ++progress.done;
        progress.experiment = {};
        report(progress);
      }
    };
    [&]<class... Cell>(types<Cell...>) { (run_cell(types<Cell>{}), ...); }(Cells{});
    [&]<class... Cell>(types<Cell...>) {
      (table.dropped.push_back(named<Cell>().name()), ...);
    }(Dropped{});
    table.summarize();
    return table;
  }

  /// Hands on what an experiment tells, with its place in the study.
  struct Watch {
    StudyProgress& progress;
    const Report& report;
    void on_progress(const ExperimentProgress& experiment) {
      progress.experiment = experiment;
      report(progress);
    }
  };

  template <class Cell>
  static StudyCell named() {
    StudyCell cell;
    cell.optimizer = short_type_name<typename Cell::Optimizer>();
    cell.measure = short_type_name<typename Cell::Measure>();
    cell.strategy = short_type_name<typename Cell::Strategy>();
    return cell;
  }

  template <class Data>
  void check(const Data& data, const std::vector<std::uint64_t>& seeds) const {
    if (seeds.empty()) throw SettingError("study: no seeds; give at least one, better three");
    std::vector<std::uint64_t> sorted = seeds;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) {
      throw SettingError("study: seed " + std::to_string(*twice) +
                         " is given twice, which would count one result twice");
    }
    [&]<class... Cell>(types<Cell...>) {
      (ExperimentOf<Cell>{options_of<Cell>(seeds.front())}.check(data), ...);
    }(Cells{});
  }

  template <class Cell>
  typename ExperimentOf<Cell>::Options options_of(std::uint64_t seed) const {
    typename ExperimentOf<Cell>::Options o;
    o.seed = seed;
    o.threads = options_.threads;
    o.evaluations = options_.evaluations;
    o.validation_fraction = options_.validation_fraction;
    o.evaluation_batch = options_.evaluation_batch;
    o.recalibration_batches = options_.recalibration_batches;
    o.recalibration = options_.recalibration;
    o.constraints = options_.constraints;
    const auto& optimizer = std::get<typename Cell::Optimizer>(options_.optimizers);
    if constexpr (detail::TrainPolicy<typename Cell::Optimizer>) {
      o.train = optimizer;
    } else {
      o.train.recipe.optimizer = optimizer;
      o.train.recipe.epochs = options_.epochs;
      share(o.train.recipe);
    }
    o.retrain.recipe.optimizer = o.train.recipe.optimizer;
    o.retrain.recipe.schedule = o.train.recipe.schedule;
    o.retrain.recipe.initialization = o.train.recipe.initialization;
    o.retrain.recipe.epochs = options_.retrain_epochs;
    share(o.retrain.recipe);
    const auto& measure = std::get<typename Cell::Measure>(options_.measures);
    if constexpr (detail::ObjectivePolicy<typename Cell::Measure>) {
      o.objective = measure;
    } else {
      o.objective.metric = measure;
    }
    o.search = std::get<typename Cell::Strategy>(options_.strategies);
    return o;
  }
  template <class Recipe>
  void share(Recipe& recipe) const {
    recipe.batch = options_.batch;
    recipe.label_smoothing = options_.label_smoothing;
    recipe.augment = options_.augment;
  }

  template <class Cell, class Data>
  StudyRun run_one(const Data& data, StudyProgress& progress, const Report& report) const {
    StudyRun run{.seed = progress.seed};
    const auto begin = std::chrono::steady_clock::now();
    try {
      Watch watch{progress, report};
      const auto result = ExperimentOf<Cell>(options_of<Cell>(progress.seed)).run(data, watch);
      const auto& best = result.best();
      run.encoding = to_string(best.encoding);
      run.architecture = result.winner_name;
      run.cost = best.cost;
      run.objective = best.scored.measurements.front().value;
      run.test_accuracy = result.retrained.test.accuracy;
      if (!result.retrained.failure.empty()) run.failure = "winner: " + result.retrained.failure;
    } catch (const Error& failure) {
      run.failure = failure.what();
    }
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return run;
  }

  template <class Data, class Json = io::Json>
  Json record(const Data& data) const {
    Json out;
    out["tepui"] = version_string;
    out["compiler"] = __VERSION__;
    out["instructions"] = Backend::instructions;
    out["types"] = {{"space", type_name<S>()},
                    {"optimizers", type_name<Optimizers>()},
                    {"measures", type_name<Measures>()},
                    {"strategies", type_name<Strategies>()},
                    {"backend", type_name<Backend>()}};
    out["options"] = io::to_json(options_);
    out["data"] = {{"name", data.name},
                   {"fingerprint", data::fingerprint(data)},
                   {"shape", to_string(Data::shape)},
                   {"classes", Data::classes},
                   {"train_images", data.train.size()},
                   {"test_images", data.test.size()}};
    return out;
  }

  Options options_;
};

}  // namespace tepui
