#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "tepui/cost/cost.hpp"
#include "tepui/space/detail/walk.hpp"
#include "tepui/space/selection.hpp"
#include "tepui/space/space.hpp"

/// @file
/// Counting and filtering all architectures of a space in constant expressions.

namespace tepui {

/// @brief A question about an architecture that needs no state: `bool(Cost)` or
/// `bool(Cost, Encoding)`, usually a lambda without captures.
template <class P, class S>
concept Selector = std::is_empty_v<P> && std::default_initializable<P> &&
    (std::predicate<P, Cost> || std::predicate<P, Cost, typename S::Encoding>);

namespace space::detail {

/// The encodings that satisfy a predicate.
template <class S, class P, cost::Rule R>
struct Satisfying {
  static constexpr bool cost_only = std::predicate<P, Cost>;
  using Grid = detail::Grid<S, cost_only>;

  template <std::size_t Number>
  static constexpr auto piece = choose_in_piece<S, R, Grid>(Number,
                                                            [](const auto& code, const Cost& cost) {
                                                              if constexpr (cost_only) {
                                                                return P{}(cost);
                                                              } else {
                                                                return P{}(cost, code);
                                                              }
                                                            });
};

/// The hard answer; where it is no, callers go no further, so that it stays the only message.
template <class S, class P>
constexpr bool check_selection() {
  constexpr bool asks = Selector<P, S>;
  static_assert(asks,
                "select: the predicate must be a lambda without captures that takes a Cost, or a "
                "Cost and an Encoding, and returns a bool");
  constexpr bool few = enumerable<S>;
  static_assert(few, "select: the space has more than 131072 encodings; enumerate it at run time");
  return asks && few;
}

}  // namespace space::detail

/// @brief How many architectures of a space satisfy a predicate; a constant expression.
///
///     static_assert(tepui::count_if<S>([](tepui::Cost c) { return c.params < 5000; }) == 12);
///
/// Encodings that the space calls invalid are left out. Spaces of up to 131,072 encodings; the
/// 15,625 of NAS-Bench-201 are within the default limits of g++ and clang++.
/// @tparam R how MACs are counted
template <SearchSpace S, cost::Rule R = cost::Rule::f201, class P>
[[nodiscard]] constexpr std::size_t count_if(P) {
  if constexpr (space::detail::check_selection<S, P>()) {
    using Choose = space::detail::Satisfying<S, P, R>;
    return space::detail::count_chosen<Choose>(typename Choose::Grid::Numbers{});
  } else {
    return 1;
  }
}

/// @brief The architectures of a space that satisfy a predicate, as a constant.
///
///     constexpr auto light = tepui::select<S>([](tepui::Cost c) { return c.params < 5000; });
///     static_assert(light.size() == 12);
///
/// An empty selection does not compile; ask count_if first where that may happen.
/// @return a Selection of exactly as many encodings as there are, in lexicographic order
template <SearchSpace S, cost::Rule R = cost::Rule::f201, class P>
[[nodiscard]] constexpr auto select(P) {
  if constexpr (space::detail::check_selection<S, P>()) {
    using Choose = space::detail::Satisfying<S, P, R>;
    using Numbers = typename Choose::Grid::Numbers;
    constexpr std::size_t size = space::detail::count_chosen<Choose>(Numbers{});
    static_assert(size > 0, "select: no architecture of the space satisfies the predicate");
    return space::detail::join_chosen<S, Choose, size>(Numbers{});
  } else {
    return Selection<S, 1>{};
  }
}

}  // namespace tepui
