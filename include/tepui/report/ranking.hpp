#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

#include "tepui/core/enum_name.hpp"
#include "tepui/experiment/result.hpp"
#include "tepui/report/format.hpp"
#include "tepui/report/table.hpp"
#include "tepui/space/space.hpp"
#include "tepui/space/spell.hpp"

namespace tepui::report {

/// @brief The trials of a result, best first score first; then those that have none, and why.
/// @param most rows at most
template <SearchSpace S>
[[nodiscard]] Table ranking(const ExperimentResult<typename S::Encoding>& result,
                            std::size_t most = static_cast<std::size_t>(-1)) {
  std::vector<std::size_t> order(result.trials.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto measured = std::stable_partition(order.begin(), order.end(), [&](std::size_t i) {
    return result.trials[i].status == TrialStatus::measured;
  });
  std::stable_sort(order.begin(), measured, [&](std::size_t a, std::size_t b) {
    return result.trials[a].scored.scores[0] > result.trials[b].scored.scores[0];
  });
  std::vector<Table::Column> columns{{"architecture", Align::left}, {"params"}, {"MACs"}};
  for (const std::string& objective : result.objectives) columns.push_back({objective});
  Table table(std::move(columns));
  for (std::size_t rank = 0; rank < std::min(most, order.size()); ++rank) {
    const auto& trial = result.trials[order[rank]];
    std::vector<std::string> row{space::name_of<S>(trial.encoding), count(trial.cost.params),
                                 count(trial.cost.macs)};
    for (std::size_t k = 0; k < result.objectives.size(); ++k) {
      row.push_back(trial.status == TrialStatus::measured
                        ? fixed(trial.scored.measurements[k].value, 4)
                        : std::string(enum_name(trial.status)));
    }
    table.add_row(std::move(row));
  }
  return table;
}

}  // namespace tepui::report
