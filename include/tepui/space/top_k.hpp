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

/// As many are joined within the default limits of compilers.
inline constexpr std::size_t most_ranked = 4096;

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

  /// What a and b have, as far as there is room; of equal values those of a come first.
  template <std::size_t A, std::size_t B>
  constexpr void merge(const Ranking<A>& a, const Ranking<B>& b) {
    std::size_t i = 0;
    std::size_t j = 0;
    for (count = 0; count < Room && i + j < a.count + b.count; ++count) {
      const bool from_a = j == b.count || (i < a.count && a.best[i].value >= b.best[j].value);
      best[count] = from_a ? a.best[i++] : b.best[j++];
    }
  }

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

/// Sorts values, which are in the order of their ranks: runs of twice the length each time.
template <std::size_t Size>
constexpr void sort_ranked(Ranked (&items)[Size], std::size_t count) {
  Ranked merged[Size] = {};
  for (std::size_t run = 1; run < count; run *= 2) {
    std::size_t next = 0;
    for (std::size_t begin = 0; begin < count; begin += 2 * run) {
      const std::size_t middle = begin + run < count ? begin + run : count;
      const std::size_t end = begin + 2 * run < count ? begin + 2 * run : count;
      std::size_t i = begin;
      std::size_t j = middle;
      while (next < end) {
        const bool from_first = j == end || (i < middle && items[i].value >= items[j].value);
        merged[next++] = from_first ? items[i++] : items[j++];
      }
    }
    for (std::size_t i = 0; i < count; ++i) items[i] = merged[i];
  }
}

/// The K best of a piece.
template <class S, class By, std::size_t K, cost::Rule R>
constexpr auto rank_piece(std::size_t number) {
  using G = Grid<S, asks_cost_only<By>>;
  constexpr std::size_t few = 16;  // up to which it is less work to keep a list in order
  Ranking<std::min(K, G::piece_size)> all;
  Ranked items[G::piece_size] = {};
  std::size_t count = 0;
  std::size_t rank = number * G::piece_size;
  walk_piece<S, R, G>(number, [&](const auto& code, const Cost& cost) {
    const std::size_t own = rank++;
    if (!is_valid<S>(code)) return;
    const double value = key_value<S, By>(code, cost);
    if (value != value) return;  // no number, no rank
    if constexpr (K <= few) {
      all.add({value, own});
    } else {
      items[count].value = value;
      items[count++].rank = own;
    }
  });
  if constexpr (K > few) {
    sort_ranked(items, count);
    for (all.count = 0; all.count < count && all.count < K; ++all.count) {
      all.best[all.count] = items[all.count];
    }
  }
  return all;
}

/// The K best of the pieces First .. Last-1.
template <class S, class By, std::size_t K, cost::Rule R, std::size_t First, std::size_t Last>
inline constexpr auto ranking = [] {
  if constexpr (Last - First == 1) {
    return rank_piece<S, By, K, R>(First);
  } else {
    using G = Grid<S, asks_cost_only<By>>;
    constexpr std::size_t middle = First + (Last - First) / 2;
    Ranking<std::min(K, (Last - First) * G::piece_size)> all;
    all.merge(ranking<S, By, K, R, First, middle>, ranking<S, By, K, R, middle, Last>);
    return all;
  }
}();

}  // namespace space::detail

/// @brief The K architectures of a space with the largest key, as a constant; the best first.
///
///     constexpr auto lightest = tepui::top_k<S, 10>(tepui::minimize(tepui::key::macs));
///
/// Equal keys: in lexicographic order. Encodings that the space calls invalid, and keys that are
/// not a number, are left out. Does not compile where fewer than K are left, and for more than
/// 4096.
/// @tparam R how MACs are counted
template <SearchSpace S, std::size_t K, cost::Rule R = cost::Rule::f201, class By>
[[nodiscard]] constexpr Selection<S, K> top_k(By) {
  static_assert(K > 0, "top_k: K must be at least 1");
  constexpr bool few = K <= space::detail::most_ranked;
  static_assert(few, "top_k: K is larger than 4096; rank so many at run time");
  Selection<S, K> best;
  if constexpr (space::detail::check_keys<S, By>() && K > 0 && few) {
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
