#include "tepui/backend/cpu/conv2d_depthwise.hpp"

#include "gtest/gtest.h"
#include "support/backend/conv_check.hpp"

namespace {

using namespace tepui::test;

// {{channels, height, width}, out, kernel, stride, padding, dilation, groups}

TEST(CpuConv2dDepthwise, AllGeometries) {
  check_all<
      ConvGeometry{{1, 5, 5}, 1, 3, 1, 1, 1, 1}, ConvGeometry{{8, 7, 9}, 8, 3, 1, 1, 1, 8},
      ConvGeometry{{16, 8, 8}, 16, 3, 2, 1, 1, 16}, ConvGeometry{{40, 6, 5}, 40, 5, 1, 2, 1, 40},
      ConvGeometry{{24, 11, 9}, 24, 5, 2, 2, 1, 24}, ConvGeometry{{19, 9, 9}, 19, 3, 1, 2, 2, 19},
      ConvGeometry{{70, 9, 33}, 70, 3, 1, 1, 1, 70}, ConvGeometry{{5, 9, 9}, 5, 7, 1, 3, 1, 5},
      ConvGeometry{{16, 8, 8}, 16, 3, 3, 1, 2, 16}, ConvGeometry{{16, 4, 4}, 16, 1, 2, 0, 1, 16}>(
      3);
}

}  // namespace
