#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "tepui/core/error.hpp"

/// @file
/// Pareto dominance and non-dominated sorting. Points are vectors of objective values, all of one
/// length; violations are 0 for a feasible point and grow with the distance from the constraints.

namespace tepui::search {

/// What a better objective value is.
enum class Direction { minimise, maximise };

/// Objective vectors, one per point.
using Points = std::span<const std::vector<double>>;

/// @return whether `a` is at least as good as `b` everywhere and better somewhere; equal vectors
///         do not dominate each other, and NaN is never better
/// @throws SettingError if the lengths differ
[[nodiscard]] constexpr bool dominates(std::span<const double> a, std::span<const double> b,
                                       Direction direction = Direction::minimise) {
  if (a.size() != b.size()) {
    throw SettingError("dominates: the points have " + std::to_string(a.size()) + " and " +
                       std::to_string(b.size()) + " objectives, but must have the same number");
  }
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = direction == Direction::minimise ? a[i] : b[i];
    const double y = direction == Direction::minimise ? b[i] : a[i];
    if (!(x <= y)) return false;
    better = better || x < y;
  }
  return better;
}

/// @brief Constraint domination: feasible before infeasible, less violation before more, and among
/// feasible points `dominates`. The values of infeasible points are not read and may be empty.
/// @source K. Deb et al., A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II, 2002,
///         definition 1
[[nodiscard]] constexpr bool constrained_dominates(std::span<const double> a, double violation_a,
                                                   std::span<const double> b, double violation_b,
                                                   Direction direction = Direction::minimise) {
  const bool feasible_a = violation_a <= 0;
  const bool feasible_b = violation_b <= 0;
  if (feasible_a && feasible_b) return dominates(a, b, direction);
  if (feasible_a != feasible_b) return feasible_a;
  return violation_a < violation_b;
}

namespace detail {

/// Fronts of the relation better(i, j) over 0..count-1, which never holds both ways; indices ascend
/// inside a front.
template <class Better>
[[nodiscard]] constexpr std::vector<std::vector<std::size_t>> sort_into_fronts(
    std::size_t count, const Better& better) {
  std::vector<std::vector<std::size_t>> worse(count);
  std::vector<std::size_t> betters(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = i + 1; j < count; ++j) {
      if (better(i, j)) {
        worse[i].push_back(j);
        ++betters[j];
      } else if (better(j, i)) {
        worse[j].push_back(i);
        ++betters[i];
      }
    }
  }
  std::vector<std::vector<std::size_t>> fronts;
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < count; ++i) {
    if (betters[i] == 0) front.push_back(i);
  }
  while (!front.empty()) {
    std::vector<std::size_t> next;
    for (const std::size_t i : front) {
      for (const std::size_t j : worse[i]) {
        if (--betters[j] == 0) next.push_back(j);
      }
    }
    std::sort(next.begin(), next.end());
    fronts.push_back(std::move(front));
    front = std::move(next);
  }
  return fronts;
}

}  // namespace detail

/// @brief Splits points into fronts: the first is dominated by nobody, the second by the first
/// only, and so on.
/// @return indices of the points, ascending inside each front
/// @complexity O(points^2 * objectives)
/// @source Deb et al. 2002, section III.A
[[nodiscard]] constexpr std::vector<std::vector<std::size_t>> non_dominated_sort(
    Points points, Direction direction = Direction::minimise) {
  return detail::sort_into_fronts(points.size(), [&](std::size_t i, std::size_t j) {
    return dominates(points[i], points[j], direction);
  });
}

/// @brief The same under constraint domination.
/// @param violations one per point; 0: feasible
/// @throws SettingError if there is not one violation per point
[[nodiscard]] constexpr std::vector<std::vector<std::size_t>> non_dominated_sort(
    Points points, std::span<const double> violations, Direction direction = Direction::minimise) {
  if (violations.size() != points.size()) {
    throw SettingError("non_dominated_sort: " + std::to_string(points.size()) + " points but " +
                       std::to_string(violations.size()) + " violations; one per point is needed");
  }
  return detail::sort_into_fronts(points.size(), [&](std::size_t i, std::size_t j) {
    return constrained_dominates(points[i], violations[i], points[j], violations[j], direction);
  });
}

/// @return the indices of the points that no other point dominates, ascending
[[nodiscard]] constexpr std::vector<std::size_t> non_dominated(
    Points points, Direction direction = Direction::minimise) {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool beaten = std::any_of(points.begin(), points.end(), [&](const auto& other) {
      return dominates(other, points[i], direction);
    });
    if (!beaten) result.push_back(i);
  }
  return result;
}

namespace detail {

constexpr std::vector<double> extreme(Points points, bool least) {
  if (points.empty()) return {};
  std::vector<double> result = points.front();
  for (const auto& point : points) {
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = least ? std::min(result[i], point.at(i)) : std::max(result[i], point.at(i));
    }
  }
  return result;
}

}  // namespace detail

/// @return the best value of each objective over the points; empty for no points
[[nodiscard]] constexpr std::vector<double> ideal_point(Points points,
                                                        Direction direction = Direction::minimise) {
  return detail::extreme(points, direction == Direction::minimise);
}

/// @return the worst value of each objective over the NON-DOMINATED points; empty for no points
[[nodiscard]] constexpr std::vector<double> nadir_point(Points points,
                                                        Direction direction = Direction::minimise) {
  std::vector<std::vector<double>> front;
  for (const std::size_t i : non_dominated(points, direction)) front.push_back(points[i]);
  return detail::extreme(front, direction == Direction::maximise);
}

}  // namespace tepui::search
