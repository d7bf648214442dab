#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "tepui/core/stable_order.hpp"
#include "tepui/search/dominance.hpp"

namespace tepui::search {

/// How the gaps of the objectives are combined.
enum class CrowdingForm {
  deb,     ///< sum of the normalised gaps (Deb et al. 2002)
  halved,  ///< the sum divided by the number of objectives (pymoo; FlatNAS)
};

/// @brief Crowding distance of the points of ONE front: how empty the space around each is.
///
/// Per objective: the gap between the two neighbours in sorted order, divided by the front's range.
/// The extremes of each objective get infinity; an objective on which all points agree counts 0 and
/// makes no point extreme. Direction does not matter.
/// @return one value per point, [0, infinity]; larger is lonelier, which selection prefers
/// @source Deb et al. 2002, section III.B
[[nodiscard]] constexpr std::vector<double> crowding_distance(
    Points front, CrowdingForm form = CrowdingForm::deb) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> distance(front.size(), 0.0);
  if (front.empty()) return distance;
  const std::size_t objectives = front.front().size();
  if (objectives == 0) return distance;  // infeasible points carry no values
  if (front.size() <= 2) {
    std::fill(distance.begin(), distance.end(), infinity);
    return distance;
  }
  for (std::size_t m = 0; m < objectives; ++m) {
    const std::vector<std::size_t> order = stable_order(
        front.size(), [&](std::size_t i, std::size_t j) { return front[i][m] < front[j][m]; });
    const double range = front[order.back()][m] - front[order.front()][m];
    if (!(range > 0)) continue;
    distance[order.front()] = distance[order.back()] = infinity;
    for (std::size_t i = 1; i + 1 < order.size(); ++i) {
      distance[order[i]] += (front[order[i + 1]][m] - front[order[i - 1]][m]) / range;
    }
  }
  if (form == CrowdingForm::halved) {
    for (double& d : distance) d /= static_cast<double>(objectives);
  }
  return distance;
}

}  // namespace tepui::search
