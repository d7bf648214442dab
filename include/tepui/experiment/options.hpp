#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>

#include "tepui/cost/constraints.hpp"
#include "tepui/experiment/detail/check_run.hpp"
#include "tepui/supernet/recalibrate.hpp"
#include "tepui/train/from_scratch.hpp"

namespace tepui {

/// @brief Settings of an experiment: numbers that a sweep changes without compiling again.
template <class Train, class Objective, class Search>
struct ExperimentOptions {
  using Retrain = train::FromScratch<typename Train::OptimizerType, typename Train::ScheduleType>;

  std::uint64_t seed = 1;
  /// Threads to compute on, >= 1; the results do not depend on it.
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  int evaluations = 100;  ///< architectures measured at most, >= 1
  /// Architectures asked for and measured at a time, 1 to 64, each with a supernet's weights, arena
  /// and loader of its own. The strategy learns of them together, so that the search takes another
  /// course; threads only decide how many of them really run side by side.
  int candidates_at_once = 1;
  double validation_fraction = 0.2;  ///< of the training images, held out to measure candidates
  int evaluation_batch = 100;        ///< images of one trip when measuring, >= 1
  int recalibration_batches = 8;     ///< training batches that refresh a path's statistics, >= 0
  supernet::Averaging recalibration = supernet::Averaging::cumulative;
  Train train{};          ///< how the weights come about that candidates are measured with
  Objective objective{};  ///< what is measured
  Search search{};        ///< how candidates are proposed
  Retrain retrain{};      ///< how the winner is trained from scratch, on all training images
  Constraints constraints{};

  /// Everything that decides the result; threads do not.
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("seed", self.seed);
    visitor("evaluations", self.evaluations);
    visitor("candidates_at_once", self.candidates_at_once);
    visitor("validation_fraction", self.validation_fraction);
    visitor("evaluation_batch", self.evaluation_batch);
    visitor("recalibration_batches", self.recalibration_batches);
    visitor("recalibration", self.recalibration);
    visitor("train", self.train);
    visitor("objective", self.objective);
    visitor("search", self.search);
    visitor("retrain", self.retrain);
    visitor("constraints", self.constraints);
  }

  /// @throws SettingError if a setting is out of its range
  void check() const {
    const detail::SettingCheck require("experiment");
    require(evaluations >= 1, "evaluations", std::to_string(evaluations), "at least 1");
    require(candidates_at_once >= 1 && candidates_at_once <= 64, "candidates_at_once",
            std::to_string(candidates_at_once), "1 to 64");
    require(recalibration_batches >= 0, "recalibration_batches",
            std::to_string(recalibration_batches), "at least 0");
    detail::check_run(*this, require);
  }
};

}  // namespace tepui
