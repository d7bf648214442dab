#pragma once

#include <cstddef>

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
/// @tparam Rows    of a tile: 64 or 128
/// @tparam Columns of a tile: 16, 32 or 64
/// @tparam Vector  neighbours that are read and written at a time, 1 or 4; 4 needs in_fours() and
///                 both factors, the product and the gate on boundaries of 4 elements
template <ConvPass Pass, class T, Math Rounding, int Rows, int Columns, int Vector>
struct ConvGemm {
  using Factors = ConvFactors<Pass>;
  using Stored = typename StoredAs<T, Rounding>::type;
  static constexpr int threads = 128;
  static constexpr int tile_rows = Rows;
  static constexpr int tile_columns = Columns;
  static constexpr int vector = Vector;
  /// Small tiles are for few blocks, which have registers enough to read far ahead.
  static constexpr int tile_depth = sizeof(T) == 8                          ? 8
                                    : Rows == 64 && Rounding != Math::exact ? 32
                                                                            : 16;
  using First = FactorTile<Stored, Rows, tile_depth, Factors::first_along_depth>;
  using Second = FactorTile<Stored, Columns, tile_depth, Factors::second_along_depth>;
  using Tiles = GemmTiles<First, Second>;
  /// Lines of sums, a little longer than needed, as those of the factors.
  static constexpr int sums_stride = Columns + 8;
  /// The factors, some to work on and the next ones, and in the end the sums: written from there,
  /// neighbours go to neighbouring places and what is done to each is compiled once.
  struct Shared {
    union {
      Tiles tiles[2];
      T sums[Rows * sums_stride];
    };
  };
  static_assert(sizeof(Shared) <= 48 * 1024, "ConvGemm: double takes at most 32 columns");

  const T* a = nullptr;
  const T* b = nullptr;
  T* product = nullptr;
  std::size_t slice_size = 0;
  Activation activation = Activation::none;  ///< of the first factor, as it is read
  ConvEpilogue<T> epilogue;

  // How the product is cut: see cut().
  Factors factors{};
  int slices = 1;
  int column_tiles = 1;
  int slice_depth = 0;             ///< a multiple of tile_depth
  typename Factors::Place step{};  ///< tile_depth as a distance of places

  /// Sets what follows from the sizes.
  constexpr void cut(const ConvShape& shape, int into_slices) {
    factors.shape = shape;
    slices = into_slices;
    column_tiles = (factors.columns() + Columns - 1) / Columns;
    const int tiles = (factors.depth() + tile_depth - 1) / tile_depth;
    slice_depth = (tiles + slices - 1) / slices * tile_depth;
    step = factors.walk().at(tile_depth);
  }
  [[nodiscard]] constexpr Grid grid() const {
    return {(factors.rows() + Rows - 1) / Rows, column_tiles * slices, factors.shape.groups};
  }

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
    const int group = block.index_z();
    const int first_row = block.index() * Rows;
    const int first_column = block.index_y() % column_tiles * Columns;
    const int slice = block.index_y() / column_tiles;
    const int begin = slice * slice_depth;
    const int end = begin + slice_depth < factors.depth() ? begin + slice_depth : factors.depth();

