#include "tepui/backend/cpu/buffer.hpp"

#include <cstdint>
#include <utility>

#include "gtest/gtest.h"

namespace {

using Buffer = tepui::backend::AlignedBuffer<float>;

TEST(CpuBuffer, StartsZeroedOnACacheLine) {
  const Buffer b(33);
  EXPECT_EQ(b.size(), 33u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(b.data()) % 64, 0u);
  for (const float v : b.span()) EXPECT_EQ(v, 0.0F);
}

TEST(CpuBuffer, EmptyOwnsNothing) {
  EXPECT_EQ(Buffer().data(), nullptr);
  EXPECT_EQ(Buffer(0).data(), nullptr);
  EXPECT_TRUE(Buffer().span().empty());
}

TEST(CpuBuffer, CopiesAreDeepAndMovesEmptyTheSource) {
  Buffer a(2);
  a.data()[1] = 5;
  Buffer b = a;
  b.data()[1] = 6;
  EXPECT_EQ(a.data()[1], 5.0F);
  const Buffer c = std::move(b);
  EXPECT_EQ(c.data()[1], 6.0F);
  a = c;
  EXPECT_EQ(a.data()[1], 6.0F);
  a = Buffer(4);
  EXPECT_EQ(a.size(), 4u);
}

}  // namespace
