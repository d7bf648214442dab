#pragma once

#include <cstddef>

#include "tepui/backend/cpu/lane_layout.hpp"
#include "tepui/backend/cpu/vector.hpp"

/// @file
/// Batch normalisation and its gradient, once everything that is summed over the batch is known:
/// a line in each channel, on the calling thread.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// y = (x - centre) * scale + shift by channel.
template <int C, class T>
class NormLine {
 public:
  /// @param gamma, beta (C); null: 1 and 0
  void set(const T* mean, const T* inv_std, const T* gamma, const T* beta) {
    centre_.set(mean);
    scale_.fill([&](auto c) { return gamma ? gamma[c] * inv_std[c] : inv_std[c]; });
    shift_.fill([&](auto c) { return beta ? beta[c] : T(0); });
  }

  /// (rows, C); y may be x
  /// @param add the result is added to y
  void apply(std::size_t rows, const T* x, T* y, bool add) const {
    add ? run<true>(rows, x, y) : run<false>(rows, x, y);
  }

 private:
  template <bool Add>
  void run(std::size_t rows, const T* x, T* y) const {
    using Layout = LaneLayout<C, T>;
    using V = Vector<T, lanes<T>>;
    const std::size_t whole = whole_periods<C, T>(rows);
    Layout::for_blocks([&]<int Count, int Used>(Number<Count>, Number<Used>, std::size_t lane) {
      V m[Count], f[Count], b[Count];
      load_block<Count, Used>(m, centre_.data + lane);
      load_block<Count, Used>(f, scale_.data + lane);
      load_block<Count, Used>(b, shift_.data + lane);
      for (std::size_t i = lane; i < whole; i += Layout::period) {
        V v[Count];
        load_block<Count, Used>(v, x + i);
#pragma GCC unroll 8
        for (int k = 0; k < Count; ++k) v[k] = (v[k] - m[k]) * f[k] + b[k];
        if constexpr (Add) {
          V before[Count];
          load_block<Count, Used>(before, y + i);
#pragma GCC unroll 8
          for (int k = 0; k < Count; ++k) v[k] += before[k];
        }
        store_block<Count, Used>(y + i, v);
      }
    });
    for (std::size_t i = whole; i < rows * static_cast<std::size_t>(C); ++i) {
      const std::size_t lane = i - whole;
      const T value = (x[i] - centre_.data[lane]) * scale_.data[lane] + shift_.data[lane];
      y[i] = Add ? y[i] + value : value;
    }
  }

  ChannelLanes<C, T> centre_, scale_, shift_;
};

/// dx = dy * by_dy + ((x - centre) * by_x + constant) by channel.
template <int C, class T>
class NormGradientLine {
 public:
  /// @param rows           of the whole batch
  /// @param sum_dy,sum_dot (C) sums over the batch of dy, and of dy times the normalised x
  /// @param fixed          mean and inv_std are constants: dx = dy * by_dy
  void set(std::size_t rows, const T* mean, const T* inv_std, const T* gamma, const T* sum_dy,
           const T* sum_dot, bool fixed) {
    const T share = fixed ? T(0) : T(1) / static_cast<T>(rows);
    const auto factor = [&](auto c) { return gamma ? gamma[c] * inv_std[c] : inv_std[c]; };
    centre_.set(mean);
    by_dy_.fill(factor);
    by_x_.fill([&](auto c) { return -factor(c) * inv_std[c] * sum_dot[c] * share; });
    constant_.fill([&](auto c) { return -factor(c) * sum_dy[c] * share; });
  }

  /// (rows, C); dx may be dy
  void apply(std::size_t rows, const T* x, const T* dy, T* dx) const {
    using Layout = LaneLayout<C, T>;
    using V = Vector<T, lanes<T>>;
    const std::size_t whole = whole_periods<C, T>(rows);
    Layout::for_blocks([&]<int Count, int Used>(Number<Count>, Number<Used>, std::size_t lane) {
      V f[Count], m[Count], g[Count], h[Count];
      load_block<Count, Used>(f, by_dy_.data + lane);
      load_block<Count, Used>(m, centre_.data + lane);
      load_block<Count, Used>(g, by_x_.data + lane);
      load_block<Count, Used>(h, constant_.data + lane);
      for (std::size_t i = lane; i < whole; i += Layout::period) {
        V v[Count], d[Count];
        load_block<Count, Used>(v, x + i);
        load_block<Count, Used>(d, dy + i);
#pragma GCC unroll 8
        for (int k = 0; k < Count; ++k) d[k] = d[k] * f[k] + ((v[k] - m[k]) * g[k] + h[k]);
        store_block<Count, Used>(dx + i, d);
      }
    });
    for (std::size_t i = whole; i < rows * static_cast<std::size_t>(C); ++i) {
      const std::size_t lane = i - whole;
      dx[i] = dy[i] * by_dy_.data[lane] +
              ((x[i] - centre_.data[lane]) * by_x_.data[lane] + constant_.data[lane]);
    }
  }

 private:
  ChannelLanes<C, T> centre_, by_dy_, by_x_, constant_;
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
