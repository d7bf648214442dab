#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/search/dominance.hpp"

namespace tepui::search {

namespace detail {

/// Volume of the union of boxes [0, gain] in the first `dims` dimensions; sorts `gains`.
[[nodiscard]] inline double union_of_boxes(std::vector<std::vector<double>> gains,
                                           std::size_t dims) {
  if (gains.empty()) return 0.0;
  const std::size_t last = dims - 1;
  std::sort(gains.begin(), gains.end(),
            [last](const auto& a, const auto& b) { return a[last] > b[last]; });
  if (dims == 1) return gains.front()[0];
  double volume = 0;
  if (dims == 2) {  // sweep: every box adds what it is wider than all taller ones
    double width = 0;
    for (const auto& gain : gains) {
      if (gain[0] <= width) continue;
      volume += (gain[0] - width) * gain[1];
      width = gain[0];
    }
    return volume;
  }
  // Slices along the last dimension: between two heights the section is that of all taller boxes.
  std::vector<std::vector<double>> section;
  for (std::size_t i = 0; i < gains.size(); ++i) {
    const bool covered = std::any_of(section.begin(), section.end(), [&](const auto& other) {
      for (std::size_t d = 0; d < last; ++d) {
        if (other[d] < gains[i][d]) return false;
      }
      return true;
    });
    if (!covered) section.push_back(gains[i]);
    const double below = i + 1 < gains.size() ? gains[i + 1][last] : 0.0;
    const double height = gains[i][last] - below;
    if (height > 0) volume += height * union_of_boxes(section, last);
  }
  return volume;
}

}  // namespace detail

/// @brief Exact volume between a set of points and a reference point that is worse than them.
///
/// Points that are not strictly better than the reference in every objective add nothing;
/// dominated points change nothing.
/// @param reference one value per objective
/// @return volume [product of the objectives' units], >= 0
/// @throws SettingError if a point and the reference differ in length, or there are no objectives
/// @complexity O(n log n) for two objectives, O(n^(m-1)) for m: meant for small sets
/// @source E. Zitzler, L. Thiele, 1998 (the measure); L. While et al., 2006 (slicing objectives)
[[nodiscard]] inline double hypervolume(Points points, std::span<const double> reference,
                                        Direction direction = Direction::minimise) {
  if (reference.empty()) throw SettingError("hypervolume: the reference point has no objectives");
  std::vector<std::vector<double>> gains;
  for (const auto& point : points) {
    if (point.size() != reference.size()) {
      throw SettingError("hypervolume: a point has " + std::to_string(point.size()) +
                         " objectives, the reference has " + std::to_string(reference.size()) +
                         "; they must be as many");
    }
    std::vector<double> gain(point.size());
    bool inside = true;
    for (std::size_t m = 0; m < point.size(); ++m) {
      gain[m] =
          direction == Direction::minimise ? reference[m] - point[m] : point[m] - reference[m];
      inside = inside && gain[m] > 0;
    }
    if (inside) gains.push_back(std::move(gain));
  }
  return detail::union_of_boxes(std::move(gains), reference.size());
}

/// @brief Hypervolume of points to be minimised, divided by the box between 0 and the reference.
/// @return share of the box, in [0, 1] for points and reference >= 0
/// @source FlatNAS code (CNAS, _calc_hv)
[[nodiscard]] inline double normalised_hypervolume(Points points,
                                                   std::span<const double> reference) {
  double box = 1;
  for (const double r : reference) box *= r;
  if (!(box > 0)) {
    throw SettingError("normalised_hypervolume: every reference value must be positive");
  }
  return hypervolume(points, reference) / box;
}

}  // namespace tepui::search
