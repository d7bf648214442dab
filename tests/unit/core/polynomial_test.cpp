#include "tepui/core/polynomial.hpp"

#include <gtest/gtest.h>

namespace {

using tepui::reproducible::polynomial;

TEST(Polynomial, TakesTheHighestPowerFirst) {
  EXPECT_EQ(polynomial(2.0, 3.0, 5.0, 7.0), 3 * 4 + 5 * 2 + 7);
}

// (1 - e)(1 + e) - 1 = -e^2; the product by itself would be rounded to 1.
TEST(Polynomial, RoundsEachStepOnce) {
  const volatile double e = 0x1p-27;
  EXPECT_EQ(polynomial(1 + e, 1 - e, -1.0), -0x1p-54);
  EXPECT_EQ(polynomial(1 + e, 0.0, 1 - e, -1.0), -0x1p-54);
}

}  // namespace
