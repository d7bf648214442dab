#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "tepui/backend/cpu.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/type_name.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/experiment/detail/check_run.hpp"
#include "tepui/experiment/detail/report.hpp"
#include "tepui/experiment/detail/run_phases.hpp"
#include "tepui/experiment/detail/tally.hpp"
#include "tepui/experiment/objective.hpp"
#include "tepui/experiment/observer.hpp"
#include "tepui/experiment/result.hpp"
#include "tepui/metric/performance.hpp"
#include "tepui/nn/any_model.hpp"
#include "tepui/nn/initialize.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/for_each_architecture.hpp"
#include "tepui/space/network_tables.hpp"
#include "tepui/train/from_scratch.hpp"

namespace tepui {

/// @brief Settings of an exploration: as those of an experiment, without a search.
template <class Train, class Objective>
struct ExplorationOptions {
  std::uint64_t seed = 1;
  /// Threads to compute on, >= 1; the results do not depend on it.
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  double validation_fraction = 0.2;  ///< of the training images, held out to measure with
  int evaluation_batch = 100;        ///< images of one trip when measuring, >= 1
  Train train{};                     ///< how every architecture is trained
  Objective objective{};             ///< what is measured
  Train retrain{};                   ///< how the winner is trained, on all training images

  /// Everything that decides the result; threads do not.
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("seed", self.seed);
    visitor("validation_fraction", self.validation_fraction);
    visitor("evaluation_batch", self.evaluation_batch);
    visitor("train", self.train);
    visitor("objective", self.objective);
    visitor("retrain", self.retrain);
  }

  /// @throws SettingError if a setting is out of its range
  void check() const { detail::check_run(*this, detail::SettingCheck("exploration")); }
};

namespace detail {

/// One exploration, whichever architectures were selected.
template <class S, class Train, class Objective, class Backend, class Data>
class ExplorationRun : RunPhases<S, nn::AnyModel<S::input, Data::classes, float, Backend>,
                                 ExplorationOptions<Train, Objective>, Data> {
  using Model = nn::AnyModel<S::input, Data::classes, float, Backend>;
  using Table = typename Model::Table;
  using Options = ExplorationOptions<Train, Objective>;
  using Phases = RunPhases<S, Model, Options, Data>;
  using Phases::options_;

 public:
  using typename Phases::Encoding, typename Phases::Result;

  /// @param tables of the architectures that the encodings stand for
  ExplorationRun(const Options& options, std::span<const Encoding> encodings,
                 std::span<const Table* const> tables, const Data& data, Report report)
      : Phases(options, data, std::move(report)),
        encodings_(encodings),
        tables_(tables),
        loader_(this->training_loader()),
        model_(*tables.front(), this->most_batch()) {
    for (const Table* table : tables_) {
      options_.train.recipe.check_for(table->has_drop_path);
      options_.retrain.recipe.check_for(table->has_drop_path);
    }
    this->rehearse(model_, nullptr, encodings_.front());
  }

  /// @param search what the result file says in place of a strategy
  Result all(std::string_view search) {
    Result result;
    this->template record<Train, Objective, Backend>(result, search);
    result.timings.search_seconds = this->timed([&] { measure_all(result); });
    this->choose_winner(result);
    model_.use(*tables_[result.winner]);
    this->finish(result, model_, nullptr, [&](random::Key key, nn::Initialization scheme) {
      initialize(result.best().encoding, key, scheme);
    });
    return result;
  }

 private:
  void measure_all(Result& result) {
    Tally tally(static_cast<long>(encodings_.size()));
    result.trials.reserve(encodings_.size());
    for (std::size_t i = 0; i < encodings_.size(); ++i) {
      Trial<Encoding>& trial = result.trials.emplace_back();
      trial.encoding = encodings_[i];
      trial.cost = cost_of<S>(trial.encoding);
      model_.use(*tables_[i]);
      this->measure(model_, nullptr, initial_weights_, trial, i, [&] {
        initialize(trial.encoding, this->initial_key(i), options_.train.recipe.initialization);
        this->copy_weights(model_, initial_weights_);
        this->train_alone(model_, nullptr, loader_);
      });
      tally.count(trial);
      this->report_(tally.progress());
    }
    tally.require_success();
  }

  /// Draws the weights that the architecture would get as a path of its space's supernet, so that
  /// both ways to train it begin at the same point.
  void initialize(const Encoding& code, random::Key key, nn::Initialization scheme) {
    const nn::Description path = S::Network::describe(code.data());
    std::vector<float> supernet(S::Network::parameters);
    nn::initialize_parameters<float>(supernet, path, key, scheme);
    auto next = model_.parameters().begin();
    for (const ParameterInfo& tensor : path.parameters) {
      next = std::copy_n(supernet.data() + tensor.offset, tensor.count, next);
    }
    nn::initialize_buffers(model_.buffers(), model_.describe());
  }

  std::span<const Encoding> encodings_;
  std::span<const Table* const> tables_;
  typename Phases::Loader loader_;
  Model model_;
  std::vector<float> initial_weights_;
};

}  // namespace detail

