#pragma once

#include <cstddef>
#include <limits>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/channel_grid.hpp"
#include "tepui/backend/cuda/conv_factors.hpp"
#include "tepui/backend/cuda/elementwise.hpp"
#include "tepui/backend/cuda/neighbours.hpp"

namespace tepui::backend::cuda {

/// @brief A pooling window on a batch, as kernels take it.
struct PoolShape {
  int batch = 1;
  int in_height = 1;
  int in_width = 1;
  int out_height = 1;
  int out_width = 1;
  int channels = 1;
  int kernel = 1;
  int stride = 1;
  int padding = 0;
  bool count_padding = false;

  [[nodiscard]] static constexpr PoolShape of(const PoolGeometry& g, int batch) {
    const Shape out = g.out();
    return {batch,         g.in.height, g.in.width, out.height, out.width,
            g.in.channels, g.kernel,    g.stride,   g.padding,  g.count_padding};
  }
};

/// The part of a window that lies on the input, along one axis.
struct Span {
  int begin = 0;
  int end = 0;
};
[[nodiscard]] TEPUI_HOST_DEVICE Span window_span(int out, int stride, int padding, int kernel,
                                                 int size) {
  const int first = out * stride - padding;
  return {first < 0 ? 0 : first, first + kernel < size ? first + kernel : size};
}
/// The windows that cover an input row or column.
[[nodiscard]] TEPUI_HOST_DEVICE Span covering_span(int in, int stride, int padding, int kernel,
                                                   int windows) {
  const auto window_at = [stride](int place) { return stride == 1 ? place : place / stride; };
  const int last = window_at(in + padding);
  const int behind = in + padding - kernel;  // a window that begins here ends before `in`
  const int first = behind < 0 ? 0 : window_at(behind) + 1;
  return {first, last + 1 < windows ? last + 1 : windows};
}

enum class Pooling { max, max_gradient, average, average_gradient };

/// @brief A thread for each pixel of the result and 1 or 4 channels of it; gradients are gathered
/// from the windows.
/// @tparam P      max and average: x to y; the gradients: dy (and x) to dx
/// @tparam Vector channels of a thread; 4 needs float and a multiple of 4 channels,
///                on boundaries of 16 bytes
template <Pooling P, class T, int Vector>
struct Pool {
  static constexpr bool forward = P == Pooling::max || P == Pooling::average;
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {};
  PoolShape shape;
  const T* x = nullptr;
  const T* dy = nullptr;
  T* result = nullptr;
  bool add = false;
  ChannelGrid grid{};  ///< of the pixels of the result and vectors of channels

