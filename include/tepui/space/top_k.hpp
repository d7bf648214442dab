#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/cost/cost.hpp"
#include "tepui/space/detail/walk.hpp"
#include "tepui/space/key.hpp"
#include "tepui/space/selection.hpp"

/// @file
/// The best architectures of a space by a key, in constant expressions.

namespace tepui {

namespace space::detail {

/// An encoding and what it is ordered by: the larger value first, then the smaller rank.
struct Ranked {
  double value = 0;
  std::size_t rank = 0;
};

/// The best so far, in order. Plain loops: compilers take their time for every call in a constant
/// expression.
template <std::size_t Room>
struct Ranking {
  Ranked best[Room] = {};
  std::size_t count = 0;

  /// Of items that are added in the order of their ranks, so that an equal value goes behind.
  constexpr void add(const Ranked& item) {
    if (count == Room) {
      if (!(item.value > best[Room - 1].value)) return;
    } else {
      ++count;
    }
    std::size_t place = count - 1;
    for (; place > 0 && item.value > best[place - 1].value; --place) {
      best[place].value = best[place - 1].value;
      best[place].rank = best[place - 1].rank;
    }
    best[place].value = item.value;
    best[place].rank = item.rank;
  }
};

/// The K best of the pieces First .. Last-1.
template <class S, class By, std::size_t K, cost::Rule R, std::size_t First, std::size_t Last>
inline constexpr auto ranking = [] {
  using G = Grid<S, asks_cost_only<By>>;
  Ranking<std::min(K, (Last - First) * G::piece_size)> all;
  if constexpr (Last - First == 1) {
    std::size_t rank = First * G::piece_size;
    walk_piece<S, R, G>(First, [&](const auto& code, const Cost& cost) {
      const std::size_t own = rank++;
      if (!is_valid<S>(code)) return;
      const double value = key_value<S, By>(code, cost);
      if (value == value) all.add({value, own});  // no number, no rank
    });
  } else {
    constexpr std::size_t middle = First + (Last - First) / 2;
    constexpr const auto& a = ranking<S, By, K, R, First, middle>;
    constexpr const auto& b = ranking<S, By, K, R, middle, Last>;
    std::size_t i = 0;
    std::size_t j = 0;
    while (all.count < K && i + j < a.count + b.count) {
      const bool from_a =
          j == b.count ||
          (i < a.count && a.best[i].value >= b.best[j].value);  // a's ranks are less
      all.best[all.count++] = from_a ? a.best[i++] : b.best[j++];
    }
  }
  return all;
}();

}  // namespace space::detail

/// @brief The K architectures of a space with the largest key, as a constant; the best first.
///
///     constexpr auto lightest = tepui::top_k<S, 10>(tepui::minimize(tepui::key::macs));
///
/// Equal keys: in lexicographic order. Encodings that the space calls invalid, and keys that are
/// not a number, are left out. Does not compile where fewer than K are left.
/// @tparam R how MACs are counted
template <SearchSpace S, std::size_t K, cost::Rule R = cost::Rule::f201, class By>
[[nodiscard]] constexpr Selection<S, K> top_k(By) {
  static_assert(K > 0, "top_k: K must be at least 1");
  Selection<S, K> best;
  if constexpr (space::detail::check_keys<S, By>() && K > 0) {
    constexpr bool enough = K <= space::cardinality<S>();
    static_assert(enough, "top_k: K is larger than the number of architectures in the space");
    if constexpr (enough) {
      using Grid = space::detail::Grid<S, space::detail::asks_cost_only<By>>;
      constexpr const auto& ranked = space::detail::ranking<S, By, K, R, 0, Grid::pieces>;
      static_assert(ranked.count == K,
                    "top_k: K is larger than the number of valid architectures in the space");
      for (std::size_t i = 0; i < K; ++i) best.encodings[i] = space::unrank<S>(ranked.best[i].rank);
    }
  }
  return best;
}

}  // namespace tepui
