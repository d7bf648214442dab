#include "tepui/core/logarithm.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

#include "tepui/core/hash.hpp"
#include "tepui/core/random.hpp"

namespace {

namespace reproducible = tepui::reproducible;
using tepui::random::Key;
using tepui::random::Stream;
using Limits = std::numeric_limits<double>;

/// The error in units in the last place of the result.
double error_in_ulp(double x) {
  const long double exact = std::log(static_cast<long double>(x));
  const double ulp = std::ldexp(1.0, std::ilogb(static_cast<double>(exact)) - 52);
  return static_cast<double>(std::abs(reproducible::log(x) - exact) / ulp);
}

TEST(Logarithm, IsWithinOneUnitInTheLastPlace) {
  Stream stream{Key{1}};
  double worst = 0;
  for (int i = 0; i < 200000; ++i) {
    worst = std::max(worst, error_in_ulp(std::exp2(stream.uniform(-1022, 1023))));
    worst = std::max(worst, error_in_ulp(stream.uniform(0.5, 1)));
    worst = std::max(worst, error_in_ulp(stream.uniform(1 + 0x1p-52, 2)));
    worst = std::max(worst, error_in_ulp(1 - std::exp2(stream.uniform(-53, -1))));
    worst = std::max(worst, error_in_ulp(1 + std::exp2(stream.uniform(-52, -1))));
  }
  EXPECT_LT(worst, 0.9);
  EXPECT_GT(worst, 0.4);  // the measure works: no double is nearer than half a unit
}

TEST(Logarithm, AtTheEndsOfItsPieces) {
  EXPECT_EQ(reproducible::log(1.0), 0.0);
  EXPECT_EQ(reproducible::log(2.0), std::numbers::ln2);
  const double root = std::sqrt(0.5);
  for (const double x : {Limits::min(), Limits::max(), root, std::nextafter(root, 0.0),
                         std::nextafter(root, 1.0), 2 * root, std::nextafter(2 * root, 0.0),
                         std::nextafter(1.0, 0.0), std::nextafter(1.0, 2.0)}) {
    EXPECT_LT(error_in_ulp(x), 0.9) << x;
  }
}

// The hash comes from g++ 12 and clang++ 14 on x86-64, which gave this one value with and without
// optimisation, AVX-512, FMA instructions and contraction of products and sums.
TEST(Logarithm, HasTheSameBitsEverywhere) {
  Stream stream{Key{2}};
  tepui::Fnv1a hash;
  for (int i = 0; i < 100000; ++i) {
    const std::uint64_t exponent = 1 + stream.below(2046);
    const std::uint64_t upper = stream();
    const std::uint64_t mantissa = upper << 20 | stream() >> 12;
    const double x = std::bit_cast<double>(exponent << 52 | mantissa);
    hash.add_number(std::bit_cast<std::uint64_t>(reproducible::log(x)));
  }
  EXPECT_EQ(tepui::hex_text(hash.value()), "5242cf374bc85fa3");
}

}  // namespace
