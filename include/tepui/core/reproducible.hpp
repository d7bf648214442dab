#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

/// @file
/// Arithmetic that gives the same bits in a constant expression and at run time.
///
/// A compiler evaluates std::pow its own way (or refuses to), and may fuse a product and a sum into
/// one rounding, but only at run time. Decisions that have to be the same in both use these.

namespace tepui::reproducible {

/// @return a * b, rounded before anything is added to it
[[nodiscard]] constexpr double product(double a, double b) {
  if (std::is_constant_evaluated()) return a * b;
  const volatile double rounded = a * b;
  return rounded;
}

namespace detail {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

/// A positive number as mantissa * 2^exponent with 2^52 <= mantissa < 2^53.
struct Parts {
  std::uint64_t mantissa;
  int exponent;
};

constexpr Parts parts_of(double x) {
  const bool subnormal = x < 0x1p-1022;
  const auto bits = std::bit_cast<std::uint64_t>(subnormal ? x * 0x1p54 : x);
  const int exponent = static_cast<int>(bits >> 52) - 1075 - (subnormal ? 54 : 0);
  return {(bits & 0xFFFFFFFFFFFFFu) | std::uint64_t{1} << 52, exponent};
}

/// 2^62 / (2k + 1), the coefficients of atanh(s) / s = 1 + s^2/3 + s^4/5 + ...
inline constexpr auto atanh_coefficients = [] {
  std::array<std::int64_t, 15> table{};
  std::int64_t odd = 1;
  for (std::int64_t& coefficient : table) {
    coefficient = ((std::int64_t{1} << 62) + odd / 2) / odd;
    odd += 2;
  }
  return table;
}();

/// @return 2^62 * log2(x) for x > 0, with an absolute error of a few units
constexpr Int128 log2_fixed(double x) {
  auto [mantissa, exponent] = parts_of(x);
  constexpr std::uint64_t root_of_two = 0x16A09E667F3BCC;  // * 2^-52
  const int half = mantissa > root_of_two ? 1 : 0;  // so that m lies between sqrt(1/2) and sqrt(2)
  const auto one = std::int64_t{1} << (52 + half);
  const auto m = static_cast<std::int64_t>(mantissa);
  // log2(m) = 2 / ln 2 * atanh(s), s = (m - 1) / (m + 1), |s| < 0.172; 2^64 * s fits
  const auto s = static_cast<std::int64_t>(Int128{m - one} * (Int128{1} << 64) / (m + one));
  const auto s2 = static_cast<std::int64_t>(Int128{s} * s >> 64);
  std::int64_t series = 0;
  for (std::size_t k = atanh_coefficients.size(); k-- > 0;) {
    series = atanh_coefficients[k] + static_cast<std::int64_t>(Int128{series} * s2 >> 64);
  }
  constexpr std::int64_t two_over_ln2 = 0x5C551D94AE0BF85E;  // * 2^61
  const auto atanh = static_cast<std::int64_t>(Int128{s} * series >> 62);
  return Int128{exponent + 52 + half} * (Int128{1} << 62) + (Int128{atanh} * two_over_ln2 >> 63);
}

/// 2^62 / k!, the coefficients of the exponential
inline constexpr auto inverse_factorials = [] {
  std::array<std::uint64_t, 21> table{};
  std::uint64_t factorial = 1;
  for (std::size_t k = 0; k < table.size(); ++k) {
    factorial *= k > 1 ? k : 1;
    table[k] = ((std::uint64_t{1} << 62) + factorial / 2) / factorial;
  }
  return table;
}();

/// @return 2^62 * 2^h for h = `fixed` / 2^62 in [0, 1]
constexpr std::uint64_t exp2_fixed(std::uint64_t fixed) {
  constexpr std::uint64_t ln2 = 0xB17217F7D1CF79AC;  // * 2^64
  const auto z = static_cast<std::uint64_t>(Uint128{fixed} * ln2 >> 62);
  std::uint64_t sum = 0;
  for (std::size_t k = inverse_factorials.size(); k-- > 0;) {
    sum = inverse_factorials[k] + static_cast<std::uint64_t>(Uint128{sum} * z >> 64);
  }
  return sum;
}

constexpr double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

}  // namespace detail

/// @brief x to the power of y by integer arithmetic: the same bits everywhere.
/// @param x in [0, 1]   @param y finite, >= 0
/// @return in [0, 1]; within one unit in the last place for y up to 64, beyond that with a relative
///         error of y * 2^-60 at most; 1 for y = 0
[[nodiscard]] constexpr double power(double x, double y) {
  if (y == 0 || x >= 1) return 1;
  if (x == 0) return 0;
  const auto log = static_cast<detail::Uint128>(-detail::log2_fixed(x));
  const auto [factor, shift] = detail::parts_of(y);
  detail::Uint128 exponent = log * factor;  // below 2^127; y * -log2(x) = exponent * 2^(shift - 62)
  if (shift >= 0) {
    if (shift > 63 || exponent >> (127 - shift) != 0) return 0;
    exponent <<= shift;
  } else {
    exponent = shift > -128 ? exponent >> -shift : 0;
  }
  constexpr std::uint64_t one = std::uint64_t{1} << 62;
  if (exponent >> 62 > 1075) return 0;
  const auto whole = static_cast<int>(exponent >> 62);
  const std::uint64_t mantissa =
      detail::exp2_fixed(one - (static_cast<std::uint64_t>(exponent) & (one - 1)));
  // In two steps, because the second may end below the normal numbers.
  const double scaled = static_cast<double>(mantissa) * detail::power_of_two(-162);
  return scaled * detail::power_of_two(99 - whole);
}

}  // namespace tepui::reproducible