    typename SumsOf<Block, T, Rounding, Tiles, threads>::type sums;
    typename Block::template PerThread<Fetched> fetched;
    sums.clear(block);
    block.each([&](int thread) {
      start(thread, group, first_row, begin, fetched[thread]);
      fetch(thread, group, first_column, begin, end, fetched[thread]);
      store(thread, fetched[thread], shared.tiles[0]);
    });
    int now = 0;
    for (int k = begin; k < end; k += tile_depth) {
      const int next = k + tile_depth;
      // what is under way from memory is first looked at when the work on these tiles is done
      if (next < end) {
        block.each_alone(
            [&](int thread) { fetch(thread, group, first_column, next, end, fetched[thread]); });
      }
      sums.add(block, shared.tiles[now]);
      now = 1 - now;
      // The other tiles: all threads were done with them when they last met.
      block.each([&](int thread) {
        if (next < end) store(thread, fetched[thread], shared.tiles[now]);
      });
    }
    sums.for_each(
        block, [&](int row, int column, T sum) { shared.sums[row * sums_stride + column] = sum; });
    block.each([](int) {});
    T* const out = product + static_cast<std::size_t>(slice) * slice_size;
    block.each_alone([&](int thread) {
      constexpr int line = Columns / Vector;
      for (int i = thread; i < Rows * line; i += threads) {
        const int row = first_row + i / line;
        const int column = first_column + i % line * Vector;
        if (row >= factors.rows() || column >= factors.columns()) continue;
        T values[Vector];
        read_neighbours(shared.sums + i / line * sums_stride + i % line * Vector, values);
        epilogue.write(out, factors.product(group, row, column), group * factors.columns() + column,
                       values);
      }
    });
  }

 private:
  static constexpr bool by_taps = Factors::first_along_depth;  // the depth goes through taps
  using FirstRuns = TileRuns<First, threads>;
  using SecondRuns = TileRuns<Second, threads>;
  static constexpr int row_places = FirstRuns::count * (by_taps || Vector == 4 ? 1 : 4);
  static_assert(FirstRuns::count * FirstRuns::across == FirstRuns::places,
                "ConvGemm: the first factor has runs for every thread");

  /// Where a thread is, and what it holds while the tiles before are worked on.
  struct Fetched {
    typename Factors::Row row[row_places];
    typename Factors::Place place;
    int pixel[FirstRuns::count];  // under the tap of `place`; negative: padding
    T a[FirstRuns::count][4];
    T b[SecondRuns::count][4];
  };

  TEPUI_HOST_DEVICE void start(int thread, int group, int first_row, int begin, Fetched& f) const {
    TEPUI_UNROLL
    for (int p = 0; p < row_places; ++p) {
      const int run = p / (row_places / FirstRuns::count);
      const int row =
          first_row + FirstRuns::place(thread, run) + p % (row_places / FirstRuns::count);
      f.row[p] = row < factors.rows() ? factors.row_at(group, row) : typename Factors::Row{};
    }
    f.place = factors.walk().at(begin + FirstRuns::depth(thread));
    if constexpr (by_taps) find_pixels(f);
  }
  TEPUI_HOST_DEVICE void find_pixels(Fetched& f) const {
    TEPUI_UNROLL
    for (int r = 0; r < FirstRuns::count; ++r) f.pixel[r] = factors.pixel(f.row[r], f.place.tap);
  }

  /// Reads a thread's part of the tiles at depth k and moves on to the next.
  TEPUI_HOST_DEVICE void fetch(int thread, int group, int first_column, int k, int end,
                               Fetched& f) const {
    if constexpr (by_taps) {
      fetch_by_taps(thread, group, first_column, k, end, f);
    } else {
      fetch_by_pixels(thread, k, end, f);
    }
    if constexpr (!Factors::second_along_depth) {
      const int row = k + SecondRuns::depth(thread);
      const int column = first_column + SecondRuns::place(thread, 0);
      const T* const from = b + factors.second(group, row, column);
      TEPUI_UNROLL
      for (int r = 0; r < SecondRuns::count; ++r) {
        const int further = r * SecondRuns::across * 4;
        TEPUI_UNROLL
        for (int v = 0; v < 4; v += Vector) {
          const bool inside = second_has(thread, column + further + v) && row < end;
          read<Vector>(inside, from, further + v, f.b[r] + v);
        }
      }
    }
  }
  /// The first factor, and the second where it goes through taps, too.
  TEPUI_HOST_DEVICE void fetch_by_taps(int thread, int group, int first_column, int k, int end,
                                       Fetched& f) const {
    const int depth = k + FirstRuns::depth(thread);
    auto place = f.place;
    TEPUI_UNROLL
    for (int v = 0; v < 4; v += Vector) {
      const bool deep = depth + v < end;
      const T* const from = a + factors.first(group, place.channel);
      TEPUI_UNROLL
      for (int r = 0; r < FirstRuns::count; ++r) {
        const int pixel = Vector == 4 ? f.pixel[r] : factors.pixel(f.row[r], place.tap);
        read<Vector>(deep && pixel >= 0, from, wide_product(pixel, factors.first_channels()),
                     f.a[r] + v);
      }
      if constexpr (Factors::second_along_depth) {
        const int column = first_column + SecondRuns::place(thread, 0);
        const T* const second = b + factors.second(group, place, column);
        TEPUI_UNROLL
        for (int r = 0; r < SecondRuns::count; ++r) {
          const int further = r * SecondRuns::across;
          read<Vector>(deep && second_has(thread, column + further), second,
                       wide_product(further, factors.shape.out_channels), f.b[r] + v);
        }
      }
      if (Vector == 1) factors.walk().next(place);
    }
    if (factors.walk().advance(f.place, step) && Vector == 4) find_pixels(f);
  }
  TEPUI_HOST_DEVICE void fetch_by_pixels(int thread, int k, int end, Fetched& f) const {
    const bool deep = k + FirstRuns::depth(thread) < end;
    const auto window = factors.window_at(f.place);
    const T* const from = a + window.at;
    TEPUI_UNROLL
    for (int r = 0; r < FirstRuns::count; ++r) {
      TEPUI_UNROLL
      for (int v = 0; v < 4; v += Vector) {
        const auto& row = f.row[r * (4 / Vector) + v];
        read<Vector>(deep && factors.inside(row, window), from, row.offset, f.a[r] + v);
      }
    }
    factors.walk().advance(f.place, step);
  }
  TEPUI_HOST_DEVICE bool second_has(int thread, int column) const {
    return SecondRuns::has(thread) && column < factors.columns();
  }
  static TEPUI_HOST_DEVICE std::ptrdiff_t wide_product(int n, int factor) {
    return static_cast<std::ptrdiff_t>(n) * factor;
  }
  /// Reads from[at] and its neighbours, or nothing but zeros.
  template <int Count>
  static TEPUI_HOST_DEVICE void read(bool inside, const T* from, std::ptrdiff_t at, T* values) {
    T read[Count] = {};
    if (inside) read_neighbours(from + at, read);
    TEPUI_UNROLL
    for (int v = 0; v < Count; ++v) values[v] = read[v];
  }

  TEPUI_HOST_DEVICE void store(int thread, Fetched& f, Tiles& tiles) const {
    if (activation == Activation::relu) activate_all<Activation::relu>(f);
    if (activation == Activation::hard_swish) activate_all<Activation::hard_swish>(f);
    TEPUI_UNROLL
    for (int r = 0; r < FirstRuns::count; ++r) {
      store_run<Rounding>(f.a[r], tiles.a.values + First::at(FirstRuns::place(thread, r),
                                                             FirstRuns::depth(thread)));
    }
    if (!SecondRuns::has(thread)) return;
    TEPUI_UNROLL
    for (int r = 0; r < SecondRuns::count; ++r) {
      store_run<Rounding>(f.b[r], tiles.b.values + Second::at(SecondRuns::place(thread, r),
                                                              SecondRuns::depth(thread)));
    }
  }
  /// (Padding stays 0.)
  template <Activation A>
  static TEPUI_HOST_DEVICE void activate_all(Fetched& f) {
    TEPUI_UNROLL
    for (int r = 0; r < FirstRuns::count; ++r) {
      TEPUI_UNROLL
      for (int v = 0; v < 4; ++v) f.a[r][v] = activate<A>(f.a[r][v]);
    }
  }
};

