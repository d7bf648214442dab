#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/conv2d_axis.hpp"
#include "tepui/backend/cpu/conv2d_tiles.hpp"
#include "tepui/backend/cpu/vector.hpp"

/// @file
/// Forward pass and input gradient of dense and grouped convolutions: a run of target pixels times
/// a few vectors of target channels stays in registers while taps and source channels pass by.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Weights as the tiles read them: rows of one source channel, padded to whole vectors.
template <GatherPlan P, class T>
struct PackedWeights {
  static constexpr ChannelVectors vectors = channel_vectors<T>(P.outputs);
  static constexpr bool needed = P.backward || vectors.tail != vectors.width;
  static constexpr auto taps = static_cast<std::size_t>(P.geometry.kernel * P.geometry.kernel);
  static constexpr auto inputs = static_cast<std::size_t>(P.inputs);
  static constexpr auto outputs = static_cast<std::size_t>(P.outputs);
  static constexpr auto groups = static_cast<std::size_t>(P.geometry.groups);
  /// Elements from one source channel's weights to the next one's.
  static constexpr std::size_t pitch = needed ? static_cast<std::size_t>(vectors.padded())
                                              : static_cast<std::size_t>(P.target.channels);
  static constexpr std::size_t group_size = needed ? taps * inputs * pitch : outputs;
  static constexpr std::size_t scratch() { return needed ? groups * group_size : 0; }

  static void pack(const T* w, T* packed) {
    constexpr auto stored = static_cast<std::size_t>(P.geometry.out_channels);
    for (std::size_t g = 0; g < groups; ++g) {
      for (std::size_t tap = 0; tap < taps; ++tap) {
        T* const to = packed + g * group_size + tap * inputs * pitch;
        if constexpr (P.backward) {  // (in, out) to (out, in)
          const T* const from = w + tap * outputs * stored + g * inputs;
          for (std::size_t i = 0; i < inputs; ++i) {
            for (std::size_t o = 0; o < outputs; ++o) to[i * pitch + o] = from[o * stored + i];
            std::fill(to + i * pitch + outputs, to + (i + 1) * pitch, T(0));
          }
        } else {
          const T* const from = w + tap * inputs * stored + g * outputs;
          for (std::size_t i = 0; i < inputs; ++i) {
            std::copy_n(from + i * stored, outputs, to + i * pitch);
            std::fill(to + i * pitch + outputs, to + (i + 1) * pitch, T(0));
          }
        }
      }
    }
  }
};

/// `Count` vectors of target channels of one residue class of columns; `Last`: they are the group's
/// last ones, of which the final vector may be partly used.
template <GatherPlan P, int Residue, int Count, bool Last, class T>
struct DenseKernel {
  using Element = T;
  static constexpr GatherAxis axis = P.columns(Residue);
  static constexpr ChannelVectors vectors = channel_vectors<T>(P.outputs);
  static constexpr int vectors_per_pixel = Count;
  static constexpr int width = vectors.width;
  static constexpr int tail = Last ? vectors.tail : width;
  static constexpr std::ptrdiff_t pitch = PackedWeights<P, T>::pitch;
  static constexpr std::ptrdiff_t tap_pitch = pitch * P.inputs;
  static constexpr std::ptrdiff_t source_pixel = P.source.channels;
  static constexpr std::ptrdiff_t target_pixel = P.target.channels;
  using V = Vector<T, width>;

  /// One value a channel, as vectors.
  static TEPUI_CPU_INLINE void load_channels(V (&v)[Count], const T* from) {
#pragma GCC unroll 8
    for (int i = 0; i < Count - 1; ++i) v[i] = load<width>(from + i * width);
    v[Count - 1] = load_first<width, tail>(from + (Count - 1) * width);
  }

  template <int Pixels>
  static TEPUI_CPU_INLINE void begin(V (&sum)[Pixels][Count], const ChannelTerms<T>& terms) {
    V start[Count]{};
    if (terms.bias != nullptr) load_channels(start, terms.bias);
#pragma GCC unroll 32
    for (int p = 0; p < Pixels; ++p) {
#pragma GCC unroll 8
      for (int v = 0; v < Count; ++v) sum[p][v] = start[v];
    }
  }

  /// Adds one tap to pixels Begin..End-1 of the tile.
  template <int Begin, int End, int Pixels>
  static TEPUI_CPU_INLINE void add_tap(V (&sum)[Pixels][Count], const T* x, const T* w) {
    for (int i = 0; i < P.inputs; ++i) {
      V weights[Count];
#pragma GCC unroll 8
      for (int v = 0; v < Count; ++v) weights[v] = load<width>(w + v * width);
#pragma GCC unroll 32
      for (int p = Begin; p < End; ++p) {
        const T value = x[p * axis.step * source_pixel];
#pragma GCC unroll 8
        for (int v = 0; v < Count; ++v) sum[p][v] += value * weights[v];
      }
      ++x;
      w += pitch;
    }
  }

