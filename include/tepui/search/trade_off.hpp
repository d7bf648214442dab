#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "tepui/core/sorted_order.hpp"
#include "tepui/search/dominance.hpp"

namespace tepui::search {

/// How trade-offs between the points of a front are measured.
struct TradeOff {
  bool scale = true;  ///< map every objective to [0, 1] by the front's range; false: FlatNAS HEAD
  double radius = 0.125;  ///< neighbours lie within this distance (of scaled values if `scale`)
  std::size_t neighbours = 4;  ///< least number; the nearest are taken if the radius holds fewer

  template <class Self, class Visitor>
  static constexpr void visit(Self& self, Visitor&& visitor) {
    visitor("scale", self.scale);
    visitor("radius", self.radius);
    visitor("neighbours", self.neighbours);
  }
};

/// In which order high_trade_off_points returns its points.
enum class TradeOffOrder {
  best_first,  ///< largest trade-off first
  legacy,      ///< FlatNAS code: the same points, smallest trade-off first
};

/// @brief What each point of a front would lose by moving to a neighbour, per unit gained.
///
/// mu_i = min over neighbours j of sum_m max(F_j - F_i, 0) / sum_m max(F_i - F_j, 0), for values to
/// be minimised. Neighbours are the points within `radius` (the point itself included) or, if these
/// are fewer than k = min(neighbours, n-1), the k+1 nearest. Copies of a point are skipped.
/// @param front points of one front, feasible ones only: one penalised value spoils the scaling
/// @return one mu per point, >= 0; large: a knee of the front; infinity where nothing is comparable
/// @source L. Rachmawati, D. Srinivasan, Multiobjective Evolutionary Algorithm With Controllable
///         Focus on the Knees of the Pareto Front, 2009; neighbourhoods as in pymoo, FlatNAS
///         (HighTradeoffPoints)
[[nodiscard]] inline std::vector<double> trade_off(Points front, const TradeOff& options = {},
                                                   Direction direction = Direction::minimise) {
  const std::size_t n = front.size();
  if (n == 0) return {};
  std::vector<std::vector<double>> points(front.begin(), front.end());
  const auto low = detail::extreme(front, true);
  const auto high = detail::extreme(front, false);
  for (auto& point : points) {
    for (std::size_t m = 0; m < point.size(); ++m) {
      if (options.scale) {
        const double range = high[m] - low[m];
        point[m] = range > 0 ? (point[m] - low[m]) / range : 0.0;
      }
      if (direction == Direction::maximise) point[m] = -point[m];
    }
  }

  const std::size_t least = std::min(options.neighbours, n - 1);
  std::vector<double> result(n, std::numeric_limits<double>::infinity());
  std::vector<double> distance(n);
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t within = 0;
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::size_t m = 0; m < points[i].size(); ++m) {
        sum += (points[i][m] - points[j][m]) * (points[i][m] - points[j][m]);
      }
      distance[j] = std::sqrt(sum);
      if (distance[j] <= options.radius) ++within;
    }
    const std::vector<std::size_t> order = ascending_order(distance);
    const std::size_t count = within < least ? least + 1 : within;
    for (std::size_t k = 0; k < count; ++k) {
      double lost = 0;
      double gained = 0;
      for (std::size_t m = 0; m < points[i].size(); ++m) {
        const double step = points[order[k]][m] - points[i][m];
        (step > 0 ? lost : gained) += std::abs(step);
      }
      if (lost == 0 && gained == 0) continue;
      result[i] = std::min(result[i], lost / gained);
    }
  }
  return result;
}

/// @brief The `count` points of a front with the largest trade-offs.
/// @return indices into `front`, at most `count`; ties keep the order of the front
[[nodiscard]] inline std::vector<std::size_t> high_trade_off_points(
    Points front, std::size_t count, TradeOffOrder order = TradeOffOrder::best_first,
    const TradeOff& options = {}, Direction direction = Direction::minimise) {
  const std::vector<double> mu = trade_off(front, options, direction);
  std::vector<std::size_t> indices = descending_order(mu);
  indices.resize(std::min(count, indices.size()));
  if (order == TradeOffOrder::legacy) std::reverse(indices.begin(), indices.end());
  return indices;
}

}  // namespace tepui::search
