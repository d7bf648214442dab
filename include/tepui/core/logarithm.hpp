#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "tepui/core/device_function.hpp"
#include "tepui/core/polynomial.hpp"

namespace tepui::reproducible {

/// @brief The natural logarithm, the same bits on every compiler, processor and GPU.
///
/// std::log is the C library's or CUDA's own and differs in last digits. This one takes bits apart
/// and uses sums, products, a quotient and fused multiply-adds, all of which IEEE 754 rounds in one
/// way. No product is added to anything by itself, because a compiler may fuse the two.
///
/// With x = 2^k m, m between sqrt(1/2) and sqrt(2), f = m - 1 and s = f / (2 + f),
///
///     log(m) = 2 atanh(s) = f - (f^2/2 - s (f^2/2 + 2 s^2 (1/3 + s^2/5 + s^4/7 + ...))),
///
/// where f is exact and what is subtracted is small, so that its rounding hardly matters.
///
/// @param x positive and finite, at least 2^-1022
/// @return log(x), within 0.9 units in the last place
/// @source fdlibm, e_log.c, Sun Microsystems, 1993 (the form of the sum; the coefficients are those
///         of the Taylor series).
[[nodiscard]] TEPUI_HOST_DEVICE double log(double x) {
  constexpr std::uint64_t root_of_half = 0x3FE6A09E667F3BCD;  // the bits of sqrt(1/2)
  const auto bits = std::bit_cast<std::uint64_t>(x);
  // Whole octaves above sqrt(1/2); the shift of a negative number rounds down.
  const auto octaves = static_cast<std::int64_t>(bits - root_of_half) >> 52;
  const auto k = static_cast<double>(static_cast<std::int32_t>(octaves));
  const auto m = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(octaves) << 52));

  const double f = m - 1.0;
  const double s = f / (2.0 + f);
  const double s2 = s * s;
  const double half_square = 0.5 * f * f;
  // |s| < 0.172: the first term left out is below 2^-60 of the logarithm of m.
  const double series = polynomial(s2, 2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13, 2.0 / 11,
                                   2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3);
  constexpr double ln2 = 0x1.62e42fefa39efp-1;
  constexpr double ln2_rest = 0x1.abc9e3b39803fp-56;  // log(2) - ln2
  const double low_part = std::fma(-s, std::fma(s2, series, half_square), half_square);
  return std::fma(k, ln2, f - std::fma(-k, ln2_rest, low_part));
}

}  // namespace tepui::reproducible
