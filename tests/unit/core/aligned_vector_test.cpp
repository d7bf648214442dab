// Vectors that begin on a cache line.
#include "tepui/core/aligned_vector.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

TEST(AlignedVector, BeginsOnACacheLineHoweverItGrows) {
  std::vector<tepui::AlignedVector<float>> several;  // neighbours, so that chance does not help
  for (std::size_t n = 1; n < 40; ++n) {
    several.emplace_back(n, 1.5F);
    several.back().push_back(2.5F);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(several.back().data()) % 64, 0u);
    EXPECT_EQ(several.back().front(), 1.5F);
    EXPECT_EQ(several.back().back(), 2.5F);
  }
}

}  // namespace
