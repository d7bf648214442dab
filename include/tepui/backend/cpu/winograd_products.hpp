#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>

#include "tepui/backend/cpu/vector.hpp"
#include "tepui/backend/cpu/winograd_tiles.hpp"
#include "tepui/backend/cpu/winograd_weights.hpp"

/// @file
/// The matrix products at each point: tiles by channels times channels by channels, and the
/// transpose of tiles by channels times tiles by channels. A block of rows and vectors of the
/// result stays in registers.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Rows and vectors of a product that are held in registers at a time.
struct RegisterBlock {
  int rows = 1;
  int vectors = 1;
};
/// @param vectors of a row
/// @param most_rows a power of two
[[nodiscard]] constexpr RegisterBlock register_block(int vectors, int most_rows) {
  int taken = vector_registers == 32 ? 4 : 2;
  while (vectors % taken != 0) --taken;
  const int fitting = (vector_registers - 4 - taken) / taken;
  const auto rows = std::bit_floor(static_cast<unsigned>(std::min(fitting, most_rows)));
  return {static_cast<int>(rows), taken};
}

/// The same where both factors come from the second-level cache, of which many rows and few vectors
/// take the least.
/// @param rows a multiple of 8
[[nodiscard]] constexpr RegisterBlock sum_block(int vectors, int rows) {
  const int taken = vector_registers == 32 || vectors % 2 != 0 ? 1 : 2;
  return {register_block(taken, rows & -rows).rows, taken};
}

/// Products of the points of tiles with those of the weights, in the tiles' place.
/// @tparam Block a TileBlock, as wide as the larger of In and Out
template <int In, int Out, class Block, class T>
struct PointProducts {
  static constexpr ChannelVectors vectors = whole_vectors<T>(Out);
  static constexpr int width = vectors.width;
  static constexpr RegisterBlock held = register_block(vectors.count, Block::tiles);
  static constexpr int weight_pitch = matrix_pitch<T>(In * Out);
  static_assert(Block::tiles % held.rows == 0);
  using V = Vector<T, width>;

  /// @param weights tile_area matrices of (In, Out), weight_pitch apart
  /// @param each    called for each point
  template <class Each>
  static TEPUI_CPU_INLINE void multiply(int n, const T* weights, Block& block, Each&& each) {
    const int rows = (n + held.rows - 1) / held.rows * held.rows;
    for (int point = 0; point < tile_area; ++point) {
      each(point);
      T* const tiles = block.data + point * Block::pitch;
      // rows that only fill up a register block
      for (int t = n; t < rows; ++t) std::fill_n(tiles + t * Block::channels, In, T(0));
      for (int t = 0; t < rows; t += held.rows) {
        held_rows(weights, tiles + t * Block::channels);
      }
      weights += weight_pitch;
    }
  }

 private:
  static TEPUI_CPU_INLINE void held_rows(const T* weights, T* tiles) {
    constexpr int step = held.vectors * width;
    if constexpr (step == Out) {
      product<Block::channels>(tiles, weights, tiles);
    } else {
      alignas(64) T from[held.rows * In];
      for (int r = 0; r < held.rows; ++r) {
        std::copy_n(tiles + r * Block::channels, In, from + r * In);
      }
      for (int o = 0; o < Out; o += step) product<In>(from, weights + o, tiles + o);
    }
  }

  template <int Pitch>
  static void product(const T* from, const T* weights, T* to) {
    V sum[held.rows][held.vectors]{};
    for (int i = 0; i < In; ++i) {
      V w[held.vectors];
#pragma GCC unroll 4
      for (int v = 0; v < held.vectors; ++v) w[v] = load<width>(weights + v * width);
#pragma GCC unroll 16
      for (int r = 0; r < held.rows; ++r) {
        const T value = from[r * Pitch];
#pragma GCC unroll 4
        for (int v = 0; v < held.vectors; ++v) sum[r][v] += value * w[v];
      }
      ++from;
      weights += Out;
    }
#pragma GCC unroll 16
    for (int r = 0; r < held.rows; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < held.vectors; ++v) store(to + r * Block::channels + v * width, sum[r][v]);
    }
  }
};

/// Weight gradients: sums over tiles of the products of their sources' points with those of their
/// gradients, a register block at a time and no longer than it takes to turn them into taps.
template <class Sources, class Gradients, class T>
struct PointSums {
  static constexpr int in = Sources::channels;
  static constexpr int out = Gradients::channels;
  static constexpr ChannelVectors vectors = whole_vectors<T>(out);
  static constexpr int width = vectors.width;
  static constexpr RegisterBlock held = sum_block(vectors.count, in);
  static constexpr int columns = held.vectors * width;
  static constexpr int pitch = matrix_pitch<T>(held.rows * columns);
  using V = Vector<T, width>;

  /// Adds what n tiles give to dw.
  static void add(int n, const Sources& sources, const Gradients& gradients, T* dw) {
    alignas(64) T sums[tile_area * pitch];
    for (int i = 0; i < in; i += held.rows) {
      for (int o = 0; o < out; o += columns) {
        for (int point = 0; point < tile_area; ++point) {
          sum(n, sources.data + point * Sources::pitch + i,
              gradients.data + point * Gradients::pitch + o, sums + point * pitch);
        }
        for (int r = 0; r < held.rows; ++r) {
          for (int c = 0; c < columns; c += width) {
            WeightPoints<in, out, T>::template add_gradient<V, pitch>(sums + r * columns + c,
                                                                      dw + (i + r) * out + o + c);
          }
        }
      }
    }
  }

 private:
  static void sum(int n, const T* x, const T* dy, T* sums) {
    V sum[held.rows][held.vectors]{};
    for (int t = 0; t < n; ++t) {
      V d[held.vectors];
#pragma GCC unroll 4
      for (int v = 0; v < held.vectors; ++v) d[v] = load<width>(dy + v * width);
#pragma GCC unroll 16
      for (int r = 0; r < held.rows; ++r) {
        const T value = x[r];
#pragma GCC unroll 4
        for (int v = 0; v < held.vectors; ++v) sum[r][v] += value * d[v];
      }
      x += in;
      dy += out;
    }
#pragma GCC unroll 16
    for (int r = 0; r < held.rows; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < held.vectors; ++v) store(sums + r * columns + v * width, sum[r][v]);
    }
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
