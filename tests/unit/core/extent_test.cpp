#include "tepui/core/extent.hpp"

#include <gtest/gtest.h>

#include <cstddef>

namespace {

using tepui::Extent;

TEST(Extent, GrowsWithTheBatchInWholeCacheLines) {
  constexpr Extent e{5, 3};
  EXPECT_EQ(e.at(1), 16u);                // 8
  EXPECT_EQ(e.at(2), 16u);                // 13
  EXPECT_EQ(e.at(3), 32u);                // 18
  EXPECT_EQ((Extent{16, 0}.at(4)), 64u);  // already whole
  EXPECT_EQ((Extent{0, 1}.at(1000)), 16u);
  EXPECT_EQ(Extent{}.at(1000), 0u);
}

TEST(Extent, NothingBesideABufferAddsNothing) {
  EXPECT_EQ((Extent{} + Extent{5, 3}), (Extent{5, 3}));
  EXPECT_EQ((Extent{5, 3} + Extent{}), (Extent{5, 3}));
}

TEST(Extent, TheSumHoldsBothBuffersAligned) {
  const Extent sum = Extent{5, 3} + Extent{7, 0};
  EXPECT_EQ(sum, (Extent{12, 19}));
  for (std::size_t a = 0; a < 40; ++a) {
    for (std::size_t b = 0; b < 40; ++b) {
      for (int batch = 1; batch < 5; ++batch) {
        const Extent first{a, b}, second{b, a};
        EXPECT_GE((first + second).at(batch), first.at(batch) + second.at(batch))
            << a << " " << b << " " << batch;
      }
    }
  }
}

TEST(Extent, TheLargerOfEachPart) {
  EXPECT_EQ(max_extent(Extent{5, 3}, Extent{2, 9}), (Extent{5, 9}));
  EXPECT_EQ(max_extent(Extent{}, Extent{2, 9}), (Extent{2, 9}));
}

}  // namespace
