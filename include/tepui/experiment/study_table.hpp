#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "tepui/core/file.hpp"
#include "tepui/core/summary.hpp"
#include "tepui/cost/cost.hpp"
#include "tepui/experiment/detail/study_ranks.hpp"
#include "tepui/export/csv.hpp"
#include "tepui/export/json.hpp"

namespace tepui {

/// @brief One experiment of a study.
struct StudyRun {
  std::uint64_t seed = 0;
  std::string failure{};       ///< why it diverged; empty if it did not
  double test_accuracy = 0;    ///< of the retrained winner, in [0, 1]
  double objective = 0;        ///< the winner's first objective, as measured
  std::string encoding{};      ///< the winner
  std::string architecture{};  ///< the same in the words of its space
  Cost cost{};
  double seconds = 0;

  [[nodiscard]] bool failed() const { return !failure.empty(); }
};

/// @brief One combination of policies and what its runs found.
struct StudyCell {
  std::string optimizer;
  std::string measure;
  std::string strategy;
  std::vector<StudyRun> runs;  ///< one per seed, in the order of the seeds
  Summary test_accuracy{};     ///< over the runs that did not fail
  Summary objective{};         ///< likewise; comparable between cells of one measure only
  double mean_rank = 0;        ///< by test accuracy within each seed; 1 is the best
  std::size_t failures = 0;

  [[nodiscard]] std::string name() const { return optimizer + " / " + measure + " / " + strategy; }
};

/// @brief Everything a study found out.
struct StudyTable {
  std::vector<StudyCell> cells;
  std::vector<std::uint64_t> seeds;
  std::vector<std::string> dropped;  ///< combinations that are impossible and were not run
  /// Friedman's test over seeds on the test accuracies; a failed run takes the last rank.
  RankTest ranks;
  io::Json record;  ///< types, options, data and versions: what is needed to run again

  /// @brief Derives the summaries and ranks from the runs.
  void summarize() {
    std::vector<std::vector<double>> blocks(seeds.size());
    for (StudyCell& cell : cells) {
      std::vector<double> accuracies, objectives;
      cell.failures = 0;
      for (std::size_t s = 0; s < cell.runs.size(); ++s) {
        const StudyRun& run = cell.runs[s];
        blocks.at(s).push_back(run.failed() ? -std::numeric_limits<double>::infinity()
                                            : run.test_accuracy);
        if (run.failed()) {
          ++cell.failures;
        } else {
          accuracies.push_back(run.test_accuracy);
          objectives.push_back(run.objective);
        }
      }
      cell.test_accuracy = Summary::of(accuracies);
      cell.objective = Summary::of(objectives);
    }
    ranks = detail::friedman(blocks);
    for (std::size_t c = 0; c < cells.size() && c < ranks.mean_rank.size(); ++c) {
      cells[c].mean_rank = ranks.mean_rank[c];
    }
  }

  /// @brief Writes study.csv (one row per cell), runs.csv (one row per run) and study.json.
  ///
  /// The directory is made if need be; all files are written before an old one is replaced.
  /// @throws FileError if something cannot be written
  template <class Json = io::Json>
  void save(const std::filesystem::path& directory) const {
    make_directory(directory);
    StagedFile files[] = {{directory / "study.csv", cells_table().text()},
                          {directory / "runs.csv", runs_table().text()},
                          {directory / "study.json", io::dump<Json>(json<Json>())}};
    for (StagedFile& file : files) file.commit();
  }

  /// @return one row per cell
  [[nodiscard]] io::CsvWriter cells_table() const {
    io::CsvWriter out{"optimizer",
                      "measure",
                      "strategy",
                      "runs",
                      "failures",
                      "test_accuracy",
                      "test_accuracy.deviation",
                      "objective",
                      "objective.deviation",
                      "mean_rank"};
    for (const StudyCell& c : cells) {
      out.row(c.optimizer, c.measure, c.strategy, c.runs.size(), c.failures, c.test_accuracy.mean,
              c.test_accuracy.deviation, c.objective.mean, c.objective.deviation, c.mean_rank);
    }
    return out;
  }

  /// @return one row per run; numbers of a run that failed are empty
  [[nodiscard]] io::CsvWriter runs_table() const {
    io::CsvWriter out{"optimizer",     "measure",      "strategy", "seed",
                      "test_accuracy", "objective",    "params",   "macs",
                      "encoding",      "architecture", "seconds",  "failure"};
    for (const StudyCell& c : cells) {
      for (const StudyRun& r : c.runs) {
        if (r.failed()) {
          out.row(c.optimizer, c.measure, c.strategy, r.seed, "", "", "", "", r.encoding,
                  r.architecture, r.seconds, r.failure);
        } else {
          out.row(c.optimizer, c.measure, c.strategy, r.seed, r.test_accuracy, r.objective,
                  r.cost.params, r.cost.macs, r.encoding, r.architecture, r.seconds, r.failure);
        }
      }
    }
    return out;
  }

  /// @return the contents of study.json; everything but "seconds" repeats bit for bit
  template <class Json = io::Json>
  [[nodiscard]] Json json() const {
    Json out = record;
    out["seeds"] = seeds;
    out["dropped"] = dropped;
    out["rank_test"] = {{"name", "Friedman"},         {"blocks", seeds.size()},
                        {"treatments", cells.size()}, {"chi_square", ranks.chi_square},
                        {"degrees", ranks.degrees},   {"p_value", ranks.p_value}};
    out["cells"] = Json::array();
    for (const StudyCell& c : cells) {
      Json cell{{"optimizer", c.optimizer},
                {"measure", c.measure},
                {"strategy", c.strategy},
                {"test_accuracy", summary_json<Json>(c.test_accuracy)},
                {"objective", summary_json<Json>(c.objective)},
                {"mean_rank", c.mean_rank},
                {"failures", c.failures}};
      cell["runs"] = Json::array();
      for (const StudyRun& r : c.runs) cell["runs"].push_back(run_json<Json>(r));
      out["cells"].push_back(std::move(cell));
    }
    return out;
  }

 private:
  template <class Json>
  static Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
  }
  template <class Json>
  static Json summary_json(const Summary& s) {
    return {{"runs", s.count},
            {"mean", number<Json>(s.mean)},
            {"deviation", number<Json>(s.deviation)}};
  }
  template <class Json>
  static Json run_json(const StudyRun& r) {
    Json out{{"seed", r.seed}, {"seconds", r.seconds}};
    if (!r.encoding.empty()) {
      out["encoding"] = r.encoding;
      out["architecture"] = r.architecture;
    }
    if (r.failed()) {
      out["failure"] = r.failure;
      return out;
    }
    out["test_accuracy"] = r.test_accuracy;
    out["objective"] = r.objective;
    out["cost"] = {
        {"params", r.cost.params}, {"macs", r.cost.macs}, {"activations", r.cost.activations}};
    return out;
  }
};

}  // namespace tepui