  [[nodiscard]] constexpr ChannelGrid grid_of() const {
    const int pixels = forward ? shape.batch * shape.out_height * shape.out_width
                               : shape.batch * shape.in_height * shape.in_width;
    return ChannelGrid::of_elements(wide(pixels), shape.channels / Vector, 1);
  }

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const int vector = grid.channel_of(block.index_y(), thread);
      const int line = grid.line_of(thread);
      if (vector < 0 || line >= grid.rows_of(block.index())) return;
      const int pixel = static_cast<int>(grid.first_row(block.index())) + line;
      const int channel = vector * Vector;
      Values value = of(forward ? pixel_at(pixel, shape.out_height, shape.out_width)
                                : pixel_at(pixel, shape.in_height, shape.in_width),
                        channel);
      T* const to = result + wide(pixel) * wide(shape.channels) + wide(channel);
      if (add) {
        const Values before = read_neighbours<Vector>(to);
        TEPUI_UNROLL
        for (int v = 0; v < Vector; ++v) value.value[v] = before.value[v] + value.value[v];
      }
      write_neighbours(value, to);
    });
  }

 private:
  using Values = Neighbours<T, Vector>;
  struct Window {
    Span rows;
    Span columns;
    [[nodiscard]] TEPUI_HOST_DEVICE int size() const {
      return (rows.end - rows.begin) * (columns.end - columns.begin);
    }
  };
  static TEPUI_HOST_DEVICE Values all(T value) {
    Values result;
    TEPUI_UNROLL
    for (int v = 0; v < Vector; ++v) result.value[v] = value;
    return result;
  }
  TEPUI_HOST_DEVICE Span window_rows(int row) const {
    return window_span(row, shape.stride, shape.padding, shape.kernel, shape.in_height);
  }
  TEPUI_HOST_DEVICE Span window_columns(int column) const {
    return window_span(column, shape.stride, shape.padding, shape.kernel, shape.in_width);
  }
  /// Calls use(place, values of x) through a window, where places count the pixels of an image.
  template <class Use>
  TEPUI_HOST_DEVICE void over(const Window& w, int image, int channel, Use&& use) const {
    for (int r = w.rows.begin; r < w.rows.end; ++r) {
      const int row = r * shape.in_width;
      const T* const from =
          x + wide(image * shape.in_height * shape.in_width + row) * wide(shape.channels) +
          wide(channel);
      read_ahead<3>(
          w.columns.begin, w.columns.end, 1,
          [&](int q) { return read_neighbours<Vector>(from + wide(q) * wide(shape.channels)); },
          [&](int q, const Values& value) { use(row + q, value); });
    }
  }
  /// @param whole share of a window that lies on the input as a whole, as most do
  TEPUI_HOST_DEVICE T share(const Window& w, T whole) const {
    const int size = w.size();
    if (shape.count_padding || size == shape.kernel * shape.kernel) return whole;
    return size > 0 ? T(1) / static_cast<T>(size) : T(0);
  }
  TEPUI_HOST_DEVICE T whole_share() const {
    return T(1) / static_cast<T>(shape.kernel * shape.kernel);
  }

  /// The first maximum of a window and its place; what is not a number is larger than all others.
  struct Best {
    T value[Vector];
    int place[Vector];
  };
  TEPUI_HOST_DEVICE Best best_of(const Window& w, int image, int channel) const {
    Best best;
    TEPUI_UNROLL
    for (int v = 0; v < Vector; ++v) {
      best.value[v] = -std::numeric_limits<T>::infinity();
      best.place[v] = w.rows.begin * shape.in_width + w.columns.begin;
    }
    over(w, image, channel, [&](int place, const Values& values) {
      TEPUI_UNROLL
      for (int v = 0; v < Vector; ++v) {
        const T value = values.value[v];
        if (!(value > best.value[v]) && !(value != value && best.value[v] == best.value[v])) {
          continue;
        }
        best.value[v] = value;
        best.place[v] = place;
      }
    });
    return best;
  }

  TEPUI_HOST_DEVICE Values of(Pixel pixel, int channel) const {
    if constexpr (forward) {
      const Window w{window_rows(pixel.row), window_columns(pixel.column)};
      Values result = all(T(0));
      if constexpr (P == Pooling::max) {
        const Best best = best_of(w, pixel.image, channel);
        TEPUI_UNROLL
        for (int v = 0; v < Vector; ++v) result.value[v] = best.value[v];
      } else {
        over(w, pixel.image, channel, [&](int, const Values& values) {
          TEPUI_UNROLL
          for (int v = 0; v < Vector; ++v) result.value[v] += values.value[v];
        });
        const T part = share(w, whole_share());
        TEPUI_UNROLL
        for (int v = 0; v < Vector; ++v) result.value[v] *= part;
      }
      return result;
    } else {
      return gathered(pixel, channel);
    }
  }
  TEPUI_HOST_DEVICE Values gathered(Pixel pixel, int channel) const {
    const Span rows =
        covering_span(pixel.row, shape.stride, shape.padding, shape.kernel, shape.out_height);
    const Span columns =
        covering_span(pixel.column, shape.stride, shape.padding, shape.kernel, shape.out_width);
    const int place = pixel.row * shape.in_width + pixel.column;
    const T whole = whole_share();
    // the search for a maximum reads ahead itself
    constexpr int at_once = P == Pooling::average_gradient ? 3 : 1;
    Values sum = all(T(0));
    for (int r = rows.begin; r < rows.end; ++r) {
      Window w{window_rows(r), {}};
      const T* const from =
          dy + wide((pixel.image * shape.out_height + r) * shape.out_width) * wide(shape.channels) +
          wide(channel);
      read_ahead<at_once>(
          columns.begin, columns.end, 1,
          [&](int q) { return read_neighbours<Vector>(from + wide(q) * wide(shape.channels)); },
          [&](int q, const Values& gradient) {
            w.columns = window_columns(q);
            if constexpr (P == Pooling::average_gradient) {
              const T part = share(w, whole);
              TEPUI_UNROLL
              for (int v = 0; v < Vector; ++v) sum.value[v] += gradient.value[v] * part;
            } else {
              const Best best = best_of(w, pixel.image, channel);
              TEPUI_UNROLL
              for (int v = 0; v < Vector; ++v) {
                if (best.place[v] == place) sum.value[v] += gradient.value[v];
              }
            }
          });
    }
    return sum;
  }
};

/// @brief Means over all pixels, (N, C) from (N, pixels, C).
template <class T>
struct GlobalPool {
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {
    T value[threads];
  };
  ChannelGrid grid;  ///< of the pixels of a sample, in one chunk
  const T* x = nullptr;
  T* y = nullptr;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
    const T* const from = x + wide(block.index()) * grid.elements();
    sum_over_rows(
        block, shared.value, grid, [&](std::size_t i) { return from[i]; },
        [&](int c, T sum) {
          y[wide(block.index()) * wide(grid.channels) + wide(c)] = sum / static_cast<T>(grid.rows);
        });
  }
};

/// @brief Its gradient: (N, pixels, C) from (N, C).
template <class T>
struct GlobalPoolGradient {
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {};
  ChannelGrid grid;  ///< of the pixels of a sample
  const T* dy = nullptr;
  T* dx = nullptr;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const int c = grid.channel_of(block.index_y(), thread);
      if (c < 0) return;
      const int sample = block.index() / grid.chunks();
      const int chunk = block.index() % grid.chunks();
      const T part = dy[wide(sample) * wide(grid.channels) + wide(c)] / static_cast<T>(grid.rows);
      T* const to = dx + wide(sample) * grid.elements() +
                    grid.first_row(chunk) * wide(grid.channels) + wide(c);
      for (int row = grid.line_of(thread); row < grid.rows_of(chunk); row += grid.lines) {
        to[wide(row) * wide(grid.channels)] = part;
      }
    });
  }
};

}  // namespace tepui::backend::cuda
