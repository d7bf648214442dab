#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/experiment/trial.hpp"
#include "tepui/export/json.hpp"
#include "tepui/train/trainer.hpp"

/// @file
/// Trials and training histories as JSON and back, every number to the bit.

namespace tepui::detail {

struct PartRecord {
  std::string name;
  double value = 0;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("name", self.name);
    visitor("value", self.value);
  }
};
struct MeasurementRecord {
  double value = 0;
  double standard_error = 0;
  bool larger_is_better = true;
  std::vector<PartRecord> parts;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("value", self.value);
    visitor("standard_error", self.standard_error);
    visitor("larger_is_better", self.larger_is_better);
    visitor("parts", self.parts);
  }
};
struct TrialRecord {
  std::vector<int> encoding;
  TrialStatus status = TrialStatus::measured;
  std::vector<double> scores;
  std::vector<MeasurementRecord> measurements;
  std::string message;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("encoding", self.encoding);
    visitor("status", self.status);
    visitor("scores", self.scores);
    visitor("measurements", self.measurements);
    visitor("message", self.message);
  }
};
struct HistoryRecord {
  std::vector<train::EpochSummary> epochs;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("epochs", self.epochs);
  }
};

/// @throws DataError where `json` is not the record of a T
template <class T>
[[nodiscard]] T record_from_json(const io::Json& json, const std::string& where) {
  T record;
  try {
    io::from_json(json, record);
  } catch (const SettingError& error) {
    throw DataError(where + ": " + error.what());
  }
  return record;
}

template <class Record>
[[nodiscard]] io::Json scored_to_json(Record record, const objective::Scored& scored) {
  record.scores = scored.scores;
  for (const auto& m : scored.measurements) {
    auto& to = record.measurements.emplace_back();
    to = {m.value, m.standard_error, m.larger_is_better, {}};
    for (const auto& [name, value] : m.parts) to.parts.push_back({name, value});
  }
  return io::to_json(record);
}
[[nodiscard]] inline objective::Scored scored_of(const TrialRecord& record) {
  objective::Scored scored;
  scored.scores = record.scores;
  for (const auto& m : record.measurements) {
    auto& to = scored.measurements.emplace_back();
    to = {m.value, m.standard_error, {}, m.larger_is_better};
    for (const PartRecord& part : m.parts) to.parts.emplace_back(part.name, part.value);
  }
  return scored;
}

/// Everything but the cost, which the space knows.
template <class Encoding>
[[nodiscard]] io::Json trial_to_json(const Trial<Encoding>& trial) {
  TrialRecord record{.encoding = {trial.encoding.begin(), trial.encoding.end()},
                     .status = trial.status,
                     .scores = {},
                     .measurements = {},
                     .message = trial.message};
  return scored_to_json(std::move(record), trial.scored);
}

/// @throws DataError if it is not a trial of such an encoding
template <class Encoding>
[[nodiscard]] Trial<Encoding> trial_from_json(const io::Json& json, const std::string& where) {
  const auto record = record_from_json<TrialRecord>(json, where);
  Trial<Encoding> trial;
  if (record.encoding.size() != Encoding::size()) {
    throw DataError(where + ": the encoding has " + std::to_string(record.encoding.size()) +
                    " choices, but the space has " + std::to_string(Encoding::size()) +
                    " decisions");
  }
  for (std::size_t i = 0; i < Encoding::size(); ++i) {
    const int choice = record.encoding[i];
    if (choice < 0 || choice > 255) {
      throw DataError(where + ": " + std::to_string(choice) + " is not a choice");
    }
    trial.encoding[i] = static_cast<std::uint8_t>(choice);
  }
  trial.status = record.status;
  trial.scored = scored_of(record);
  trial.message = record.message;
  return trial;
}

}  // namespace tepui::detail
