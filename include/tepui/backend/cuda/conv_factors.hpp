#pragma once

#include <cstddef>

#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/conv_shape.hpp"

/// @file
/// The three passes of a convolution as products of two matrices that are nowhere stored: where
/// each element of either factor lies in memory, or that it is zero.

namespace tepui::backend::cuda {

enum class ConvPass { forward, data, weights };

/// A pixel of an image, or of the padding around it.
struct Pixel {
  int image = 0;
  int row = 0;
  int column = 0;
};

[[nodiscard]] TEPUI_KERNEL Pixel pixel_at(int index, int height, int width) {
  const int column = index % width;
  const int rest = index / width;
  return {rest / height, rest % height, column};
}

/// One of the places that a kernel window covers.
struct Tap {
  int row = 0;
  int column = 0;
};
[[nodiscard]] TEPUI_KERNEL Tap tap_at(int index, int kernel) {
  return {index / kernel, index % kernel};
}

/// @return the first channel of the input pixel that an output pixel sees through a tap; negative:
/// padding
[[nodiscard]] TEPUI_KERNEL std::ptrdiff_t input_under(const ConvShape& s, Pixel out, Tap tap) {
  const int row = out.row * s.stride - s.padding + tap.row * s.dilation;
  const int column = out.column * s.stride - s.padding + tap.column * s.dilation;
  if (row < 0 || row >= s.in_height || column < 0 || column >= s.in_width) return -1;
  return ((static_cast<std::ptrdiff_t>(out.image) * s.in_height + row) * s.in_width + column) *
         s.in_channels;
}
/// @return the first channel of the output pixel that sees an input pixel through a tap; negative:
/// none does
[[nodiscard]] TEPUI_KERNEL std::ptrdiff_t output_over(const ConvShape& s, Pixel in, Tap tap) {
  const int row = in.row + s.padding - tap.row * s.dilation;
  const int column = in.column + s.padding - tap.column * s.dilation;
  if (row < 0 || column < 0 || row % s.stride != 0 || column % s.stride != 0) return -1;
  const int out_row = row / s.stride;
  const int out_column = column / s.stride;
  if (out_row >= s.out_height || out_column >= s.out_width) return -1;
  return ((static_cast<std::ptrdiff_t>(in.image) * s.out_height + out_row) * s.out_width +
          out_column) *
         s.out_channels;
}

/// @brief y = x w: a row for each output pixel, a column for each output channel of the group; the
/// depth goes through taps and, fastest, input channels of the group.
template <ConvPass Pass>
struct ConvFactors {
  ConvShape shape;

  [[nodiscard]] TEPUI_KERNEL int rows() const { return shape.out_pixels(); }
  [[nodiscard]] TEPUI_KERNEL int columns() const { return shape.out_per_group(); }
  [[nodiscard]] TEPUI_KERNEL int depth() const {
    return shape.kernel * shape.kernel * shape.in_per_group();
  }
  /// What follows from a row alone.
  [[nodiscard]] TEPUI_KERNEL Pixel row_at(int row) const {
    return pixel_at(row, shape.out_height, shape.out_width);
  }
  /// What follows from the depth alone: a tap and a channel.
  struct Place {
    Tap tap;
    int channel = 0;
  };
  [[nodiscard]] TEPUI_KERNEL Place depth_at(int k) const {
    return {tap_at(k / shape.in_per_group(), shape.kernel), k % shape.in_per_group()};
  }
  /// @return where an element of the first factor lies in x; negative: it is zero
  [[nodiscard]] TEPUI_KERNEL std::ptrdiff_t first(int group, Pixel row, Place place) const {
    const std::ptrdiff_t pixel = input_under(shape, row, place.tap);
    return pixel < 0 ? -1 : pixel + group * shape.in_per_group() + place.channel;
  }
  /// @return where an element of the second factor lies in w
  [[nodiscard]] TEPUI_KERNEL std::ptrdiff_t second(int group, int k, int column) const {
    return static_cast<std::ptrdiff_t>(k) * shape.out_channels + group * shape.out_per_group() +
           column;
  }
  /// @return where an element of the product lies in y
  [[nodiscard]] TEPUI_KERNEL std::ptrdiff_t product(int group, int row, int column) const {
    return static_cast<std::ptrdiff_t>(row) * shape.out_channels +
           group * shape.out_per_group() + column;
  }
  /// Whether neighbours in the depth, in blocks of so many, are neighbours in memory.
  [[nodiscard]] TEPUI_KERNEL constexpr bool neighbours(int count) const {
    return shape.in_per_group() % count == 0;
  }
};

/// @brief dx = dy w': a row for each input pixel, a column for each input channel of the group; the
/// depth goes through taps and output channels of the group.
template <>
struct ConvFactors<ConvPass::data> {
  ConvShape shape;

