#include "tepui/core/reproducible.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "tepui/core/random.hpp"

namespace {

using tepui::reproducible::power;
using tepui::reproducible::product;

static_assert(power(0.5, 3) == 0.125 && power(0.25, 0.5) == 0.5);
static_assert(power(0.3, 0) == 1 && power(0, 0) == 1 && power(0, 0.1) == 0 && power(1, 1e300) == 1);
static_assert(power(0.5, 1074) == 0x1p-1074 && power(0.5, 1100) == 0);
static_assert(power(0x1p-1074, 1.0 / 1074) == 0.5);
static_assert(power(0.999, 1e300) == 0 && power(0.999, 1e-300) == 1);

/// The error in units in the last place of the result.
double error_in_ulp(double x, double y) {
  const long double exact = std::pow(static_cast<long double>(x), static_cast<long double>(y));
  const auto nearest = static_cast<double>(exact);
  const double ulp = std::nextafter(nearest, 2.0) - nearest;
  return static_cast<double>(std::abs(power(x, y) - exact) / ulp);
}

TEST(Power, IsWithinOneUnitInTheLastPlace) {
  tepui::random::Stream stream{tepui::random::Key{1}};
  double worst = 0;
  for (int i = 0; i < 200000; ++i) {
    const double y = std::exp2(stream.uniform(-10, 6));
    worst = std::max(worst, error_in_ulp(stream.uniform(), y));
    worst = std::max(worst, error_in_ulp(1 - std::exp2(stream.uniform(-53, 0)), y));
    worst = std::max(worst, error_in_ulp(std::exp2(stream.uniform(-1000, 0)), y / 64));
  }
  EXPECT_LT(worst, 1.0);
  EXPECT_GT(worst, 0.4);  // the measure works: no double is nearer than half a unit
}

TEST(Power, LosesAccuracyInProportionToLargeExponents) {
  tepui::random::Stream stream{tepui::random::Key{2}};
  for (int i = 0; i < 20000; ++i) {
    const double y = std::exp2(stream.uniform(7, 40));
    const double x = 1 - stream.uniform() / y;
    const auto exact =
        static_cast<double>(std::pow(static_cast<long double>(x), static_cast<long double>(y)));
    EXPECT_NEAR(power(x, y), exact, exact * (y * 0x1p-60 + 0x1p-52));
  }
}

constexpr std::size_t points = 64;
constexpr double base(std::size_t i) { return (static_cast<double>(i) + 0.37) / points; }

TEST(Power, HasTheSameBitsInConstantExpressions) {
  constexpr auto constants = [] {
    std::array<double, points> values{};
    for (std::size_t i = 0; i < points; ++i) values[i] = power(base(i), 1.0 / base(points - 1 - i));
    return values;
  }();
  for (std::size_t i = 0; i < points; ++i) {
    const volatile std::size_t at = i;  // so that nothing is folded
    EXPECT_EQ(power(base(at), 1.0 / base(points - 1 - at)), constants[i]);
  }
}

TEST(Product, IsRoundedBeforeItIsAdded) {
  const volatile double a = 1 + 0x1p-30;
  const double b = a;
  EXPECT_EQ(product(b, b) - (1 + 0x1p-29), 0);  // fused: 2^-60
  static_assert(product(1 + 0x1p-30, 1 + 0x1p-30) - (1 + 0x1p-29) == 0);
}

}  // namespace
