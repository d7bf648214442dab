#pragma once

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

  [[nodiscard]] static constexpr ConvShape of(const ConvGeometry& g, int batch) {
    const Shape out = g.out();
    return {batch,      g.in.height,    g.in.width, g.in.channels, out.height, out.width,
            g.out_channels, g.kernel, g.stride,   g.padding,     g.dilation, g.groups};
  }
  [[nodiscard]] TEPUI_KERNEL constexpr int in_per_group() const { return in_channels / groups; }
  [[nodiscard]] TEPUI_KERNEL constexpr int out_per_group() const { return out_channels / groups; }
  [[nodiscard]] TEPUI_KERNEL constexpr int in_pixels() const { return batch * in_height * in_width; }
  [[nodiscard]] TEPUI_KERNEL constexpr int out_pixels() const { return batch * out_height * out_width; }
};

}  // namespace tepui::backend::cuda
