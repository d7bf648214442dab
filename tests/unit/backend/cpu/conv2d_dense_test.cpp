#include "tepui/backend/cpu/conv2d_dense.hpp"

#include "gtest/gtest.h"
#include "support/backend/conv_check.hpp"

namespace {

using namespace tepui::test;

// {{channels, height, width}, out, kernel, stride, padding, dilation, groups}

TEST(CpuConv2dDense, ThreeByThreeAtWidthsAroundTheVectorLength) {
  check_all<ConvGeometry{{1, 5, 7}, 1, 3, 1, 1}, ConvGeometry{{3, 9, 9}, 16, 3, 1, 1},
            ConvGeometry{{8, 6, 16}, 8, 3, 1, 1}, ConvGeometry{{10, 5, 6}, 17, 3, 1, 1},
            ConvGeometry{{16, 4, 33}, 24, 3, 1, 1}, ConvGeometry{{24, 3, 8}, 48, 3, 1, 1},
            ConvGeometry{{40, 4, 4}, 40, 3, 1, 1}, ConvGeometry{{64, 3, 5}, 80, 3, 1, 1}>(3);
}

TEST(CpuConv2dDense, Pointwise) {
  check_all<ConvGeometry{{3, 5, 7}, 10, 1, 1, 0}, ConvGeometry{{16, 4, 17}, 96, 1, 1, 0},
            ConvGeometry{{33, 1, 1}, 31, 1, 1, 0}, ConvGeometry{{16, 7, 8}, 20, 1, 2, 0},
            ConvGeometry{{4, 5, 5}, 6, 1, 3, 2}>(3);
}

TEST(CpuConv2dDense, LargeKernels) {
  check_all<ConvGeometry{{3, 9, 11}, 16, 5, 1, 2}, ConvGeometry{{5, 9, 7}, 9, 7, 1, 3},
            ConvGeometry{{16, 7, 7}, 16, 7, 1, 3}, ConvGeometry{{2, 3, 3}, 4, 5, 1, 2}>(2);
}

TEST(CpuConv2dDense, Grouped) {
  check_all<ConvGeometry{{8, 7, 7}, 8, 3, 1, 1, 1, 2}, ConvGeometry{{12, 6, 6}, 18, 3, 2, 1, 1, 3},
            ConvGeometry{{64, 5, 5}, 64, 3, 1, 1, 1, 2}, ConvGeometry{{6, 5, 5}, 12, 3, 1, 1, 1, 6},
            ConvGeometry{{32, 4, 4}, 16, 1, 1, 0, 1, 4}>(3);
}

}  // namespace