  template <int Pixels>
  static TEPUI_CPU_INLINE void finish(V (&sum)[Pixels][Count], const ChannelTerms<T>& terms, T* y) {
    if (terms.scale != nullptr) {
      V scale[Count];
      V shift[Count];
      load_channels(scale, terms.scale);
      load_channels(shift, terms.shift);
#pragma GCC unroll 32
      for (int p = 0; p < Pixels; ++p) {
#pragma GCC unroll 8
        for (int v = 0; v < Count; ++v) sum[p][v] = sum[p][v] * scale[v] + shift[v];
      }
    }
    if (terms.add) {
#pragma GCC unroll 32
      for (int p = 0; p < Pixels; ++p) {
        V before[Count];
        load_channels(before, y + p * axis.spacing * target_pixel);
#pragma GCC unroll 8
        for (int v = 0; v < Count; ++v) sum[p][v] += before[v];
      }
    }
#pragma GCC unroll 32
    for (int p = 0; p < Pixels; ++p) {
      T* const to = y + p * axis.spacing * target_pixel;
#pragma GCC unroll 8
      for (int v = 0; v < Count - 1; ++v) store(to + v * width, sum[p][v]);
      store_first<tail>(to + (Count - 1) * width, sum[p][Count - 1]);
    }
  }
};

/// @tparam P what gathers from what
template <GatherPlan P>
struct DenseGather {
  /// Target rows of a sample.
  static constexpr auto height = static_cast<std::size_t>(P.target.height);

  template <class T>
  static constexpr int block_vectors() {
    constexpr int count = channel_vectors<T>(P.outputs).count;
    if (count == 1) return 1;
    const bool narrow = P.columns(0).targets <= most_tile_pixels(4);
    return narrow && count % 4 == 0 ? 4 : 2;
  }

  static constexpr std::size_t scratch() {
    return std::max(PackedWeights<P, float>::scratch(), PackedWeights<P, double>::scratch());
  }

  template <class T>
  static void run(int batch, const T* x, const T* w, const T* bias, T* y, T* scratch) {
    const T* const prepared = prepare(w, scratch);
    for_chunks(static_cast<std::size_t>(batch) * height, P.row_work(),
               [&](auto first, auto last) { rows(first, last, x, prepared, {.bias = bias}, y); });
  }

  /// @return the weights as rows() reads them: `w` itself, or what was written to `scratch`
  template <class T>
  static const T* prepare(const T* w, T* scratch) {
    using Packed = PackedWeights<P, T>;
    if constexpr (!Packed::needed) return w;
    Packed::pack(w, scratch);
    return scratch;
  }

  /// Target rows first..last-1, counted over all samples, on the calling thread.
  template <class T>
  static void rows(std::size_t first, std::size_t last, const T* x, const T* prepared,
                   const ChannelTerms<T>& terms, T* y) {
    using Packed = PackedWeights<P, T>;
    constexpr auto row_size = static_cast<std::size_t>(P.target.width * P.target.channels);
    for (std::size_t row = first; row < last; ++row) {
      const T* sample = x + row / height * P.source.size();
      for (int g = 0; g < P.geometry.groups; ++g) {
        group_row(static_cast<int>(row % height), sample + g * P.inputs,
                  prepared + static_cast<std::size_t>(g) * Packed::group_size,
                  terms.from(g * P.outputs), y + row * row_size + g * P.outputs);
      }
    }
  }

 private:
  template <class T>
  static void group_row(int target, const T* sample, const T* w, ChannelTerms<T> terms, T* y) {
    using Packed = PackedWeights<P, T>;
    constexpr ChannelVectors vectors = Packed::vectors;
    constexpr int block = block_vectors<T>();
    // an odd vector out is taken by a block of three
    constexpr int last_block = vectors.count % block == 0 ? block
                               : vectors.count < block    ? vectors.count
                                                          : block + vectors.count % block;
    constexpr int blocks = (vectors.count - last_block) / block;
    std::array<GatherRow<T>, static_cast<std::size_t>(P.geometry.kernel)> rows;
    const int count = gather_rows<P>(
        target, sample, w, static_cast<std::size_t>(P.geometry.kernel * P.inputs) * Packed::pitch,
        rows);
    for (int b = 0; b < blocks; ++b) {
      columns<block, false>(rows, count, terms, y);
      for (int r = 0; r < count; ++r) rows[static_cast<std::size_t>(r)].w += block * vectors.width;
      terms = terms.from(block * vectors.width);
      y += block * vectors.width;
    }
    columns<last_block, true>(rows, count, terms, y);
  }

  template <int Count, bool Last, class Rows, class T>
  static TEPUI_CPU_INLINE void columns(const Rows& rows, int count, const ChannelTerms<T>& terms,
                                       T* y) {
    unrolled<P.classes()>([&](auto residue) __attribute__((always_inline)) {
      RowTiles<DenseKernel<P, residue, Count, Last, T>>::row(rows.data(), count, terms, y);
    });
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
