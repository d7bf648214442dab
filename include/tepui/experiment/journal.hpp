#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"
#include "tepui/core/hash.hpp"
#include "tepui/core/record_file.hpp"
#include "tepui/experiment/detail/trial_json.hpp"
#include "tepui/experiment/storage.hpp"
#include "tepui/export/json.hpp"
#include "tepui/export/safetensors.hpp"

namespace tepui {

/// @brief Keeps an experiment in a directory while it runs.
///
/// | file | contents |
/// |---|---|
/// | experiment.json | types, options, data and versions of the experiment |
/// | supernet.safetensors | its weights and statistics, once it is trained |
/// | trials.jsonl | one trial a line |
///
///     Journal journal("out/journal");
///     auto result = experiment.run(data, observer, journal);
///
/// The same lines again, after the program was stopped, go on where it stopped, with the result of
/// a run that was never stopped.
class Journal {
 public:
  explicit Journal(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// @throws SettingError if the directory belongs to another experiment, naming what differs
  /// @throws FileError, DataError if its files cannot be read, or are damaged
  template <class Encoding>
  [[nodiscard]] Recorded<Encoding> open(const io::Json& identity) {
    claim(identity);
    Recorded<Encoding> kept;
    kept.supernet = read_supernet<io::Json>();
    trials_.emplace(trials_file());
    for (std::size_t line = 0; line < trials_->records().size(); ++line) {
      const std::string where = trials_->path().string() + ", line " + std::to_string(line + 1);
      kept.trials.push_back(detail::trial_from_json<Encoding>(
          io::parse_json(trials_->records()[line], where), where));
    }
    return kept;
  }

  /// @throws FileError if it cannot be written
  template <class Weights = SharedWeights>
  void keep(const std::type_identity_t<Weights>& weights) {
    const std::array tensors{
        io::tensor_view("parameters", {static_cast<std::int64_t>(weights.parameters.size())},
                        std::span<const float>(weights.parameters)),
        io::tensor_view("statistics", {static_cast<std::int64_t>(weights.statistics.size())},
                        std::span<const float>(weights.statistics))};
    io::write_safetensors(supernet_file(), tensors,
                          {{"history", io::to_json(detail::HistoryRecord{weights.history}).dump()},
                           {"hash", hash_of(weights)}});
  }

  /// @pre open was called
  /// @throws FileError if it cannot be written
  template <class Encoding>
  void append(const Trial<Encoding>& trial) {
    trials_->append(detail::trial_to_json(trial).dump());
  }

  /// @return whether something was recorded there
  /// @throws FileError if it cannot be told
  [[nodiscard]] bool exists() const { return file_exists(identity_file()); }

  /// @brief Removes the three files, and the directory if nothing else is in it.
  /// @throws FileError if a file cannot be removed
  void discard() {
    trials_.reset();
    for (const auto& file : {supernet_file(), trials_file(), identity_file()}) remove_file(file);
    std::error_code not_empty;
    std::filesystem::remove(directory_, not_empty);
  }

 private:
  [[nodiscard]] std::filesystem::path identity_file() const {
    return directory_ / "experiment.json";
  }
  [[nodiscard]] std::filesystem::path supernet_file() const {
    return directory_ / "supernet.safetensors";
  }
  [[nodiscard]] std::filesystem::path trials_file() const { return directory_ / "trials.jsonl"; }

  template <class Json>
  void claim(const Json& identity) const {
    make_directory(directory_);
    if (!exists()) {
      io::write_json(identity_file(), identity);
      return;
    }
    const auto there = io::read_json<Json>(identity_file());
    if (!there.is_object()) {
      throw DataError(identity_file().string() + ": this does not describe an experiment");
    }
    const auto changes = Json::diff(there, io::parse_json<Json>(io::dump<Json>(identity)));
    if (changes.empty()) return;
    throw SettingError("journal " + directory_.string() +
                       ": another experiment was recorded there; " +
                       changes.front().value("path", "its description") +
                       " differs. Choose another directory, or remove this one");
  }

  template <class Json>
  [[nodiscard]] std::optional<SharedWeights> read_supernet() const {
    if (!file_exists(supernet_file())) return {};
    const io::TensorFile file = io::read_safetensors(supernet_file());
    SharedWeights weights;
    weights.parameters = values(file, "parameters");
    weights.statistics = values(file, "statistics");
    const auto history = file.metadata().find("history");
    if (history == file.metadata().end()) {
      throw DataError(supernet_file().string() + ": the metadata 'history' is missing");
    }
    const std::string where = supernet_file().string() + ", history";
    weights.history = detail::record_from_json<detail::HistoryRecord>(
                          io::parse_json<Json>(history->second, where), where)
                          .epochs;
    const auto hash = file.metadata().find("hash");
    if (hash == file.metadata().end() || hash->second != hash_of(weights)) {
      throw DataError(supernet_file().string() + ": damaged, its hash does not fit");
    }
    return weights;
  }

  static std::string hash_of(const SharedWeights& weights) {
    Fnv1a hash;
    for (const auto& values : {std::cref(weights.parameters), std::cref(weights.statistics)}) {
      for (const float value : values.get()) hash.add_number(std::bit_cast<std::uint32_t>(value));
    }
    return hex_text(hash.value());
  }

  [[nodiscard]] std::vector<float> values(const io::TensorFile& file, const char* name) const {
    const io::TensorView* tensor = file.find(name);
    if (tensor == nullptr || tensor->dtype != io::dtype_of<float>()) {
      throw DataError(supernet_file().string() + ": there is no float tensor '" + name + "'");
    }
    std::vector<float> out(tensor->bytes.size() / sizeof(float));
    if (!out.empty()) std::memcpy(out.data(), tensor->bytes.data(), tensor->bytes.size());
    return out;
  }

  std::filesystem::path directory_;
  std::optional<RecordFile> trials_;
};

}  // namespace tepui
