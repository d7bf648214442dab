#include "tepui/backend/cpu/conv2d.hpp"

#include <vector>

#include "gtest/gtest.h"
#include "support/backend/conv_check.hpp"

namespace {

using namespace tepui::test;

// {{channels, height, width}, out, kernel, stride, padding, dilation, groups}

TEST(CpuConv2d, BatchOfOneAndOfSeventeen) {
  check_all<ConvGeometry{{8, 6, 6}, 8, 3, 1, 1}, ConvGeometry{{16, 6, 6}, 24, 3, 2, 1}>(1);
  check_all<ConvGeometry{{8, 6, 6}, 8, 3, 1, 1}, ConvGeometry{{16, 6, 6}, 24, 3, 2, 1}>(17);
}

TEST(CpuConv2d, ThreadCountDoesNotChangeABit) {
  check_threads<ConvGeometry{{16, 16, 16}, 32, 3, 1, 1}, float>(17);
  check_threads<ConvGeometry{{16, 16, 16}, 16, 3, 2, 1}, double>(17);
  check_threads<ConvGeometry{{32, 16, 16}, 32, 5, 1, 2, 1, 32}, float>(64);
  check_threads<ConvGeometry{{16, 16, 16}, 32, 3, 1, 1, 1, 2}, float>(17);
  check_threads<ConvGeometry{{160, 8, 8}, 160, 3, 1, 1}, float>(9);
}

TEST(CpuConv2d, AnEdgeDetectorByHand) {
  // one row 1 2 4 8, kernel -1 0 1, padding 1: right neighbour minus left neighbour
  constexpr ConvGeometry g{{1, 1, 4}, 1, 3, 1, 1};
  const std::vector<float> x{1, 2, 4, 8};
  const std::vector<float> w{0, 0, 0, -1, 0, 1, 0, 0, 0};
  std::vector<float> y(4);
  std::vector<float> scratch(Cpu::conv2d_scratch<g>().at(1));
  Cpu{}.conv2d_forward<g>(1, x.data(), w.data(), static_cast<const float*>(nullptr), y.data(),
                          scratch.data());
  EXPECT_EQ(y, (std::vector<float>{2, 3, 6, -4}));
}

}  // namespace
