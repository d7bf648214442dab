#pragma once

#include <cstdint>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cuda/block.hpp"

namespace tepui::backend::cuda {

/// @brief A convolution of a batch, as kernels take it: plain numbers, known at the launch.
///
/// Images are (n, height, width, channels), weights (kernel row, kernel column, input channel of
/// the group, output channel), as everywhere in the library.
struct ConvShape {
  int batch = 1;
  int in_height = 1;
  int in_width = 1;
  int in_channels = 1;
  int out_height = 1;
  int out_width = 1;
  int out_channels = 1;
  int kernel = 1;
  int stride = 1;
  int padding = 0;
  int dilation = 1;
  int groups = 1;
  // What follows from these: kernels would have to divide.
  int in_per_group = 1;
  int out_per_group = 1;
  std::uint32_t inverse_stride = 0;  ///< 2^32 / stride, rounded up; 0 (modulo 2^32) for 1

  [[nodiscard]] static constexpr ConvShape of(const ConvGeometry& g, int batch) {
    const Shape out = g.out();
    return {.batch = batch,
            .in_height = g.in.height,
            .in_width = g.in.width,
            .in_channels = g.in.channels,
            .out_height = out.height,
            .out_width = out.width,
            .out_channels = g.out_channels,
            .kernel = g.kernel,
            .stride = g.stride,
            .padding = g.padding,
            .dilation = g.dilation,
            .groups = g.groups,
            .in_per_group = g.in_per_group(),
            .out_per_group = g.out_per_group(),
            .inverse_stride = 0xFFFFFFFFu / static_cast<std::uint32_t>(g.stride) + 1u};
  }
  [[nodiscard]] TEPUI_HOST_DEVICE constexpr int in_pixels() const {
    return batch * in_height * in_width;
  }
  [[nodiscard]] TEPUI_HOST_DEVICE constexpr int out_pixels() const {
    return batch * out_height * out_width;
  }
  /// @return whether channels of a group come in fours, as they are read in runs
  [[nodiscard]] TEPUI_HOST_DEVICE constexpr bool in_fours() const {
    return in_per_group % 4 == 0 && out_per_group % 4 == 0;
  }
};

}  // namespace tepui::backend::cuda
