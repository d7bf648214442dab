#pragma once

#include <concepts>
#include <optional>
#include <vector>

#include "tepui/experiment/trial.hpp"
#include "tepui/export/json.hpp"
#include "tepui/train/trainer.hpp"

namespace tepui {

/// @brief A trained supernet.
struct SharedWeights {
  std::vector<float> parameters;
  std::vector<float> statistics;
  std::vector<train::EpochSummary> history;
};

/// @brief What a storage kept of an experiment that did not come to its end.
template <class Encoding>
struct Recorded {
  std::optional<SharedWeights> supernet;
  std::vector<Trial<Encoding>> trials;  ///< in the order of the proposals
};

/// @brief Keeps what an experiment has found so far, so that it can go on after an interruption.
///
/// | member | meaning |
/// |---|---|
/// | open<Encoding>(identity) | what was kept of this experiment; throws if it is another one's |
/// | keep(weights) | the trained supernet; called at most once |
/// | append(trial) | one trial, in the order of the proposals |
///
/// `identity` holds types, options, data and versions: two experiments with the same identity give
/// the same result. Strategies are not stored, they are told the recorded trials again.
template <class S, class Encoding>
concept Storage = requires(S& storage, const io::Json& identity, const SharedWeights& weights,
                           const Trial<Encoding>& trial) {
  { storage.template open<Encoding>(identity) } -> std::same_as<Recorded<Encoding>>;
  storage.keep(weights);
  storage.append(trial);
};

/// @brief Keeps nothing.
struct Unstored {
  template <class Encoding>
  [[nodiscard]] Recorded<Encoding> open(const io::Json&) {
    return {};
  }
  void keep(const SharedWeights&) {}
  template <class Encoding>
  void append(const Trial<Encoding>&) {}
};

}  // namespace tepui
