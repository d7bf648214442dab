#pragma once

#include <cstddef>
#include <type_traits>

#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/conv_epilogue.hpp"
#include "tepui/backend/cuda/conv_factors.hpp"
#include "tepui/backend/cuda/elementwise.hpp"
#include "tepui/backend/cuda/gemm_tile.hpp"

namespace tepui::backend::cuda {

/// @brief A pass of a convolution as an implicit product of matrices.
///
/// Blocks: x through tiles of rows, y through tiles of columns and, inside of them, slices of the
/// depth, z through groups. With several slices each writes sums of its own, `slice_size` elements
/// behind those before it, which are added up afterwards in a fixed order (SumSlices).
/// @tparam Columns of a tile: 16, 32 or 64
/// @tparam Vector  elements of the first factor that are read at a time, 1 or 4; 4 needs
///                 neighbours(4) and a first factor that is aligned to 4 elements
template <ConvPass Pass, class T, Math Rounding, int Columns, int Vector>
struct ConvGemm {
  static constexpr int threads = 128;
  static constexpr int tile_rows = 128;
  static constexpr int tile_depth = 16;
  using Tiles = GemmTiles<T, tile_rows, Columns, tile_depth>;
  /// The factors, and in the end the sums: written from there, neighbours go to neighbouring places
  /// and what is done to each is compiled once.
  struct Shared {
    union {
      Tiles tiles;
      T sums[tile_rows * Columns];
    };
  };
  static_assert(sizeof(Shared) <= 48 * 1024, "ConvGemm: double takes at most 32 columns");

  ConvFactors<Pass> factors;
  const T* a = nullptr;
  const T* b = nullptr;
  T* product = nullptr;
  int column_tiles = 1;
  int slice_depth = 0;  ///< a multiple of tile_depth
  std::size_t slice_size = 0;
  Activation activation = Activation::none;  ///< of the first factor, as it is read
  ConvEpilogue<T> epilogue;

  /// Blocks for a product cut into slices.
  [[nodiscard]] constexpr Grid grid(int slices) const {
    return {(factors.rows() + tile_rows - 1) / tile_rows, column_tiles * slices,
            factors.shape.groups};
  }
  /// @param slice_depth of every slice but the last, a multiple of tile_depth
  [[nodiscard]] static constexpr int tiles_of(int columns) {
    return (columns + Columns - 1) / Columns;
  }

  template <class Block>
  TEPUI_KERNEL void operator()(Block& block, Shared& shared) const {
    const int group = block.index_z();
    const int first_row = block.index() * tile_rows;
    const int first_column = block.index_y() % column_tiles * Columns;
    const int slice = block.index_y() / column_tiles;
    const int begin = slice * slice_depth;
    const int end = begin + slice_depth < factors.depth() ? begin + slice_depth : factors.depth();

    typename SumsOf<Block, T, Rounding, Tiles, threads>::type sums;
    typename Block::template PerThread<Fetched> fetched;
    sums.clear(block);
    block.each_alone([&](int thread) {
      start(thread, first_row, fetched[thread]);
      fetch(thread, group, first_column, begin, end, fetched[thread]);
    });
    for (int k = begin; k < end; k += tile_depth) {
      block.each([&](int thread) { store(thread, fetched[thread], shared.tiles); });
      if (k + tile_depth < end) {
        block.each_alone([&](int thread) {
          fetch(thread, group, first_column, k + tile_depth, end, fetched[thread]);
        });
      }
      sums.add(block, shared.tiles);
      block.each([](int) {});
    }
    T* const out = product + static_cast<std::size_t>(slice) * slice_size;
    sums.for_each(block, [&](int row, int column, T sum) {
      shared.sums[row * Columns + column] = sum;
    });
    block.each([](int) {});
    block.each_alone([&](int thread) {
      for (int i = thread; i < tile_rows * Columns; i += threads) {
        const int row = first_row + i / Columns;
        const int column = first_column + i % Columns;
        if (row >= factors.rows() || column >= factors.columns()) continue;
        epilogue.write(out, factors.product(group, row, column),
                       group * factors.columns() + column, shared.sums[i]);
      }
    });
  }

 private:
  static constexpr bool by_rows = Pass == ConvPass::weights;  // neighbours are rows
  static constexpr int wide = 4;  // elements of the first factor in a run
  static constexpr int a_runs = tile_rows * tile_depth / threads / wide;
  static constexpr int b_each = Columns * tile_depth / threads;
  using RowPlace = decltype(std::declval<ConvFactors<Pass>>().row_at(0));
  static constexpr int row_places = by_rows ? a_runs * (Vector == 1 ? wide : 1) : a_runs;

  /// What a thread holds while the tiles before are worked on.
  struct Fetched {
    RowPlace row[row_places];
    bool inside[row_places];
    T a[a_runs][wide];
    T b[b_each];
  };

  /// Runs of the first factor: four of the depth in one row, or four rows at one depth.
  static TEPUI_KERNEL int run_row(int thread, int run) {
    return by_rows ? (thread / tile_depth + run * (threads / tile_depth)) * wide
                   : thread / (tile_depth / wide) + run * (threads / (tile_depth / wide));
  }
  static TEPUI_KERNEL int run_depth(int thread) {
    return by_rows ? thread % tile_depth : thread % (tile_depth / wide) * wide;
  }

