// What the library relies on from the compiler and does not always get.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <vector>

namespace {

// GCC 12 for AVX-512 copied the lower half of such constants over the upper one; the CMake target
// passes the flags that keep it from doing so.
TEST(Compiler, ConstantArraysKeepTheirUpperHalf) {
  const std::vector<double> numbers{1, 1, 0, 0};
  EXPECT_EQ(numbers[2], 0);
  EXPECT_EQ(numbers[3], 0);
  const std::array<int, 8> integers{1, 1, 1, 1, 0, 0, 0, 0};
  std::array<int, 8> copy{};
  std::memcpy(copy.data(), integers.data(), sizeof copy);
  volatile std::size_t upper = 4;
  EXPECT_EQ(copy[upper], 0);
  const std::vector<float> floats{1, 1, 1, 1, 1, 1, 0, 0};
  EXPECT_EQ(floats[6], 0);
}

}  // namespace
