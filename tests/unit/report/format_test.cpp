#include "tepui/report/format.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace {

using tepui::report::count;
using tepui::report::decimals_for;
using tepui::report::duration;
using tepui::report::fixed;
using tepui::report::mean_and_error;

constexpr double inf = std::numeric_limits<double>::infinity();

TEST(Format, FixedDigits) {
  EXPECT_EQ(fixed(1.005, 1), "1.0");
  EXPECT_EQ(fixed(-2.25, 3), "-2.250");
  EXPECT_EQ(fixed(-0.001, 2), "0.00");
  EXPECT_EQ(fixed(1e300, 0).size(), 301u);
  EXPECT_EQ(fixed(-inf, 2), "-inf");
  EXPECT_EQ(fixed(std::nan(""), 2), "nan");
}

TEST(Format, CountsHaveThreeDigits) {
  EXPECT_EQ(count(0), "0");
  EXPECT_EQ(count(999), "999");
  EXPECT_EQ(count(1000), "1K");
  EXPECT_EQ(count(1530000), "1.53M");
  EXPECT_EQ(count(40200), "40.2K");
  EXPECT_EQ(count(587386), "587K");
  EXPECT_EQ(count(999499), "999K");
  EXPECT_EQ(count(999500), "1M");
  EXPECT_EQ(count(9994), "9.99K");
  EXPECT_EQ(count(9996), "10K");
  EXPECT_EQ(count(7000000000), "7G");
  EXPECT_EQ(count(-1530000), "-1.53M");
  EXPECT_EQ(count(std::numeric_limits<std::int64_t>::max()), "9.22E");
  EXPECT_EQ(count(std::numeric_limits<std::int64_t>::min()), "-9.22E");
}

TEST(Format, DurationsChangeUnits) {
  EXPECT_EQ(duration(0), "0 s");
  EXPECT_EQ(duration(85e-6), "85 us");
  EXPECT_EQ(duration(0.0123), "12.3 ms");
  EXPECT_EQ(duration(0.9996), "1.00 s");
  EXPECT_EQ(duration(4.21), "4.21 s");
  EXPECT_EQ(duration(59.94), "59.9 s");
  EXPECT_EQ(duration(59.96), "1m 00s");
  EXPECT_EQ(duration(125), "2m 05s");
  EXPECT_EQ(duration(3599.4), "59m 59s");
  EXPECT_EQ(duration(3599.6), "1h 00m");
  EXPECT_EQ(duration(3 * 3600 + 7 * 60), "3h 07m");
  EXPECT_EQ(duration(86400 - 1), "1d 00h");
  EXPECT_EQ(duration(52 * 3600), "2d 04h");
  EXPECT_EQ(duration(-125), "-2m 05s");
  EXPECT_EQ(duration(inf), "?");
}

TEST(Format, ErrorsShowTwoDigits) {
  EXPECT_EQ(decimals_for(0.018), 3);
  EXPECT_EQ(decimals_for(0.1), 2);
  EXPECT_EQ(decimals_for(0.0999), 2);
  EXPECT_EQ(decimals_for(0.0994), 3);
  EXPECT_EQ(decimals_for(3.2), 1);
  EXPECT_EQ(decimals_for(320), 0);
  EXPECT_EQ(decimals_for(1e-30), 12);
  EXPECT_EQ(decimals_for(0, 2), 2);
  EXPECT_EQ(mean_and_error(93.12389, 0.01812), "93.124 +- 0.018");
  EXPECT_EQ(mean_and_error(0.5, 0.25), "0.50 +- 0.25");
  EXPECT_EQ(mean_and_error(12345.6, 321.4), "12346 +- 321");
  EXPECT_EQ(mean_and_error(-1.0, 0.0996), "-1.00 +- 0.10");
  EXPECT_EQ(mean_and_error(0.91234567, 0), "0.9123");
  EXPECT_EQ(mean_and_error(0.91234567, std::nan("")), "0.9123");
  EXPECT_EQ(mean_and_error(1, 0.5, "/"), "1.00/0.50");
}

}  // namespace