/// @brief Adds up the slices of a product: dw += the sum.
///
/// Thread g of an element's 8 adds up the slices g, g + 8, ...; these sums are added in order.
template <class T>
struct SumSlices {
  static constexpr int across = 32;  // elements of a block, neighbours in memory
  static constexpr int down = 8;
  static constexpr int threads = across * down;
  struct Shared {
    T sums[down][across];
  };
  std::size_t count = 0;  ///< elements of a slice
  int slices = 0;
  const T* parts = nullptr;
  T* sum = nullptr;

  [[nodiscard]] Grid grid() const {
    return {static_cast<int>((count + across - 1) / across), 1, 1};
  }
  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
    const auto element = [&](int thread) {
      return wide(block.index()) * across + wide(thread % across);
    };
    block.each([&](int thread) {
      const std::size_t i = element(thread);
      T total = T(0);
      if (i < count) {
        for (int s = thread / across; s < slices; s += down) total += parts[wide(s) * count + i];
      }
      shared.sums[thread / across][thread % across] = total;
    });
    block.each_alone([&](int thread) {
      const std::size_t i = element(thread);
      if (thread >= across || i >= count) return;
      T total = shared.sums[0][thread];
      TEPUI_UNROLL
      for (int g = 1; g < down; ++g) total += shared.sums[g][thread];
      sum[i] += total;
    });
  }
};

}  // namespace tepui::backend::cuda
