#pragma once

#include <cstddef>
#include <limits>

#include "tepui/cost/cost.hpp"
#include "tepui/space/detail/walk.hpp"
#include "tepui/space/key.hpp"
#include "tepui/space/selection.hpp"

/// @file
/// The architectures of a space that no other dominates, in constant expressions.

namespace tepui {

namespace space::detail {

/// Key values that do not dominate each other, each kind once. Plain arrays and loops in one place:
/// compilers take their time for every call in a constant expression.
template <std::size_t Keys, std::size_t Room>
struct Archive {
  double points[Room][Keys] = {};
  std::size_t count = 0;
  bool too_many = false;  ///< to be joined; nothing is in it then

  constexpr void add(const double (&point)[Keys]) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
      bool here_is_no_worse = true;
      bool new_is_no_worse = true;
      for (std::size_t k = 0; k < Keys; ++k) {
        if (points[i][k] < point[k]) here_is_no_worse = false;
        if (point[k] < points[i][k]) new_is_no_worse = false;
      }
      if (here_is_no_worse) return;  // known or dominated, so that it dominates nothing
      if (new_is_no_worse) continue;
      if (kept != i) {
        for (std::size_t k = 0; k < Keys; ++k) points[kept][k] = points[i][k];
      }
      ++kept;
    }
    for (std::size_t k = 0; k < Keys; ++k) points[kept][k] = point[k];
    count = kept + 1;
  }
  [[nodiscard]] constexpr bool has(const double (&point)[Keys]) const {
    for (std::size_t i = 0; i < count; ++i) {
      bool same = true;
      for (std::size_t k = 0; k < Keys && same; ++k) same = points[i][k] == point[k];
      if (same) return true;
    }
    return false;
  }
};

/// The same with no more room than it needs.
template <std::size_t Room, std::size_t Keys, std::size_t Most>
constexpr Archive<Keys, Room> fitted(const Archive<Keys, Most>& archive) {
  Archive<Keys, Room> result;
  result.count = archive.count;
  result.too_many = archive.too_many;
  for (std::size_t i = 0; i < archive.count; ++i) {
    for (std::size_t k = 0; k < Keys; ++k) result.points[i][k] = archive.points[i][k];
  }
  return result;
}

/// Fronts of this many points are joined within the default limits of compilers.
inline constexpr std::size_t most_points = 192;

template <class S, cost::Rule R, class... K>
struct Front {
  static constexpr std::size_t keys = sizeof...(K);
  using Grid = detail::Grid<S, (asks_cost_only<K> && ...), true>;

  /// Of all encodings of a piece; the first key of one that takes no part is not a number.
  struct Values {
    double of[Grid::piece_size][keys] = {};
  };
  template <std::size_t Number>
  static constexpr Values values = [] {
    Values all;
    std::size_t i = 0;
    walk_piece<S, R, Grid>(Number, [&](const auto& code, const Cost& cost) {
      double(&own)[keys] = all.of[i++];
      bool counts = is_valid<S>(code);
      std::size_t k = 0;
      if (counts) ((own[k++] = key_value<S, K>(code, cost)), ...);
      for (k = 0; k < keys; ++k) counts = counts && own[k] == own[k];
      if (!counts) own[0] = std::numeric_limits<double>::quiet_NaN();
    });
    return all;
  }();

  /// What no other of the pieces First .. Last-1 dominates.
  template <std::size_t First, std::size_t Last>
  static constexpr auto join() {
    if constexpr (Last - First == 1) {
      Archive<keys, Grid::piece_size> archive;
      for (const double(&point)[keys] : values<First>.of) {
        if (point[0] == point[0]) archive.add(point);
      }
      return archive;
    } else {
      constexpr std::size_t middle = First + (Last - First) / 2;
      constexpr const auto& left = best<First, middle>;
      constexpr const auto& right = best<middle, Last>;
      if constexpr (left.too_many || right.too_many || left.count + right.count > 2 * most_points) {
        return Archive<keys, 1>{.too_many = true};
      } else {
        Archive<keys, left.count + right.count + 1> archive;
        for (std::size_t i = 0; i < left.count; ++i) archive.add(left.points[i]);
        for (std::size_t i = 0; i < right.count; ++i) archive.add(right.points[i]);
        return archive;
      }
    }
  }
  template <std::size_t First, std::size_t Last>
  static constexpr auto best = [] {
    constexpr auto archive = join<First, Last>();
    return fitted<archive.count + 1>(archive);
  }();

  template <std::size_t Number>
  static constexpr auto piece = [] {
    Chosen<Grid::piece_size> chosen;
    for (std::size_t i = 0; i < Grid::piece_size; ++i) {
      if (best<0, Grid::pieces>.has(values<Number>.of[i])) chosen.choose(i);
    }
    return chosen;
  }();
};

}  // namespace space::detail

/// @brief The architectures of a space that no other dominates, as a constant.
///
///     constexpr auto front = tepui::pareto_front<S>(tepui::key::depth,
///                                                   tepui::minimize(tepui::key::params));
///
/// One architecture dominates another if it is no worse by every key and better by one. All that
/// share the same values are in the front, in lexicographic order. Encodings that the space calls
/// invalid, and keys that are not a number, are left out. Fronts of up to 192 different points.
/// @tparam R    how MACs are counted
/// @param  keys at least one; larger is better, minimize(key) turns one round
template <SearchSpace S, cost::Rule R = cost::Rule::f201, class... By>
[[nodiscard]] constexpr auto pareto_front(By...) {
  static_assert(sizeof...(By) > 0, "pareto_front: give at least one key to compare by");
  if constexpr (sizeof...(By) > 0 && space::detail::check_keys<S, By...>()) {
    using Choose = space::detail::Front<S, R, By...>;
    using Numbers = typename Choose::Grid::Numbers;
    constexpr bool few = !Choose::template best<0, Choose::Grid::pieces>.too_many;
    static_assert(few,
                  "pareto_front: the keys disagree about too many architectures; a front of more "
                  "than 192 different points must be made at run time");
    if constexpr (few) {
      constexpr std::size_t size = space::detail::count_chosen<Choose>(Numbers{});
      static_assert(size > 0,
                    "pareto_front: the space has no valid architecture with numbers as keys");
      return space::detail::join_chosen<S, Choose, size>(Numbers{});
    } else {
      return Selection<S, 1>{};
    }
  } else {
    return Selection<S, 1>{};
  }
}

}  // namespace tepui
