#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/file.hpp"
#include "tepui/core/landscape.hpp"
#include "tepui/cost/cost.hpp"
#include "tepui/experiment/trial.hpp"
#include "tepui/export/cpp_header.hpp"
#include "tepui/export/csv.hpp"
#include "tepui/export/json.hpp"
#include "tepui/export/parameters.hpp"
#include "tepui/nn/description.hpp"
#include "tepui/space/encoding.hpp"
#include "tepui/train/trainer.hpp"

namespace tepui {

/// @brief The winner trained from scratch.
struct Retrained {
  std::vector<train::EpochSummary> history;
  Evaluation test;      ///< on the test set; zero if training diverged
  std::string failure;  ///< why training diverged; empty if it did not
};

/// Wall-clock seconds of the phases.
struct Timings {
  double supernet_seconds = 0;
  double search_seconds = 0;
  double retrain_seconds = 0;
  double test_seconds = 0;
  int threads = 0;
};

/// @brief Everything an experiment found out.
template <class Encoding>
struct ExperimentResult {
  std::vector<std::string> objectives;  ///< names, in the order of the scores
  std::vector<Trial<Encoding>> trials;  ///< in the order of the proposals
  std::size_t winner = 0;               ///< index into trials
  std::vector<std::size_t> front;       ///< indices of the trials that no other dominates
  std::vector<train::EpochSummary> supernet_history;
  Retrained retrained;
  Timings timings;

  std::string winner_name;    ///< the architecture in the words of its space
  io::Json record;            ///< types, options, data and versions: what is needed to run again
  std::string winner_header;  ///< text of winner.hpp
  std::vector<float> winner_parameters;
  std::vector<float> winner_buffers;
  std::vector<ParameterInfo> winner_tensors;
  std::vector<nn::BufferInfo> winner_statistics;

  [[nodiscard]] const Trial<Encoding>& best() const { return trials.at(winner); }

  /// @brief Writes results.json, trials.csv, winner.hpp and winner.safetensors into a directory.
  ///
  /// The directory is made if need be. All files are written beside the old ones before the first
  /// of those is replaced, results.json last. A winner whose training diverged has no weights, and
  /// those of an earlier run are removed.
  /// @throws FileError if something cannot be written
  void save(const std::filesystem::path& directory) const {
    make_directory(directory);
    std::vector<StagedFile> files;
    files.emplace_back(directory / "trials.csv", trials_table().text());
    files.emplace_back(directory / "winner.hpp", winner_header);
    const std::filesystem::path weights = directory / "winner.safetensors";
    if (retrained.failure.empty()) {
      files.emplace_back(weights, io::parameters_bytes<float>(winner_parameters, winner_tensors,
                                                              winner_buffers, winner_statistics));
    }
    files.emplace_back(directory / "results.json", io::dump(json()));
    if (!retrained.failure.empty()) remove_file(weights);
    for (StagedFile& file : files) file.commit();
  }

  /// @return the contents of results.json; everything but "timings" repeats bit for bit
  template <class Json = io::Json>
  [[nodiscard]] Json json() const {
    Json out = record;
    std::size_t counts[3] = {};
    for (const auto& t : trials) ++counts[static_cast<std::size_t>(t.status)];
    out["trials"] = {{"measured", counts[0]}, {"diverged", counts[1]}, {"infeasible", counts[2]}};
    out["supernet"] = history_json<Json>(supernet_history);
    const auto& w = best();
    Json& winner_json = out["winner"];
    winner_json["encoding"] = to_string(w.encoding);
    winner_json["architecture"] = winner_name;
    winner_json["cost"] = {
        {"params", w.cost.params}, {"macs", w.cost.macs}, {"activations", w.cost.activations}};
    for (std::size_t k = 0; k < objectives.size(); ++k) {
      const auto& m = w.scored.measurements[k];
      Json measured{{"value", number<Json>(m.value)},
                    {"standard_error", number<Json>(m.standard_error)}};
      for (const auto& [name, value] : m.parts) measured["parts"][name] = number<Json>(value);
      winner_json["measurements"][objectives[k]] = std::move(measured);
    }
    for (const std::size_t i : front) out["front"].push_back(to_string(trials[i].encoding));
    Json& retrained_json = out["retrained"];
    retrained_json["history"] = history_json<Json>(retrained.history);
    if (retrained.failure.empty()) {
      retrained_json["test_accuracy"] = retrained.test.accuracy;
      retrained_json["test_loss"] = retrained.test.loss_per_sample;
      retrained_json["test_images"] = retrained.test.samples;
    } else {
      retrained_json["failure"] = retrained.failure;
    }
    out["timings"] = {{"supernet_seconds", timings.supernet_seconds},
                      {"search_seconds", timings.search_seconds},
                      {"retrain_seconds", timings.retrain_seconds},
                      {"test_seconds", timings.test_seconds},
                      {"threads", timings.threads}};
    return out;
  }

  /// @return one row per proposal
  [[nodiscard]] io::CsvWriter trials_table() const {
    std::vector<std::string> header{"trial", "encoding", "status", "params", "macs", "activations"};
    const auto& measured = best().scored.measurements;
    for (std::size_t k = 0; k < objectives.size(); ++k) {
      header.push_back(objectives[k]);
      header.push_back(objectives[k] + ".standard_error");
      for (const auto& part : measured.at(k).parts) {
        header.push_back(objectives[k] + "." + part.first);
      }
    }
    header.push_back("message");
    io::CsvWriter table(header);
    for (std::size_t i = 0; i < trials.size(); ++i) {
      const auto& t = trials[i];
      std::vector<std::string> row{io::csv_cell(i),
                                   to_string(t.encoding),
                                   std::string(enum_name(t.status)),
                                   io::csv_cell(t.cost.params),
                                   io::csv_cell(t.cost.macs),
                                   io::csv_cell(t.cost.activations)};
      for (std::size_t k = 0; k < t.scored.measurements.size(); ++k) {
        const auto& m = t.scored.measurements[k];
        row.push_back(io::csv_cell(m.value));
        row.push_back(io::csv_cell(m.standard_error));
        for (const auto& part : measured.at(k).parts) {
          row.push_back(io::csv_cell(m.part(part.first)));
        }
      }
      row.resize(header.size() - 1);
      row.push_back(t.message);
      table.cells_row(row);
    }
    return table;
  }

 private:
  template <class Json>
  static Json number(double value) {
    return value - value == 0 ? Json(value) : Json(nullptr);
  }
  template <class Json>
  static Json history_json(const std::vector<train::EpochSummary>& history) {
    Json epochs = Json::array();
    for (const auto& e : history) epochs.push_back(io::to_json(e));
    return epochs;
  }
};

}  // namespace tepui
