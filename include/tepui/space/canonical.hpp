#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tepui/space/enumeration.hpp"
#include "tepui/space/space.hpp"

/// @file
/// Architectures that compute the same function under different encodings.
///
/// A space says which are the same by `using Signature = ...`: a function object without state that
/// gives a number for an encoding, equal for two encodings exactly if they are the same. Another
/// notion of sameness is given as a template argument.

namespace tepui {

namespace space::detail {

inline constexpr std::uint64_t most_comparable = std::uint64_t{1} << 15;

template <class S, class Signature, std::size_t First, std::size_t Size>
inline constexpr auto signatures_from = [] {
  std::array<std::uint64_t, Size> result{};
  typename S::Encoding code = unrank<S>(First);
  for (std::size_t i = 0; i < Size; ++i) {
    result[i] = Signature{}(code);
    for (std::size_t d = S::decisions; d-- > 0;) {
      if (++code[d] < S::options[d]) break;
      code[d] = 0;
    }
  }
  return result;
}();

/// For every rank the least rank with the same signature.
template <std::size_t Size>
struct SameClasses {
  std::array<std::uint16_t, Size> least{};
  std::size_t count = 0;  ///< of different signatures
};

/// Signatures are computed in pieces, each a constant of its own; then one table finds the equals.
template <class S, class Signature>
inline constexpr auto same_classes = [] {
  constexpr auto size = static_cast<std::size_t>(cardinality<S>());
  constexpr std::size_t piece = 256;
  constexpr std::size_t pieces = (size + piece - 1) / piece;
  constexpr std::size_t slots = 65536;
  struct Slot {
    std::uint64_t signature;
    std::uint32_t place;  ///< one more than the least rank; 0: free
  };
  Slot table[slots] = {};
  for (Slot& slot : table) slot.place = 0;  // one after the other: compilers keep it dense
  SameClasses<size> classes;
  std::size_t rank = 0;
  const auto add = [&](const auto& signatures) {
    for (const std::uint64_t signature : signatures) {
      std::size_t at = (signature * 0x9E3779B97F4A7C15u) >> 48;
      while (table[at].place != 0 && table[at].signature != signature) at = (at + 1) % slots;
      if (table[at].place == 0) {
        table[at].signature = signature;
        table[at].place = static_cast<std::uint32_t>(rank + 1);
        ++classes.count;
      }
      classes.least[rank++] = static_cast<std::uint16_t>(table[at].place - 1);
    }
  };
  [&]<std::size_t... Number>(std::index_sequence<Number...>) {
    (add(signatures_from<S, Signature, Number * piece, std::min(piece, size - Number * piece)>),
     ...);
  }
  (std::make_index_sequence<pieces>{});
  return classes;
}();

template <class S, class Signature>
constexpr bool check_comparable() {
  constexpr bool few = cardinality_or_zero<S>() - 1 < most_comparable;
  static_assert(few, "canonical: the space has more than 32768 encodings, too many to compare all");
  return few;
}

}  // namespace space::detail

/// @brief The first encoding, in lexicographic order, that computes the same as a given one.
///
/// A constant expression and a fast call: the table behind it is made by the compiler, once.
/// @pre in_range<S>(code); checked in constant expressions only
template <SearchSpace S, class Signature = typename S::Signature>
[[nodiscard]] constexpr typename S::Encoding canonical(const typename S::Encoding& code) {
  if constexpr (space::detail::check_comparable<S, Signature>()) {
    constexpr const auto& classes = space::detail::same_classes<S, Signature>;
    return space::unrank<S>(classes.least[space::rank<S>(code)]);
  } else {
    return code;
  }
}

/// @return whether no earlier encoding computes the same; true for one encoding of every function
/// @pre as canonical
template <SearchSpace S, class Signature = typename S::Signature>
[[nodiscard]] constexpr bool is_canonical(const typename S::Encoding& code) {
  if constexpr (space::detail::check_comparable<S, Signature>()) {
    const std::uint64_t rank = space::rank<S>(code);
    return space::detail::same_classes<S, Signature>.least[rank] == rank;
  } else {
    return true;
  }
}

/// @return how many of the encodings of a space are different
template <SearchSpace S, class Signature = typename S::Signature>
[[nodiscard]] constexpr std::size_t count_distinct() {
  if constexpr (space::detail::check_comparable<S, Signature>()) {
    return space::detail::same_classes<S, Signature>.count;
  } else {
    return 0;
  }
}

}  // namespace tepui