/// @brief Trains and measures every architecture of a selection as a static network of its own.
///
/// run(data) trains each from scratch on a part of the training images, measures it on the rest,
/// takes the best, trains that on all training images and tests it once. The result is that of an
/// Experiment, with the architectures as trials in the order of the selection.
/// @tparam Chosen    a constant made by select
/// @tparam Train     train::FromScratch of an optimizer
/// @tparam Objective what is measured: objective::Maximize, Minimize or Several
/// @tparam Backend   where it computes
/// @tparam Shards    0: the architectures are compiled in this source file; otherwise in so many of
///                   their own, which tepui_add_exploration writes
/// @determinism the same options and data give the same result, bit for bit, for every number of
///              threads and shards. Every architecture starts from the weights it would have in
///              Experiment<S, train::FromScratch<>, ..., search::Exhaustive>, and sees the same
///              images in the same order. docs/explore.md says when the results have the same bits.
template <auto Chosen, class Train = train::FromScratch<>,
          class Objective = objective::Maximize<metric::Accuracy>, class Backend = backend::Cpu,
          std::size_t Shards = 0>
class Exploration {
  using Selected = std::remove_const_t<decltype(Chosen)>;
  static_assert(space::detail::is_selection<Selected>,
                "exploration: the first argument must be a constant made by tepui::select");
  static_assert(Selected::size() > 0,
                "exploration: the selection is empty; at least one architecture is needed");
  static_assert(!Train::shares_weights,
                "exploration: every architecture is trained by itself; the training must be "
                "train::FromScratch");

 public:
  using SpaceType = typename Selected::SpaceType;
  using Encoding = typename Selected::Encoding;
  using Options = ExplorationOptions<Train, Objective>;
  using Result = ExperimentResult<Encoding>;
  /// Visits every architecture, in the shards if there are any.
  using Visitor = space::NetworkTables<SpaceType, float, Backend>;

  Exploration() = default;
  explicit Exploration(Options options) : options_(std::move(options)) {}

  [[nodiscard]] const Options& options() const { return options_; }

  /// @brief Runs everything.
  /// @param data     training and test images of the shape and classes that the space takes
  /// @param observer told how far the run is; see Observer
  /// @throws DataError if a label does not exist or images and labels do not belong together
  /// @throws SettingError on settings out of range
  /// @throws DivergenceError if every architecture diverged
  template <data::DatasetLike Data, Observer O = Unobserved>
  [[nodiscard]] Result run(const Data& data, O&& observer = {}) const {
    static_assert(Data::shape == SpaceType::input,
                  "exploration: the data set's images have another shape than the space takes");
    static_assert(
        Data::classes == static_cast<int>(SpaceType::Network::output.size()),
        "exploration: the data set has another number of classes than the space's network");
    Visitor networks;
    if constexpr (Shards == 0) {
      for_each_architecture<Chosen>(networks);
    } else {
      for_each_architecture_in_shards<Chosen, Shards>(networks);
    }
    using Run = detail::ExplorationRun<SpaceType, Train, Objective, Backend, Data>;
    ThreadLimit limit(options_.threads);
    return limit.run([&] {
      return Run(options_, Chosen.encodings, networks.tables, data, detail::report_to(observer))
          .all(type_name<Selected>());
    });
  }

 private:
  Options options_;
};

}  // namespace tepui
