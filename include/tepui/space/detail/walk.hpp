#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tepui/cost/cost.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/space/key.hpp"
#include "tepui/space/operators.hpp"
#include "tepui/space/selection.hpp"

/// @file
/// Walking all encodings of a space in constant expressions.
///
/// Compilers bound the steps of one constant expression (clang++: about a million), so a space is
/// walked in pieces, each a constant of its own, and what the pieces found is joined.

namespace tepui::space::detail {

inline constexpr std::uint64_t most_enumerable = std::uint64_t{1} << 17;

/// Whether the cost of an architecture is a sum over its decisions.
template <class S>
inline constexpr bool additive = !has_nested_choice<typename S::Network::Body>();

/// A piece holds all encodings that begin alike: every option of the last decisions, as many of
/// those as stay under a bound, which is lower where an encoding takes many steps.
/// @tparam Pairs whether the encodings of a piece are compared with each other
template <class S, bool CostOnly, bool Pairs = false>
struct Grid {
  static constexpr std::size_t most_in_piece = !CostOnly || !additive<S> ? 30 : Pairs ? 130 : 700;
  /// The first decision that runs inside a piece.
  static constexpr std::size_t first_inner = [] {
    std::size_t inner = S::options[S::decisions - 1];
    std::size_t d = S::decisions - 1;
    while (d > 0 && inner * S::options[d - 1] <= most_in_piece) inner *= S::options[--d];
    return d;
  }();
  static constexpr std::size_t piece_size = [] {
    std::size_t inner = 1;
    for (std::size_t d = first_inner; d < S::decisions; ++d) inner *= S::options[d];
    return inner;
  }();
  static constexpr auto pieces = static_cast<std::size_t>(cardinality<S>() / piece_size);
  using Numbers = std::make_index_sequence<pieces>;
};

/// All options of the decisions from D on; `partial` is the cost with option 0 for all of them.
template <class S, cost::Rule R, std::size_t D, class Visit>
constexpr void walk_options(typename S::Encoding& code, Cost partial, Visit& visit) {
  constexpr const CostTable<S>& table = cost_table<S, R>;
  for (std::uint8_t o = 0; o < S::options[D]; ++o) {
    code[D] = o;
    const Cost& extra = table.extra[D][o];
    const Cost sum{partial.params + extra.params, partial.macs + extra.macs,
                   partial.activations + extra.activations};
    if constexpr (D + 1 < S::decisions) {
      walk_options<S, R, D + 1>(code, sum, visit);
    } else {
      visit(std::as_const(code), sum);
    }
  }
}

/// Calls visit(code, cost) for every encoding of a piece, valid or not.
template <class S, cost::Rule R, class G, class Visit>
constexpr void walk_piece(std::size_t number, Visit&& visit) {
  typename S::Encoding code = unrank<S>(number * G::piece_size);
  if constexpr (additive<S>) {
    constexpr const CostTable<S>& table = cost_table<S, R>;
    Cost partial = table.base;
    for (std::size_t d = 0; d < G::first_inner; ++d) partial += table.extra[d][code[d]];
    walk_options<S, R, G::first_inner>(code, partial, visit);
  } else {
    for (std::size_t i = 0; i < G::piece_size; ++i) {
      code = unrank<S>(number * G::piece_size + i);
      visit(std::as_const(code), cost_of<S>(code, R));
    }
  }
}

/// Which encodings of a piece are chosen, one bit each.
template <std::size_t Size>
struct Chosen {
  std::array<std::uint64_t, (Size + 63) / 64> words{};
  std::size_t count = 0;

  constexpr void choose(std::size_t i) {
    words[i / 64] |= std::uint64_t{1} << (i % 64);
    ++count;
  }
};

/// @param ask bool(code, cost); not asked about encodings that the space calls invalid
template <class S, cost::Rule R, class G, class Ask>
constexpr Chosen<G::piece_size> choose_in_piece(std::size_t number, const Ask& ask) {
  Chosen<G::piece_size> chosen;
  std::size_t i = 0;
  std::uint64_t word = 0;  // compilers write to an array more slowly
  walk_piece<S, R, G>(number, [&](const auto& code, const Cost& cost) {
    if (is_valid<S>(code) && ask(code, cost)) {
      word |= std::uint64_t{1} << (i % 64);
      ++chosen.count;
    }
    if (++i % 64 == 0 || i == G::piece_size) {
      chosen.words[(i - 1) / 64] = word;
      word = 0;
    }
  });
  return chosen;
}

template <class Choose, std::size_t... Number>
constexpr std::size_t count_chosen(std::index_sequence<Number...>) {
  const std::size_t counts[] = {Choose::template piece<Number>.count...};
  std::size_t sum = 0;
  for (const std::size_t count : counts) sum += count;
  return sum;
}

/// The encodings that a piece chooses, written out, in lexicographic order.
template <class S, std::size_t Count>
struct Codes {
  typename S::Encoding of[Count == 0 ? 1 : Count];
};
template <class S, class Choose, std::size_t Number>
inline constexpr auto chosen_codes = [] {
  using G = typename Choose::Grid;
  constexpr const auto& piece = Choose::template piece<Number>;
  Codes<S, piece.count> all{};
  if constexpr (piece.count != 0) {
    typename S::Encoding code = unrank<S>(Number * G::piece_size);
    std::size_t next = 0;
    for (std::size_t w = 0; w < piece.words.size(); ++w) {
      for (std::uint64_t word = piece.words[w]; word != 0; word &= word - 1) {
        std::size_t position = w * 64 + static_cast<std::size_t>(std::countr_zero(word));
        for (std::size_t d = S::decisions; d-- > G::first_inner;) {
          code[d] = static_cast<std::uint8_t>(position % S::options[d]);
          position /= S::options[d];
        }
        all.of[next++] = code;
      }
    }
  }
  return all;
}();

/// @return the encodings that `Choose::piece<Number>` chooses, in lexicographic order
template <class S, class Choose, std::size_t Size, std::size_t... Number>
constexpr Selection<S, Size> join_chosen(std::index_sequence<Number...>) {
  const typename S::Encoding* const pieces[] = {chosen_codes<S, Choose, Number>.of...};
  const std::size_t counts[] = {Choose::template piece<Number>.count...};
  Selection<S, Size> all;
  std::size_t next = 0;
  for (std::size_t p = 0; p < sizeof...(Number); ++p) {
    for (std::size_t i = 0; i < counts[p]; ++i) all.encodings[next++] = pieces[p][i];
  }
  return all;
}

/// Whether a space is small enough to be enumerated; 0 means too many to count.
template <class S>
inline constexpr bool enumerable = cardinality_or_zero<S>() - 1 < most_enumerable;

/// The hard answer; where it is no, callers go no further, so that it stays the only message.
template <class S, class... By>
constexpr bool check_keys() {
  constexpr bool are_keys = (Key<By, S> && ...);
  static_assert(are_keys,
                "key: use one of tepui::key, or a lambda without captures that takes a Cost, or a "
                "Cost and an Encoding, and returns a number");
  constexpr bool few = enumerable<S>;
  static_assert(few, "key: the space has more than 131072 encodings; enumerate it at run time");
  return are_keys && few;
}

}  // namespace tepui::space::detail
