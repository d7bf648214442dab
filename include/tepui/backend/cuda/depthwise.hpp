#pragma once

#include <cstddef>

#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/channel_grid.hpp"
#include "tepui/backend/cuda/conv_epilogue.hpp"
#include "tepui/backend/cuda/conv_factors.hpp"
#include "tepui/backend/cuda/elementwise.hpp"

namespace tepui::backend::cuda {

/// @brief A depthwise convolution, forward or the gradient by its input: a thread for each element
/// of the result.
template <ConvPass Pass, class T>
struct DepthwiseConv {
  static constexpr bool forward = Pass == ConvPass::forward;
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {};
  ConvShape shape;
  const T* from = nullptr;  ///< x or dy
  const T* w = nullptr;
  T* to = nullptr;                           ///< y or dx
  Activation activation = Activation::none;  ///< of what is read
  ConvEpilogue<T> epilogue;
  ChannelGrid grid{};  ///< of the pixels of the result

  [[nodiscard]] constexpr ChannelGrid grid_of() const {
    return ChannelGrid::of_elements(wide(forward ? shape.out_pixels() : shape.in_pixels()),
                                    shape.in_channels, 1);
  }
  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const int channel = grid.channel_of(block.index_y(), thread);
      const int line = grid.line_of(thread);
      if (channel < 0 || line >= grid.rows_of(block.index())) return;
      const int index = static_cast<int>(grid.first_row(block.index())) + line;
      const Pixel pixel = forward ? pixel_at(index, shape.out_height, shape.out_width)
                                  : pixel_at(index, shape.in_height, shape.in_width);
      const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(index) * shape.in_channels + channel;
      epilogue.write(to, at, channel, sum_of(pixel, channel));
    });
  }

 private:
  struct Factors {
    T from = T(0);
    T w = T(0);
  };
  TEPUI_HOST_DEVICE T sum_of(Pixel pixel, int channel) const {
    T sum = T(0);
    for (int row = 0; row < shape.kernel; ++row) {
      read_ahead<3>(
          0, shape.kernel, 1,
          [&](int column) {
            const std::ptrdiff_t at = forward ? input_under(shape, pixel, {row, column})
                                              : output_over(shape, pixel, {row, column});
            if (at < 0) return Factors{};
            const int tap = row * shape.kernel + column;
            return Factors{from[at + channel], w[tap * shape.in_channels + channel]};
          },
          [&](int, const Factors& f) { sum += activate(activation, f.from) * f.w; });
    }
    return sum;
  }
};

/// Chunks of output pixels that leave sums of each tap behind, at most.
inline constexpr int depthwise_chunks = 256;

/// @brief Gradient by the weights of a depthwise convolution over each chunk of output pixels:
/// parts is (chunks, taps, channels), to be added up by SumSlices.
template <class T>
struct DepthwiseWeights {
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {
    T sum[threads];
  };
  ConvShape shape;
  ChannelGrid grid;  ///< of the output pixels
  const T* x = nullptr;
  const T* dy = nullptr;
  Activation activation = Activation::none;  ///< of x
  T* parts = nullptr;

  [[nodiscard]] Grid launch_grid() const {
    return {grid.chunks(), grid.tiles(), shape.kernel * shape.kernel};
  }
  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
    const int chunk = block.index();
    const int tile = block.index_y();
    const int tap = block.index_z();
    block.each([&](int thread) {
      const int channel = grid.channel_of(tile, thread);
      T sum = T(0);
      if (channel >= 0) {
        const Tap place = tap_at(tap, shape.kernel);
        const auto first = static_cast<int>(grid.first_row(chunk));
        read_ahead<4>(
            grid.line_of(thread), grid.rows_of(chunk), grid.lines,
            [&](int row) {
              const Pixel pixel = pixel_at(first + row, shape.out_height, shape.out_width);
              const std::ptrdiff_t at = input_under(shape, pixel, place);
              if (at < 0) return Factors{};
              return Factors{x[at + channel],
                             dy[wide(first + row) * wide(grid.channels) + wide(channel)]};
            },
            [&](int, const Factors& f) { sum += activate(activation, f.x) * f.dy; });
      }
      shared.sum[thread] = sum;
    });
    sum_lines(block, shared.sum, grid.width, grid.lines);
    block.each_alone([&](int thread) {
      const int channel = grid.channel_of(tile, thread);
      if (thread >= grid.width || channel < 0) return;
      const int taps = shape.kernel * shape.kernel;
      parts[(wide(chunk) * wide(taps) + wide(tap)) * wide(grid.channels) + wide(channel)] =
          shared.sum[thread];
    });
  }

 private:
  struct Factors {
    T x = T(0);
    T dy = T(0);
  };
};

}  // namespace tepui::backend::cuda
