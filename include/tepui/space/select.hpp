#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "tepui/cost/cost.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/encoding.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/space/operators.hpp"
#include "tepui/space/space.hpp"

/// @file
/// Counting and filtering all architectures of a space in constant expressions.

namespace tepui {

/// @brief Some architectures of a space, in lexicographic order of their encodings.
///
/// Structural: `for_each_architecture<selection>` takes it as a template argument.
template <SearchSpace S, std::size_t Size>
struct Selection {
  using SpaceType = S;
  using Encoding = typename S::Encoding;

  std::array<Encoding, Size> encodings{};

  [[nodiscard]] static constexpr std::size_t size() { return Size; }
  constexpr const Encoding& operator[](std::size_t i) const { return encodings[i]; }
  constexpr auto begin() const { return encodings.begin(); }
  constexpr auto end() const { return encodings.end(); }
};

/// @brief A question about an architecture that needs no state: `bool(Cost)` or
/// `bool(Cost, Encoding)`, usually a lambda without captures.
template <class P, class S>
concept Selector = std::is_empty_v<P> && std::default_initializable<P> &&
    (std::predicate<P, Cost> || std::predicate<P, Cost, typename S::Encoding>);

namespace space::detail {

// Compilers bound the steps of one constant expression, so that a space is walked in pieces, each a
// constant of its own.
inline constexpr std::uint64_t piece_size = 512;
inline constexpr std::uint64_t most_selectable = std::uint64_t{1} << 17;

template <class S, class P>
constexpr bool chosen(const typename S::Encoding& code, Cost cost) {
  if constexpr (std::predicate<P, Cost>) {
    return P{}(cost);
  } else {
    return P{}(cost, code);
  }
}

/// Steps to the next encoding in lexicographic order; returns the first decision that changed.
template <class S>
constexpr std::size_t advance(typename S::Encoding& code) {
  for (std::size_t d = S::decisions; d-- > 0;) {
    if (++code[d] < S::options[d]) return d;
    code[d] = 0;
  }
  return 0;
}

/// Costs along the lexicographic order: a step changes few decisions, so few sums are new.
template <class S, cost::Rule R>
class CostWalk {
  static constexpr bool additive = !has_nested_choice<typename S::Network::Body>();

 public:
  constexpr explicit CostWalk(const typename S::Encoding& code) { update(code, 0); }
  /// Tells that the decisions from `first` on have changed.
  constexpr void update(const typename S::Encoding& code, std::size_t first) {
    if constexpr (additive) {
      constexpr const CostTable<S>& table = cost_table<S, R>;
      if (first == 0) sums_[0] = table.base;
      for (std::size_t d = first; d < S::decisions; ++d) {
        sums_[d + 1] = sums_[d] + table.extra[d][code[d]];
      }
    } else {
      sums_[S::decisions] = cost_of<S>(code, R);
    }
  }
  [[nodiscard]] constexpr Cost cost() const { return sums_[S::decisions]; }

 private:
  std::array<Cost, S::decisions + 1> sums_{};  ///< of the decisions before
};

/// Which encodings of a piece are chosen.
struct Piece {
  std::array<bool, piece_size> chosen{};
  std::size_t count = 0;
};

template <class S>
constexpr std::uint64_t encodings_in_piece(std::uint64_t piece) {
  return std::min(piece_size, cardinality<S>() - piece * piece_size);
}

template <class S, class P, cost::Rule R, std::size_t Number>
inline constexpr Piece piece_of = [] {
  Piece piece;
  typename S::Encoding code = unrank<S>(Number * piece_size);
  CostWalk<S, R> walk(code);
  const std::uint64_t size = encodings_in_piece<S>(Number);
  for (std::uint64_t i = 0; i < size; ++i) {
    if (is_valid<S>(code) && chosen<S, P>(code, walk.cost())) {
      piece.chosen[i] = true;
      ++piece.count;
    }
    const std::size_t changed = advance<S>(code);
    walk.update(code, changed);
  }
  return piece;
}();

template <class S, class P, cost::Rule R, std::size_t Number>
inline constexpr auto chosen_in_piece = [] {
  constexpr const Piece& piece = piece_of<S, P, R, Number>;
  std::array<typename S::Encoding, piece.count> result{};
  if constexpr (piece.count > 0) {
    std::size_t next = 0;
    typename S::Encoding code = unrank<S>(Number * piece_size);
    for (std::uint64_t i = 0; next < piece.count; ++i, (void)advance<S>(code)) {
      if (piece.chosen[i]) result[next++] = code;
    }
  }
  return result;
}();

/// The hard answer; where it is no, callers go no further, so that it stays the only message.
template <class S, class P>
constexpr bool check_selection() {
  constexpr bool asks = Selector<P, S>;
  static_assert(asks,
                "select: the predicate must be a lambda without captures that takes a Cost, or a "
                "Cost and an Encoding, and returns a bool");
  constexpr bool few = cardinality_or_zero<S>() - 1 < most_selectable;  // 0: too many to count
  static_assert(few, "select: the space has more than 131072 encodings; enumerate it at run time");
  return asks && few;
}

template <class S>
using Pieces = std::make_index_sequence<(cardinality<S>() + piece_size - 1) / piece_size>;

template <class S, class P, cost::Rule R, std::size_t... Number>
constexpr std::size_t count_pieces(std::index_sequence<Number...>) {
  return (piece_of<S, P, R, Number>.count + ...);
}

template <class S, class P, cost::Rule R, std::size_t Size, std::size_t... Number>
constexpr Selection<S, Size> join_pieces(std::index_sequence<Number...>) {
  Selection<S, Size> all;
  std::size_t next = 0;
  const auto append = [&](const auto& piece) {
    for (std::size_t i = 0; i < piece.size(); ++i) all.encodings[next++] = piece[i];
  };
  (append(chosen_in_piece<S, P, R, Number>), ...);
  return all;
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
    return space::detail::count_pieces<S, P, R>(space::detail::Pieces<S>{});
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
/// @return a Selection of exactly as many encodings as there are
template <SearchSpace S, cost::Rule R = cost::Rule::f201, class P>
[[nodiscard]] constexpr auto select(P) {
  if constexpr (space::detail::check_selection<S, P>()) {
    constexpr std::size_t size = space::detail::count_pieces<S, P, R>(space::detail::Pieces<S>{});
    static_assert(size > 0, "select: no architecture of the space satisfies the predicate");
    return space::detail::join_pieces<S, P, R, size>(space::detail::Pieces<S>{});
  } else {
    return Selection<S, 1>{};
  }
}

}  // namespace tepui
