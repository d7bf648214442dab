#pragma once

#include "tepui/core/function.hpp"
#include "tepui/experiment/storage.hpp"
#include "tepui/experiment/trial.hpp"
#include "tepui/export/json.hpp"

namespace tepui::detail {

/// @brief The members of a storage, of whatever type: a search is compiled once for all of them.
template <class Encoding>
struct StorageCalls {
  Function<Recorded<Encoding>(const io::Json&)> open;
  Function<void(const SharedWeights&)> keep;
  Function<void(const Trial<Encoding>&)> append;

  /// @param storage outlives the calls
  template <Storage<Encoding> Store>
  [[nodiscard]] static StorageCalls of(Store& storage) {
    return {
        .open = [&](const io::Json& identity) { return storage.template open<Encoding>(identity); },
        .keep = [&](const SharedWeights& weights) { storage.keep(weights); },
        .append = [&](const Trial<Encoding>& trial) { storage.append(trial); }};
  }
};

}  // namespace tepui::detail