  TEPUI_KERNEL void start(int thread, int first_row, Fetched& f) const {
    TEPUI_UNROLL
    for (int p = 0; p < row_places; ++p) {
      const int run = by_rows && Vector == 1 ? p / wide : p;
      const int offset = by_rows && Vector == 1 ? p % wide : 0;
      const int row = first_row + run_row(thread, run) + offset;
      f.inside[p] = row < factors.rows();
      f.row[p] = factors.row_at(f.inside[p] ? row : 0);
    }
  }

  TEPUI_KERNEL void fetch(int thread, int group, int first_column, int k, int end,
                          Fetched& f) const {
    const int depth = k + run_depth(thread);
    if constexpr (by_rows) {
      const auto place = factors.depth_at(depth < end ? depth : 0);
      TEPUI_UNROLL
      for (int r = 0; r < a_runs; ++r) {
        if constexpr (Vector == 4) {
          read_four(f.inside[r] && depth < end ? factors.first(group, f.row[r], place) : -1, f.a[r]);
        } else {
          TEPUI_UNROLL
          for (int v = 0; v < wide; ++v) {
            const int p = r * wide + v;
            f.a[r][v] = read(f.inside[p] && depth < end ? factors.first(group, f.row[p], place) : -1);
          }
        }
      }
    } else if constexpr (Vector == 4) {
      const auto place = factors.depth_at(depth < end ? depth : 0);
      TEPUI_UNROLL
      for (int r = 0; r < a_runs; ++r) {
        read_four(f.inside[r] && depth < end ? factors.first(group, f.row[r], place) : -1, f.a[r]);
      }
    } else {
      TEPUI_UNROLL
      for (int v = 0; v < wide; ++v) {
        const bool deep = depth + v < end;
        const auto place = factors.depth_at(deep ? depth + v : 0);
        TEPUI_UNROLL
        for (int r = 0; r < a_runs; ++r) {
          f.a[r][v] = read(f.inside[r] && deep ? factors.first(group, f.row[r], place) : -1);
        }
      }
    }
    TEPUI_UNROLL
    for (int i = 0; i < b_each; ++i) {
      const int at = thread + i * threads;
      const int row = k + at / Columns;
      const int column = first_column + at % Columns;
      f.b[i] = row < end && column < factors.columns() ? b[factors.second(group, row, column)] : T(0);
    }
  }

  TEPUI_KERNEL T read(std::ptrdiff_t at) const {
    return at < 0 ? T(0) : activate(activation, a[at]);
  }
  TEPUI_KERNEL void read_four(std::ptrdiff_t at, T (&values)[wide]) const {
    if (at < 0) {
      TEPUI_UNROLL
      for (int v = 0; v < wide; ++v) values[v] = T(0);
      return;
    }
#if defined(__CUDA_ARCH__)
    if constexpr (sizeof(T) == 4) {
      const float4 four = *reinterpret_cast<const float4*>(a + at);
      values[0] = four.x, values[1] = four.y, values[2] = four.z, values[3] = four.w;
    } else {
      const auto* const pairs = reinterpret_cast<const double2*>(a + at);
      const double2 low = pairs[0], high = pairs[1];
      values[0] = low.x, values[1] = low.y, values[2] = high.x, values[3] = high.y;
    }
#else
    TEPUI_UNROLL
    for (int v = 0; v < wide; ++v) values[v] = a[at + v];
#endif
    TEPUI_UNROLL
    for (int v = 0; v < wide; ++v) values[v] = activate(activation, values[v]);
  }

  static TEPUI_KERNEL void store(int thread, const Fetched& f, Tiles& tiles) {
    const int depth = run_depth(thread);
    TEPUI_UNROLL
    for (int r = 0; r < a_runs; ++r) {
      T* const at = tiles.a + run_row(thread, r) * Tiles::a_stride + depth;
      TEPUI_UNROLL
      for (int v = 0; v < wide; ++v) at[by_rows ? v * Tiles::a_stride : v] = f.a[r][v];
    }
    TEPUI_UNROLL
    for (int i = 0; i < b_each; ++i) {
      const int at = thread + i * threads;
      tiles.b[at / Columns * Tiles::b_stride + at % Columns] = f.b[i];
    }
  }
};

/// @brief Adds up the slices of a product, in order: dw += the sum.
template <class T>
struct SumSlices {
  static constexpr int threads = 256;
  struct Shared {};
  std::size_t count = 0;  ///< elements of a slice
  int slices = 0;
  const T* parts = nullptr;
  T* sum = nullptr;

  [[nodiscard]] Grid grid() const {
    return {static_cast<int>((count + threads - 1) / threads), 1, 1};
  }
  template <class Block>
  TEPUI_KERNEL void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const std::size_t i =
          static_cast<std::size_t>(block.index()) * threads + static_cast<std::size_t>(thread);
      if (i >= count) return;
      T total = parts[i];
      for (int s = 1; s < slices; ++s) total += parts[static_cast<std::size_t>(s) * count + i];
      sum[i] += total;
    });
  }
};

}  // namespace tepui::backend::cuda
