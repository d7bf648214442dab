#include "tepui/backend/cpu/conv2d_axis.hpp"

#include "gtest/gtest.h"
#include "support/backend/conv_check.hpp"

namespace {

using namespace tepui::test;

// {{channels, height, width}, out, kernel, stride, padding, dilation, groups}

TEST(CpuConv2dAxis, StridesPaddingAndDilation) {
  check_all<ConvGeometry{{16, 8, 8}, 32, 3, 2, 1}, ConvGeometry{{3, 9, 7}, 8, 3, 2, 1},
            ConvGeometry{{8, 9, 12}, 8, 3, 2, 0}, ConvGeometry{{8, 11, 11}, 8, 3, 1, 2, 2},
            ConvGeometry{{4, 11, 10}, 12, 5, 1, 4, 2}, ConvGeometry{{4, 12, 13}, 5, 3, 2, 2, 2},
            ConvGeometry{{4, 12, 13}, 5, 3, 4, 1, 2}, ConvGeometry{{6, 10, 11}, 7, 3, 3, 3},
            ConvGeometry{{3, 4, 4}, 4, 2, 2, 0}, ConvGeometry{{3, 5, 5}, 4, 3, 1, 3},
            ConvGeometry{{3, 6, 6}, 4, 3, 1, 0}, ConvGeometry{{3, 7, 5}, 4, 4, 2, 1}>(3);
}

}  // namespace
