#pragma once

#include <cstddef>
#include <limits>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/elementwise.hpp"

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
  [[nodiscard]] constexpr std::size_t in_size() const {
    return wide(batch) * wide(in_height) * wide(in_width) * wide(channels);
  }
  [[nodiscard]] constexpr std::size_t out_size() const {
    return wide(batch) * wide(out_height) * wide(out_width) * wide(channels);
  }
};

/// An element of a batch of images.
struct Element {
  int image = 0;
  int row = 0;
  int column = 0;
  int channel = 0;
};
[[nodiscard]] TEPUI_KERNEL Element element_at(std::size_t i, int height, int width, int channels) {
  const auto c = static_cast<std::size_t>(channels);
  const auto w = static_cast<std::size_t>(width);
  const auto h = static_cast<std::size_t>(height);
  return {static_cast<int>(i / (c * w * h)), static_cast<int>(i / (c * w) % h),
          static_cast<int>(i / c % w), static_cast<int>(i % c)};
}
[[nodiscard]] TEPUI_KERNEL std::size_t place_of(Element e, int height, int width, int channels) {
  return ((wide(e.image) * wide(height) + wide(e.row)) * wide(width) + wide(e.column)) *
             wide(channels) +
         wide(e.channel);
}

/// The part of a window that lies on the input, along one axis.
struct Span {
  int begin = 0;
  int end = 0;
};
[[nodiscard]] TEPUI_KERNEL Span window_span(int out, int stride, int padding, int kernel,
                                            int size) {
  const int first = out * stride - padding;
  return {first < 0 ? 0 : first, first + kernel < size ? first + kernel : size};
}
/// The windows that cover an input row or column.
[[nodiscard]] TEPUI_KERNEL Span covering_span(int in, int stride, int padding, int kernel,
                                              int windows) {
  const int last = (in + padding) / stride;
  const int behind = in + padding - kernel;  // a window that begins here ends before `in`
  const int first = behind < 0 ? 0 : behind / stride + 1;
  return {first, last + 1 < windows ? last + 1 : windows};
}

enum class Pooling { max, max_gradient, average, average_gradient };

/// @brief A thread for each element of the result; gradients are gathered from the windows.
/// @tparam P max and average: x to y; the gradients: dy (and x) to dx
template <Pooling P, class T>
struct Pool {
  static constexpr int threads = 256;
  struct Shared {};
  PoolShape shape;
  const T* x = nullptr;
  const T* dy = nullptr;
  T* result = nullptr;
  bool add = false;
  int blocks = 1;

  [[nodiscard]] std::size_t results() const {
    return P == Pooling::max || P == Pooling::average ? shape.out_size() : shape.in_size();
  }

  template <class Block>
  TEPUI_KERNEL void operator()(Block& block, Shared&) const {
    const PoolShape& s = shape;
    constexpr bool forward = P == Pooling::max || P == Pooling::average;
    const int height = forward ? s.out_height : s.in_height;
    const int width = forward ? s.out_width : s.in_width;
    const std::size_t n = wide(s.batch) * wide(height) * wide(width) * wide(s.channels);
    block.each_alone([&](int thread) {
      for_elements(block, blocks, threads, thread, n, [&](std::size_t i) {
        const T value = of(element_at(i, height, width, s.channels));
        result[i] = add ? result[i] + value : value;
      });
    });
  }

