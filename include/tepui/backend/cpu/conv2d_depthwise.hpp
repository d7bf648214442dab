#pragma once

#include <array>
#include <cstddef>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/conv2d_axis.hpp"
#include "tepui/backend/cpu/conv2d_tiles.hpp"
#include "tepui/backend/cpu/vector.hpp"

/// @file
/// Forward pass and input gradient of depthwise convolutions: lanes are channels.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// One vector of channels, of which `Used` lanes count.
template <GatherPlan P, int Residue, int Used, class T>
struct DepthwiseKernel {
  using Element = T;
  static constexpr GatherAxis axis = P.columns(Residue);
  static constexpr int vectors_per_pixel = 1;
  static constexpr int width = channel_vectors<T>(P.source.channels).width;
  static constexpr std::ptrdiff_t source_pixel = P.source.channels;
  static constexpr std::ptrdiff_t target_pixel = P.target.channels;
  static constexpr std::ptrdiff_t tap_pitch = P.source.channels;
  using V = Vector<T, width>;

  template <int Pixels>
  static TEPUI_CPU_INLINE void begin(V (&sum)[Pixels][1], const ChannelTerms<T>& terms) {
    const V start = terms.bias == nullptr ? V{} : load_first<width, Used>(terms.bias);
#pragma GCC unroll 32
    for (int p = 0; p < Pixels; ++p) sum[p][0] = start;
  }
  template <int Begin, int End, int Pixels>
  static TEPUI_CPU_INLINE void add_tap(V (&sum)[Pixels][1], const T* x, const T* w) {
    const V weights = load_first<width, Used>(w);
#pragma GCC unroll 32
    for (int p = Begin; p < End; ++p) {
      sum[p][0] += load_first<width, Used>(x + p * axis.step * source_pixel) * weights;
    }
  }
  template <int Pixels>
  static TEPUI_CPU_INLINE void finish(V (&sum)[Pixels][1], const ChannelTerms<T>& terms, T* y) {
    if (terms.scale != nullptr) {
      const V scale = load_first<width, Used>(terms.scale);
      const V shift = load_first<width, Used>(terms.shift);
#pragma GCC unroll 32
      for (int p = 0; p < Pixels; ++p) sum[p][0] = sum[p][0] * scale + shift;
    }
#pragma GCC unroll 32
    for (int p = 0; p < Pixels; ++p) {
      T* const to = y + p * axis.spacing * target_pixel;
      if (terms.add) sum[p][0] += load_first<width, Used>(to);
      store_first<Used>(to, sum[p][0]);
    }
  }
};

template <GatherPlan P>
struct DepthwiseGather {
  /// Target rows of a sample.
  static constexpr auto height = static_cast<std::size_t>(P.target.height);

  static constexpr std::size_t scratch() { return 0; }

  template <class T>
  static void run(int batch, const T* x, const T* w, const T* bias, T* y, T* /*scratch*/) {
    // a lane-wise product costs about as many cycles as a vector of a dense convolution
    constexpr std::size_t work = P.row_work() * 4;
    for_chunks(static_cast<std::size_t>(batch) * height, work,
               [&](auto first, auto last) { rows(first, last, x, w, {.bias = bias}, y); });
  }

  /// As DenseGather::prepare: the weights are read as they are.
  template <class T>
  static const T* prepare(const T* w, T* /*scratch*/) {
    return w;
  }

  /// Target rows first..last-1, counted over all samples, on the calling thread.
  template <class T>
  static void rows(std::size_t first, std::size_t last, const T* x, const T* w,
                   const ChannelTerms<T>& terms, T* y) {
    constexpr ChannelVectors vectors = channel_vectors<T>(P.source.channels);
    constexpr auto row_size = static_cast<std::size_t>(P.target.width * P.target.channels);
    for (std::size_t row = first; row < last; ++row) {
      std::array<GatherRow<T>, static_cast<std::size_t>(P.geometry.kernel)> rows;
      const int count =
          gather_rows<P>(static_cast<int>(row % height), x + row / height * P.source.size(), w,
                         static_cast<std::size_t>(P.geometry.kernel * P.source.channels), rows);
      ChannelTerms<T> rest = terms;
      T* to = y + row * row_size;
      for (int v = 0; v < vectors.count - 1; ++v) {
        columns<vectors.width>(rows, count, rest, to);
        for (int i = 0; i < count; ++i) {
          auto& r = rows[static_cast<std::size_t>(i)];
          r.x += vectors.width;
          r.w += vectors.width;
        }
        rest = rest.from(vectors.width);
        to += vectors.width;
      }
      columns<vectors.tail>(rows, count, rest, to);
    }
  }

 private:
  template <int Used, class Rows, class T>
  static TEPUI_CPU_INLINE void columns(const Rows& rows, int count, const ChannelTerms<T>& terms,
                                       T* y) {
    unrolled<P.classes()>([&](auto residue) __attribute__((always_inline)) {
      RowTiles<DepthwiseKernel<P, residue, Used, T>>::row(rows.data(), count, terms, y);
    });
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
