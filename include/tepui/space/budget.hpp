#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tepui/cost/cost.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/detail/walk.hpp"
#include "tepui/space/space.hpp"

/// @file
/// Bounds that a space or a network must keep, as constants for static_assert.

namespace tepui {

namespace space::detail {

/// The least and the largest of every part of the cost, each for itself.
struct CostRange {
  Cost least;
  Cost most;
  bool any = false;

  constexpr void include(const Cost& low, const Cost& high) {
    least = any ? Cost{std::min(least.params, low.params), std::min(least.macs, low.macs),
                       std::min(least.activations, low.activations)}
                : low;
    most = any ? Cost{std::max(most.params, high.params), std::max(most.macs, high.macs),
                      std::max(most.activations, high.activations)}
               : high;
    any = true;
  }
};

template <class S>
inline constexpr bool all_valid = !Validates<S> && !Repairs<S>;

/// A sum over decisions is least where each of them is.
template <class S, cost::Rule R>
constexpr CostRange range_of_sums() {
  constexpr const CostTable<S>& table = cost_table<S, R>;
  CostRange range{table.base, table.base, true};
  for (std::size_t d = 0; d < S::decisions; ++d) {
    CostRange part;
    for (std::size_t o = 0; o < S::options[d]; ++o)
      part.include(table.extra[d][o], table.extra[d][o]);
    range.least += part.least;
    range.most += part.most;
  }
  return range;
}

template <class S, cost::Rule R, std::size_t Number>
inline constexpr CostRange range_of_piece = [] {
  CostRange range;
  walk_piece<S, R, Grid<S, true>>(Number, [&](const auto& code, const Cost& cost) {
    if (is_valid<S>(code)) range.include(cost, cost);
  });
  return range;
}();

template <class S, cost::Rule R, std::size_t... Number>
constexpr CostRange join_ranges(std::index_sequence<Number...>) {
  CostRange all;
  for (const CostRange* range : {&range_of_piece<S, R, Number>...}) {
    if (range->any) all.include(range->least, range->most);
  }
  return all;
}

template <class S, cost::Rule R>
inline constexpr CostRange cost_range = [] {
  if constexpr (additive<S> && all_valid<S>) {
    return range_of_sums<S, R>();
  } else {
    constexpr bool few = enumerable<S>;
    static_assert(few,
                  "budget: the costs of this space are not a sum over its decisions, or not all of "
                  "its encodings are valid, and it has too many to look at each (131072)");
    if constexpr (few) {
      constexpr CostRange range = join_ranges<S, R>(typename Grid<S, true>::Numbers{});
      static_assert(range.any, "budget: no encoding of the space is valid");
      return range;
    } else {
      return CostRange{};
    }
  }
}();

}  // namespace space::detail

/// @brief What the largest architectures of a space cost; each number for itself, so that no single
/// one need cost all of it.
///
/// Exact for spaces of any size whose costs are sums over the decisions; others are enumerated, up
/// to 131,072 encodings.
/// @tparam R how MACs are counted
template <SearchSpace S, cost::Rule R = cost::Rule::f201>
inline constexpr Cost max_cost = space::detail::cost_range<S, R>.most;

/// @brief What the smallest architectures of a space cost; each number for itself.
template <SearchSpace S, cost::Rule R = cost::Rule::f201>
inline constexpr Cost min_cost = space::detail::cost_range<S, R>.least;

/// static_assert(tepui::max_params<S> <= 250'000);
template <SearchSpace S>
inline constexpr std::int64_t max_params = max_cost<S>.params;
template <SearchSpace S>
inline constexpr std::int64_t min_params = min_cost<S>.params;
template <SearchSpace S, cost::Rule R = cost::Rule::f201>
inline constexpr std::int64_t max_macs = max_cost<S, R>.macs;
template <SearchSpace S, cost::Rule R = cost::Rule::f201>
inline constexpr std::int64_t min_macs = min_cost<S, R>.macs;

/// @brief Whether one image runs through a network within so many bytes of activations.
///
///     static_assert(tepui::fits<Architecture>(64 * 1024));
///
/// Counts as nn::peak_of says; weights come on top.
/// @tparam Architecture an nn::Network; a space's supernet is counted with its largest options
/// @tparam T            what an activation is stored as
template <class Architecture, class T = float>
[[nodiscard]] constexpr bool fits(std::size_t bytes) {
  constexpr bool is_network = requires { Architecture::peak_activations(); };
  static_assert(is_network,
                "fits: ask about a network; for a space about its architectures (materialize) or "
                "its supernet (S::Network)");
  if constexpr (is_network) {
    return Architecture::peak_activations() * sizeof(T) <= bytes;
  } else {
    return false;
  }
}

}  // namespace tepui
