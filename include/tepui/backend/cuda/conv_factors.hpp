#pragma once

#include <cstddef>
#include <cstdint>

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

[[nodiscard]] TEPUI_HOST_DEVICE Pixel pixel_at(int index, int height, int width) {
  const int column = index % width;
  const int rest = index / width;
  return {rest / height, rest % height, column};
}

/// One of the places that a kernel window covers.
struct Tap {
  int row = 0;
  int column = 0;
};
[[nodiscard]] TEPUI_HOST_DEVICE Tap tap_at(int index, int kernel) {
  return {index / kernel, index % kernel};
}

/// @return the first channel of the input pixel that an output pixel sees through a tap; negative:
/// padding
[[nodiscard]] TEPUI_HOST_DEVICE std::ptrdiff_t input_under(const ConvShape& s, Pixel out, Tap tap) {
  const int row = out.row * s.stride - s.padding + tap.row * s.dilation;
  const int column = out.column * s.stride - s.padding + tap.column * s.dilation;
  if (row < 0 || row >= s.in_height || column < 0 || column >= s.in_width) return -1;
  return ((static_cast<std::ptrdiff_t>(out.image) * s.in_height + row) * s.in_width + column) *
         s.in_channels;
}
/// @return the first channel of the output pixel that sees an input pixel through a tap; negative:
/// none does
[[nodiscard]] TEPUI_HOST_DEVICE std::ptrdiff_t output_over(const ConvShape& s, Pixel in, Tap tap) {
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

/// @brief The taps of a window and, fastest, the channels under each, in the order in which a
/// factor's depth goes through them. Only `at` divides: afterwards a place moves by sums and
/// comparisons, since a division takes longer than reading what lies there.
struct TapWalk {
  int kernel = 1;
  int channels = 1;

  struct Place {
    Tap tap;
    int channel = 0;
  };
  [[nodiscard]] TEPUI_HOST_DEVICE Place at(int k) const {
    return {tap_at(k / channels, kernel), k % channels};
  }
  /// @param by at(distance)
  /// @return whether the place is under another tap now
  TEPUI_HOST_DEVICE bool advance(Place& place, Place by) const {
    place.channel += by.channel;
    const bool carry = place.channel >= channels;
    if (carry) place.channel -= channels;
    place.tap.column += by.tap.column + (carry ? 1 : 0);
    place.tap.row += by.tap.row;
    if (place.tap.column >= kernel) {
      place.tap.column -= kernel;
      ++place.tap.row;
    }
    return carry || by.tap.row != 0 || by.tap.column != 0;
  }
  /// To the neighbour.
  TEPUI_HOST_DEVICE void next(Place& place) const {
    if (++place.channel < channels) return;
    place.channel = 0;
    if (++place.tap.column < kernel) return;
    place.tap.column = 0;
    ++place.tap.row;
  }
};

/// @brief The pixels of a batch of images, likewise.
struct PixelWalk {
  int height = 1;
  int width = 1;

  [[nodiscard]] TEPUI_HOST_DEVICE Pixel at(int k) const { return pixel_at(k, height, width); }
  TEPUI_HOST_DEVICE void advance(Pixel& pixel, Pixel by) const {
    pixel.column += by.column;
    pixel.row += by.row;
    pixel.image += by.image;
    if (pixel.column >= width) {
      pixel.column -= width;
      ++pixel.row;
    }
    if (pixel.row >= height) {
      pixel.row -= height;
      ++pixel.image;
    }
  }
};

/// A coordinate that lies outside of every image, however far a window moves it.
inline constexpr int nowhere = -(1 << 30);

/// @brief y = x w: a row for each output pixel, a column for each output channel of the group; the
/// depth goes through taps and, fastest, input channels of the group.
template <ConvPass Pass>
struct ConvFactors {
  /// Whether neighbours in the depth, not those at one depth, are neighbours in memory.
  static constexpr bool first_along_depth = true;
  static constexpr bool second_along_depth = false;

  ConvShape shape;

  [[nodiscard]] TEPUI_HOST_DEVICE int rows() const { return shape.out_pixels(); }
  [[nodiscard]] TEPUI_HOST_DEVICE int columns() const { return shape.out_per_group; }
  [[nodiscard]] TEPUI_HOST_DEVICE int depth() const {
    return shape.kernel * shape.kernel * shape.in_per_group;
  }
  using Place = TapWalk::Place;
  [[nodiscard]] TEPUI_HOST_DEVICE TapWalk walk() const {
    return {shape.kernel, shape.in_per_group};
  }

  /// What follows from a row alone: where the window begins, and the first pixel of the image.
  struct Row {
    int row = nowhere;
    int column = 0;
    int image = 0;
  };
  [[nodiscard]] TEPUI_HOST_DEVICE Row row_at(int, int row) const {
    const Pixel out = pixel_at(row, shape.out_height, shape.out_width);
    return {out.row * shape.stride - shape.padding, out.column * shape.stride - shape.padding,
            out.image * shape.in_height * shape.in_width};
  }
  /// @return the pixel of x under a tap; negative: padding
  [[nodiscard]] TEPUI_HOST_DEVICE int pixel(Row window, Tap tap) const {
    const int row = window.row + tap.row * shape.dilation;
    const int column = window.column + tap.column * shape.dilation;
    if (row < 0 || row >= shape.in_height || column < 0 || column >= shape.in_width) return -1;
    return window.image + row * shape.in_width + column;
  }
  /// @return where a channel of the first pixel lies in x
  [[nodiscard]] TEPUI_HOST_DEVICE int first(int group, int channel) const {
    return group * shape.in_per_group + channel;
  }
  /// @return how far pixels of x are apart
  [[nodiscard]] TEPUI_HOST_DEVICE int first_channels() const { return shape.in_channels; }
  /// @return where an element of the second factor lies in w
  [[nodiscard]] TEPUI_HOST_DEVICE std::ptrdiff_t second(int group, int k, int column) const {
    return static_cast<std::ptrdiff_t>(k) * shape.out_channels + group * shape.out_per_group +
           column;
  }
  /// @return where an element of the product lies in y
  [[nodiscard]] TEPUI_HOST_DEVICE std::ptrdiff_t product(int group, int row, int column) const {
    return static_cast<std::ptrdiff_t>(row) * shape.out_channels + group * shape.out_per_group +
           column;
  }
};

/// @brief dx = dy w': a row for each input pixel, a column for each input channel of the group; the
/// depth goes through taps and output channels of the group.
template <>
struct ConvFactors<ConvPass::data> {
  static constexpr bool first_along_depth = true;
  static constexpr bool second_along_depth = true;

  ConvShape shape;

  [[nodiscard]] TEPUI_HOST_DEVICE int rows() const { return shape.in_pixels(); }
  [[nodiscard]] TEPUI_HOST_DEVICE int columns() const { return shape.in_per_group; }
  [[nodiscard]] TEPUI_HOST_DEVICE int depth() const {
    return shape.kernel * shape.kernel * shape.out_per_group;
  }
  using Place = TapWalk::Place;
  [[nodiscard]] TEPUI_HOST_DEVICE TapWalk walk() const {
    return {shape.kernel, shape.out_per_group};
  }

  /// Rows and columns of dy count `stride` each.
  struct Row {
    int row = nowhere;
    int column = 0;
    int image = 0;
  };
  [[nodiscard]] TEPUI_HOST_DEVICE Row row_at(int, int row) const {
    const Pixel in = pixel_at(row, shape.in_height, shape.in_width);
    return {in.row + shape.padding, in.column + shape.padding,
            in.image * shape.out_height * shape.out_width};
  }
  /// @return the pixel of dy that sees the row through a tap; negative: none does
  [[nodiscard]] TEPUI_HOST_DEVICE int pixel(Row place, Tap tap) const {
    int row = place.row - tap.row * shape.dilation;
    int column = place.column - tap.column * shape.dilation;
    if (row < 0 || column < 0) return -1;
    if (shape.stride != 1) {
      const int across = row;
      const int along = column;
      row = over_stride(across);
      column = over_stride(along);
      if (row * shape.stride != across || column * shape.stride != along) return -1;
    }
    if (row >= shape.out_height || column >= shape.out_width) return -1;
    return place.image + row * shape.out_width + column;
  }
  /// in dy
  [[nodiscard]] TEPUI_HOST_DEVICE int first(int group, int channel) const {
    return group * shape.out_per_group + channel;
  }
  [[nodiscard]] TEPUI_HOST_DEVICE int first_channels() const { return shape.out_channels; }
  /// in w
  [[nodiscard]] TEPUI_HOST_DEVICE std::ptrdiff_t second(int group, Place place, int column) const {
    const int tap = place.tap.row * shape.kernel + place.tap.column;
    return (static_cast<std::ptrdiff_t>(tap) * shape.in_per_group + column) * shape.out_channels +
           group * shape.out_per_group + place.channel;
  }
  /// in dx
  [[nodiscard]] TEPUI_HOST_DEVICE std::ptrdiff_t product(int group, int row, int column) const {
    return static_cast<std::ptrdiff_t>(row) * shape.in_channels + group * shape.in_per_group +
           column;
  }

 private:
  /// n / stride for 0 <= n, n * stride < 2^32, stride > 1: the product with 1 / stride in fixed
  /// point, which no rounding can bring to another whole number.
  [[nodiscard]] TEPUI_HOST_DEVICE int over_stride(int n) const {
    return static_cast<int>(static_cast<std::uint64_t>(n) * shape.inverse_stride >> 32);
  }
};

/// @brief dw = x' dy: a row for each tap and, fastest, input channel of the group, a column for
/// each output channel of the group; the depth goes through output pixels.
template <>
struct ConvFactors<ConvPass::weights> {
  static constexpr bool first_along_depth = false;
  static constexpr bool second_along_depth = false;

  ConvShape shape;

  [[nodiscard]] TEPUI_HOST_DEVICE int rows() const {
    return shape.kernel * shape.kernel * shape.in_per_group;
  }
  [[nodiscard]] TEPUI_HOST_DEVICE int columns() const { return shape.out_per_group; }
  [[nodiscard]] TEPUI_HOST_DEVICE int depth() const { return shape.out_pixels(); }
  using Place = Pixel;
  [[nodiscard]] TEPUI_HOST_DEVICE PixelWalk walk() const {
    return {shape.out_height, shape.out_width};
  }

  /// How far a tap, and in memory one of its channels, is from the window's beginning in an image
  /// without padding.
  struct Row {
    int row = nowhere;
    int column = 0;
    int offset = 0;
  };
  [[nodiscard]] TEPUI_HOST_DEVICE Row row_at(int group, int row) const {
    const Tap tap = tap_at(row / shape.in_per_group, shape.kernel);
    const int down = tap.row * shape.dilation - shape.padding;
    const int along = tap.column * shape.dilation - shape.padding;
    return {down, along,
            (down * shape.in_width + along) * shape.in_channels + group * shape.in_per_group +
                row % shape.in_per_group};
  }
  /// That beginning, of an output pixel's window.
  struct Window {
    int row = 0;
    int column = 0;
    std::ptrdiff_t at = 0;
  };
  [[nodiscard]] TEPUI_HOST_DEVICE Window window_at(Pixel out) const {
    const int row = out.row * shape.stride;
    const int column = out.column * shape.stride;
    return {
        row, column,
        static_cast<std::ptrdiff_t>((out.image * shape.in_height + row) * shape.in_width + column) *
            shape.in_channels};
  }
  /// @return whether an element of the first factor lies in x, `offset` behind `at`; else it is
  /// zero
  [[nodiscard]] TEPUI_HOST_DEVICE bool inside(Row place, Window window) const {
    const int row = window.row + place.row;
    const int column = window.column + place.column;
    return row >= 0 && row < shape.in_height && column >= 0 && column < shape.in_width;
  }
  /// in dy
  [[nodiscard]] TEPUI_HOST_DEVICE std::ptrdiff_t second(int group, int k, int column) const {
    return static_cast<std::ptrdiff_t>(k) * shape.out_channels + group * shape.out_per_group +
           column;
  }
  /// in dw
  [[nodiscard]] TEPUI_HOST_DEVICE std::ptrdiff_t product(int group, int row, int column) const {
    return static_cast<std::ptrdiff_t>(row) * shape.out_channels + group * shape.out_per_group +
           column;
  }
};

}  // namespace tepui::backend::cuda
