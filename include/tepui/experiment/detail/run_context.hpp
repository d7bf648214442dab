#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
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
#include "tepui/experiment/detail/report.hpp"
#include "tepui/experiment/result.hpp"
#include "tepui/export/cpp_header.hpp"
#include "tepui/export/json.hpp"
#include "tepui/nn/description.hpp"
#include "tepui/search/dominance.hpp"
#include "tepui/space/space.hpp"
#include "tepui/space/spell.hpp"
#include "tepui/supernet/extract.hpp"
#include "tepui/train/evaluation_set.hpp"
#include "tepui/train/trainer.hpp"
#include "tepui/version.hpp"

namespace tepui::detail {

/// Settings that every run has.
struct RunSettings {
  std::uint64_t seed;
  int threads;
  double validation_fraction;
  int evaluation_batch;
};

/// What a result says of a run's policies.
struct RunTypes {
  std::string_view train, objective, search, backend, instructions;
  std::string device{};  ///< empty: the processor
};

/// @brief What a run does whatever its policies are: it splits and hands out images, trains by a
/// recipe, tests the winner and keeps it.
///
/// Does not depend on the policies' types, so that programs with many experiments on one space, as
/// a Study is, compile it once.
/// A model and `choices` stand for an architecture: a supernet and a path, or the architecture's
/// own network and null.
template <class S, class Model, class Data>
class RunContext {
 public:
  using Encoding = typename S::Encoding;
  using Result = ExperimentResult<Encoding>;

 protected:
  static constexpr Shape shape = Data::shape;
  using Loader = data::Loader<float, shape>;
  using Clock = std::chrono::steady_clock;

  RunContext(const RunSettings& settings, const Data& data, Report report)
      : settings_(settings),
        data_(checked(data)),
        report_(std::move(report)),
        normalization_(data::measure(data.train)),
        split_(data::split(data.train, 1.0 - settings.validation_fraction,
                           key(random::Purpose::split), data::Balance::per_class)),
        validation_(data.train, split_.second, normalization_, settings.evaluation_batch) {}

  random::Key key(random::Purpose purpose, std::uint64_t step = 0) const {
    return {settings_.seed, purpose, step};
  }
  template <class Work>
  static double timed(Work&& work) {
    const auto begin = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }
  StepReport watch(std::string_view phase) const { return {phase, &report_}; }
  /// The images that candidates are trained on.
  Loader training_loader(int batch, const data::Augment& augment) const {
    return Loader(data_.train, split_.first, normalization_, {.batch = batch, .augment = augment},
                  settings_.seed);
  }
  /// All training images, in the order and changes of the winner's training.
  Loader retrain_loader(int batch, const data::Augment& augment, bool ahead) const {
    return Loader(data_.train, normalization_, {.batch = batch, .augment = augment, .ahead = ahead},
                  key(random::Purpose::shuffle).with(1).seed);
  }
  /// Trains an architecture that has been given its first weights.
  template <class Recipe>
  static std::vector<train::EpochSummary> train_one(Model& model, const Recipe& recipe,
                                                    const std::uint8_t* choices, Loader& loader,
                                                    random::Key from, const StepReport& watch) {
    return train::run_training(
        model, recipe, loader, from, [choices](long) { return choices; }, watch);
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

  /// Trains the winner, which has its first weights.
  template <class Recipe>
  void retrain(Result& result, Model& model, const Recipe& recipe, const std::uint8_t* choices) {
    Loader loader = retrain_loader(recipe.batch, recipe.augment, true);
    try {
      result.retrained.history = train_one(model, recipe, choices, loader,
                                           key(random::Purpose::dropout).with(1), watch("retrain"));
    } catch (const DivergenceError& failure) {
      result.retrained.failure = failure.what();
    }
  }
  void test(Result& result, Model& model, const std::uint8_t* choices) {
    if (!result.retrained.failure.empty()) return;
    const auto all = data::all_indices(data_.test.size());
    const train::EvaluationSet<float, shape> images(data_.test, all, normalization_,
                                                    settings_.evaluation_batch);
    result.retrained.test = train::evaluate(model, images, choices);
    report_(ExperimentProgress{.phase = "test", .done = 1, .total = 1});
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
    header.seed = settings_.seed;
    header.notes = {{"structure", result.winner_name}, {"data", data_.name}};
    header.mean.assign(normalization_.mean.begin(), normalization_.mean.end());
    header.deviation.assign(normalization_.deviation.begin(), normalization_.deviation.end());
    result.winner_header = io::header_text(space::spell<S>(best.encoding), "float", header,
                                           static_cast<std::size_t>(best.cost.params));
  }

  /// What is needed to run again.
  void record(Result& result, const RunTypes& types, io::Json options) const {
    auto& out = result.record;  // of a type that depends on ours: checked only where it is used
    out["tepui"] = version_string;
    out["compiler"] = __VERSION__;
    out["instructions"] = types.instructions;
    if (!types.device.empty()) out["device"] = types.device;
    out["types"] = {{"space", type_name<S>()},
                    {"train", types.train},
                    {"objective", types.objective},
                    {"search", types.search},
                    {"backend", types.backend}};
    out["options"] = std::move(options);
    out["data"] = {{"name", data_.name},
                   {"fingerprint", data::fingerprint(data_)},
                   {"shape", to_string(shape)},
                   {"classes", Data::classes},
                   {"train_images", data_.train.size()},
                   {"test_images", data_.test.size()},
                   {"mean", normalization_.mean},
                   {"deviation", normalization_.deviation}};
    result.timings.threads = settings_.threads;
  }

 private:
  static const Data& checked(const Data& data) {
    data::check(data);
    return data;
  }

 protected:
  RunSettings settings_;
  const Data& data_;
  Report report_;
  data::Normalization<shape.channels> normalization_;
  data::Split split_;
  train::EvaluationSet<float, shape> validation_;
};

}  // namespace tepui::detail
