#include "tepui/export/number.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "tepui/core/random.hpp"

namespace {

using tepui::io::parse_number;
using tepui::io::shortest;

TEST(Number, ShortestTextThatReadsBack) {
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(0.1f), "0.1");
  EXPECT_EQ(shortest(1.0), "1");
  EXPECT_EQ(shortest(-0.0), "-0");
  EXPECT_EQ(shortest(1e100), "1e+100");
  EXPECT_EQ(shortest(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(shortest(5e-324), "5e-324");
}

TEST(Number, NonFiniteNumbersAreSpelled) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(shortest(inf), "inf");
  EXPECT_EQ(shortest(-inf), "-inf");
  EXPECT_EQ(shortest(std::nan("")), "nan");
  EXPECT_EQ(shortest(-std::nan("")), "nan");
  double value = 0;
  ASSERT_TRUE(parse_number("-inf", value));
  EXPECT_EQ(value, -inf);
  ASSERT_TRUE(parse_number("nan", value));
  EXPECT_TRUE(std::isnan(value));
}

TEST(Number, EveryFiniteDoubleComesBack) {
  tepui::random::Stream stream({3, tepui::random::Purpose::user, 0});
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t high = stream();
    const double value = std::bit_cast<double>(high << 32 | stream());
    if (!std::isfinite(value)) continue;
    double back = 0;
    ASSERT_TRUE(parse_number(shortest(value), back));
    ASSERT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(value));
  }
}

TEST(Number, OtherTextIsNoNumber) {
  double value = 0;
  for (const char* text : {"", " 1", "1 ", "1,5", "x", "0x10", "1e999", "--1"}) {
    EXPECT_FALSE(parse_number(text, value)) << text;
  }
  EXPECT_TRUE(parse_number("2.5e-3", value));
  EXPECT_EQ(value, 0.0025);
}

}  // namespace