 private:
  struct Window {
    Span rows;
    Span columns;
  };
  TEPUI_KERNEL Window window(int row, int column) const {
    return {window_span(row, shape.stride, shape.padding, shape.kernel, shape.in_height),
            window_span(column, shape.stride, shape.padding, shape.kernel, shape.in_width)};
  }
  TEPUI_KERNEL T in_at(int image, int row, int column, int channel) const {
    return x[place_of({image, row, column, channel}, shape.in_height, shape.in_width,
                      shape.channels)];
  }
  TEPUI_KERNEL T share(const Window& w) const {
    const int real = (w.rows.end - w.rows.begin) * (w.columns.end - w.columns.begin);
    const int divisor = shape.count_padding ? shape.kernel * shape.kernel : real;
    return divisor > 0 ? T(1) / static_cast<T>(divisor) : T(0);
  }
  /// Where the first maximum of a window is; a number that is not one is larger than all others.
  TEPUI_KERNEL Element best_of(const Window& w, Element e) const {
    Element best{e.image, w.rows.begin, w.columns.begin, e.channel};
    T value = -std::numeric_limits<T>::infinity();
    bool found = false;
    for (int r = w.rows.begin; r < w.rows.end; ++r) {
      for (int q = w.columns.begin; q < w.columns.end; ++q) {
        const T v = in_at(e.image, r, q, e.channel);
        if (found && !(v > value) && !(v != v && value == value)) continue;
        best.row = r;
        best.column = q;
        value = v;
        found = true;
      }
    }
    return best;
  }

  TEPUI_KERNEL T of(Element e) const {
    if constexpr (P == Pooling::max) {
      const Window w = window(e.row, e.column);
      if (w.rows.begin >= w.rows.end || w.columns.begin >= w.columns.end) {
        return -std::numeric_limits<T>::infinity();
      }
      const Element best = best_of(w, e);
      return in_at(best.image, best.row, best.column, best.channel);
    } else if constexpr (P == Pooling::average) {
      const Window w = window(e.row, e.column);
      T sum = T(0);
      for (int r = w.rows.begin; r < w.rows.end; ++r) {
        for (int q = w.columns.begin; q < w.columns.end; ++q) sum += in_at(e.image, r, q, e.channel);
      }
      return sum * share(w);
    } else {
      const Span rows =
          covering_span(e.row, shape.stride, shape.padding, shape.kernel, shape.out_height);
      const Span columns =
          covering_span(e.column, shape.stride, shape.padding, shape.kernel, shape.out_width);
      T sum = T(0);
      for (int r = rows.begin; r < rows.end; ++r) {
        for (int q = columns.begin; q < columns.end; ++q) {
          const T gradient = dy[place_of({e.image, r, q, e.channel}, shape.out_height,
                                         shape.out_width, shape.channels)];
          const Window w = window(r, q);
          if constexpr (P == Pooling::average_gradient) {
            sum += gradient * share(w);
          } else {
            const Element best = best_of(w, e);
            if (best.row == e.row && best.column == e.column) sum += gradient;
          }
        }
      }
      return sum;
    }
  }
};

/// @brief Means over all pixels, (N, C) from (N, pixels, C): a thread each.
template <class T>
struct GlobalPool {
  static constexpr int threads = 128;
  struct Shared {};
  std::size_t n = 0;  ///< N * C
  int pixels = 1;
  int channels = 1;
  const T* x = nullptr;
  T* y = nullptr;
  int blocks = 1;

  template <class Block>
  TEPUI_KERNEL void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      for_elements(block, blocks, threads, thread, n, [&](std::size_t i) {
        const auto c = static_cast<std::size_t>(channels);
        const T* at = x + i / c * static_cast<std::size_t>(pixels) * c + i % c;
        T sum = T(0);
        for (int p = 0; p < pixels; ++p, at += c) sum += *at;
        y[i] = sum / static_cast<T>(pixels);
      });
    });
  }
};

/// @brief Its gradient: (N, pixels, C) from (N, C).
template <class T>
struct GlobalPoolGradient {
  static constexpr int threads = 256;
  struct Shared {};
  std::size_t n = 0;  ///< N * pixels * C
  int pixels = 1;
  int channels = 1;
  const T* dy = nullptr;
  T* dx = nullptr;
  int blocks = 1;

  template <class Block>
  TEPUI_KERNEL void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      for_elements(block, blocks, threads, thread, n, [&](std::size_t i) {
        const auto c = static_cast<std::size_t>(channels);
        dx[i] = dy[i / (c * static_cast<std::size_t>(pixels)) * c + i % c] / static_cast<T>(pixels);
      });
    });
  }
};

}  // namespace tepui::backend::cuda
