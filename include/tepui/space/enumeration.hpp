#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "tepui/space/encoding.hpp"

/// @file
/// Counting and numbering of encodings. The order is lexicographic: decision 0 is the most
/// significant digit. Spaces with a validity rule are numbered over ALL encodings; users filter.

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
/// @pre in_range<S>(encoding)
template <class S>
[[nodiscard]] constexpr std::uint64_t rank(const typename S::Encoding& encoding) {
  static_assert(countable<S>, "rank: this space has 2^64 encodings or more");
  std::uint64_t position = 0;
  for (std::size_t i = 0; i < S::decisions; ++i) position = position * S::options[i] + encoding[i];
  return position;
}

/// @return the encoding at `position` of the lexicographic order
/// @pre position < cardinality<S>()
template <class S>
[[nodiscard]] constexpr typename S::Encoding unrank(std::uint64_t position) {
  static_assert(countable<S>, "unrank: this space has 2^64 encodings or more");
  typename S::Encoding encoding{};
  for (std::size_t i = S::decisions; i-- > 0;) {
    encoding[i] = static_cast<std::uint8_t>(position % S::options[i]);
    position /= S::options[i];
  }
  return encoding;
}

}  // namespace tepui::space
