#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "tepui/space/encoding.hpp"

/// @file
/// Counting and numbering of encodings. The order is lexicographic: decision 0 is the most
/// significant digit. Spaces with a validity rule are numbered over ALL encodings; users filter.
///
/// What is out of range does not compile in a constant expression. At run time nothing is checked,
/// because these are called for every architecture of a space: see in_range.

namespace tepui::space {

namespace detail {

/// The number of encodings, or 0 where it does not fit into 64 bits.
template <class S>
[[nodiscard]] constexpr std::uint64_t cardinality_or_zero() {
  std::uint64_t count = 1;
  for (const std::uint8_t options : S::options) {
    if (options != 0 && count > std::numeric_limits<std::uint64_t>::max() / options) return 0;
    count *= options;
  }
  return count;
}

/// Not constexpr: a constant expression that comes here ends with the name as its message.
inline void the_encoding_is_out_of_range() {}
inline void the_position_of_the_encoding_is_out_of_range() {}

}  // namespace detail

/// Whether the number of encodings of S fits into 64 bits; what rank and unrank need.
template <class S>
inline constexpr bool countable = detail::cardinality_or_zero<S>() != 0;

/// @return the exact number of encodings, valid or not
template <class S>
[[nodiscard]] constexpr std::uint64_t cardinality() {
  static_assert(countable<S>,
                "cardinality: this space has 2^64 encodings or more; use log10_cardinality");
  return detail::cardinality_or_zero<S>();
}

/// @return decimal logarithm of the number of encodings, valid or not, for spaces of any size
template <class S>
[[nodiscard]] double log10_cardinality() {
  double sum = 0;
  for (const std::uint8_t options : S::options) sum += std::log10(static_cast<double>(options));
  return sum;
}

/// @return whether every choice names an existing option
template <class S>
[[nodiscard]] constexpr bool in_range(const typename S::Encoding& encoding) {
  for (std::size_t i = 0; i < S::decisions; ++i) {
    if (encoding[i] >= S::options[i]) return false;
  }
  return true;
}

/// @return the position of an encoding in lexicographic order, 0..cardinality-1
/// @pre in_range<S>(encoding); checked in constant expressions only
template <class S>
[[nodiscard]] constexpr std::uint64_t rank(const typename S::Encoding& encoding) {
  static_assert(countable<S>, "rank: this space has 2^64 encodings or more");
  std::uint64_t position = 0;
  for (std::size_t i = 0; i < S::decisions; ++i) {
    const std::uint8_t choices = S::options[i], choice = encoding[i];
    if (choice >= choices && std::is_constant_evaluated()) detail::the_encoding_is_out_of_range();
    position = position * choices + choice;
  }
  return position;
}

/// @return the encoding at `position` of the lexicographic order
/// @pre position < cardinality<S>(); checked in constant expressions only
template <class S>
[[nodiscard]] constexpr typename S::Encoding unrank(std::uint64_t position) {
  static_assert(countable<S>, "unrank: this space has 2^64 encodings or more");
  typename S::Encoding encoding{};
  for (std::size_t i = S::decisions; i-- > 0;) {
    encoding[i] = static_cast<std::uint8_t>(position % S::options[i]);
    position /= S::options[i];
  }
  if (position != 0 && std::is_constant_evaluated()) {
    detail::the_position_of_the_encoding_is_out_of_range();
  }
  return encoding;
}

}  // namespace tepui::space