  [[nodiscard]] TEPUI_KERNEL int rows() const { return shape.in_pixels(); }
  [[nodiscard]] TEPUI_KERNEL int columns() const { return shape.in_per_group(); }
  [[nodiscard]] TEPUI_KERNEL int depth() const {
    return shape.kernel * shape.kernel * shape.out_per_group();
  }
  [[nodiscard]] TEPUI_KERNEL Pixel row_at(int row) const {
    return pixel_at(row, shape.in_height, shape.in_width);
  }
  struct Place {
    Tap tap;
    int channel = 0;
  };
  [[nodiscard]] TEPUI_KERNEL Place depth_at(int k) const {
    return {tap_at(k / shape.out_per_group(), shape.kernel), k % shape.out_per_group()};
  }
  /// in dy
  [[nodiscard]] TEPUI_KERNEL std::ptrdiff_t first(int group, Pixel row, Place place) const {
    const std::ptrdiff_t pixel = output_over(shape, row, place.tap);
    return pixel < 0 ? -1 : pixel + group * shape.out_per_group() + place.channel;
  }
  /// in w
  [[nodiscard]] TEPUI_KERNEL std::ptrdiff_t second(int group, int k, int column) const {
    const int tap = k / shape.out_per_group();
    const int channel = k % shape.out_per_group();
    return (static_cast<std::ptrdiff_t>(tap) * shape.in_per_group() + column) *
               shape.out_channels +
           group * shape.out_per_group() + channel;
  }
  /// in dx
  [[nodiscard]] TEPUI_KERNEL std::ptrdiff_t product(int group, int row, int column) const {
    return static_cast<std::ptrdiff_t>(row) * shape.in_channels + group * shape.in_per_group() +
           column;
  }
  [[nodiscard]] TEPUI_KERNEL constexpr bool neighbours(int count) const {
    return shape.out_per_group() % count == 0;
  }
};

/// @brief dw = x' dy: a row for each tap and, fastest, input channel of the group, a column for
/// each output channel of the group; the depth goes through output pixels.
template <>
struct ConvFactors<ConvPass::weights> {
  ConvShape shape;

  [[nodiscard]] TEPUI_KERNEL int rows() const {
    return shape.kernel * shape.kernel * shape.in_per_group();
  }
  [[nodiscard]] TEPUI_KERNEL int columns() const { return shape.out_per_group(); }
  [[nodiscard]] TEPUI_KERNEL int depth() const { return shape.out_pixels(); }
  struct Row {
    Tap tap;
    int channel = 0;
  };
  [[nodiscard]] TEPUI_KERNEL Row row_at(int row) const {
    return {tap_at(row / shape.in_per_group(), shape.kernel), row % shape.in_per_group()};
  }
  using Place = Pixel;
  [[nodiscard]] TEPUI_KERNEL Pixel depth_at(int k) const {
    return pixel_at(k, shape.out_height, shape.out_width);
  }
  /// in x
  [[nodiscard]] TEPUI_KERNEL std::ptrdiff_t first(int group, Row row, Pixel place) const {
    const std::ptrdiff_t pixel = input_under(shape, place, row.tap);
    return pixel < 0 ? -1 : pixel + group * shape.in_per_group() + row.channel;
  }
  /// in dy
  [[nodiscard]] TEPUI_KERNEL std::ptrdiff_t second(int group, int k, int column) const {
    return static_cast<std::ptrdiff_t>(k) * shape.out_channels + group * shape.out_per_group() +
           column;
  }
  /// in dw
  [[nodiscard]] TEPUI_KERNEL std::ptrdiff_t product(int group, int row, int column) const {
    return static_cast<std::ptrdiff_t>(row) * shape.out_channels +
           group * shape.out_per_group() + column;
  }
  /// Whether neighbours among the ROWS are neighbours in memory.
  [[nodiscard]] TEPUI_KERNEL constexpr bool neighbours(int count) const {
    return shape.in_per_group() % count == 0;
  }
};

}  // namespace tepui::backend::cuda
