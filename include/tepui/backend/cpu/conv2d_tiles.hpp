#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "tepui/backend/cpu/conv2d_axis.hpp"
#include "tepui/backend/cpu/vector.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// What is done to the sums of a gathering pass: y = or += (sum + bias) * scale + shift, each by
/// target channel.
template <class T>
struct ChannelTerms {
  const T* bias = nullptr;   ///< null: 0
  const T* scale = nullptr;  ///< null: 1, and shift is not used
  const T* shift = nullptr;
  bool add = false;

  /// @return the terms of channels from `first` on
  [[nodiscard]] ChannelTerms from(std::ptrdiff_t first) const {
    return {bias == nullptr ? nullptr : bias + first, scale == nullptr ? nullptr : scale + first,
            shift == nullptr ? nullptr : shift + first, add};
  }
};

/// Pixels times vectors that fit the registers, next to a row of weights and a source value.
[[nodiscard]] constexpr int most_tile_pixels(int vectors) {
  const int free = vector_registers - 4 - vectors;
  return std::clamp(free / vectors, 1, 24);
}

/// Pixels per tile such that a row of `targets` splits evenly.
[[nodiscard]] constexpr int tile_pixels(int targets, int vectors) {
  if (targets <= 0) return 1;
  const int most = most_tile_pixels(vectors);
  const int tiles = (targets + most - 1) / most;
  return (targets + tiles - 1) / tiles;
}

/// @brief Walks a row of targets in tiles of pixels whose sums stay in registers.
///
/// Tiles at a border know their place at compile time, so that each tap touches just the pixels it
/// has a source for; the tiles between them share one loop without any test.
/// @tparam Kernel  the arithmetic: `axis`, `vectors` per pixel, vector type V, element type T,
///                 distances `source_pixel`, `target_pixel`, `tap_pitch`, and static begin(sum,
///                 terms), add_tap<first, last>(sum, x, w), finish(sum, terms, y)
template <class Kernel>
struct RowTiles {
  using T = typename Kernel::Element;
  using V = typename Kernel::V;
  using Terms = ChannelTerms<T>;
  static constexpr GatherAxis axis = Kernel::axis;
  static constexpr int pixels = tile_pixels(axis.targets, Kernel::vectors_per_pixel);
  static constexpr int tiles = (axis.targets + pixels - 1) / pixels;

  static constexpr int size_of(int tile) { return std::min(pixels, axis.targets - tile * pixels); }
  static constexpr bool full_interior(int tile) {
    return size_of(tile) == pixels && axis.interior(tile * pixels, tile * pixels + pixels);
  }
  /// Tiles [first_interior, end_interior) are full and touch no border.
  static constexpr int first_interior = [] {
    int tile = 0;
    while (tile < tiles && !full_interior(tile)) ++tile;
    return tile;
  }();
  static constexpr int end_interior = [] {
    int tile = tiles;
    while (tile > first_interior && !full_interior(tile - 1)) --tile;
    return tile;
  }();

  /// All targets of one row.
  static void row(const GatherRow<T>* rows, int row_count, const Terms& terms, T* y) {
    y += axis.first * Kernel::target_pixel;
    unrolled<first_interior>([&](auto tile) __attribute__((always_inline)) {
      one<tile>(rows, row_count, terms, y);
    });
    for (int tile = first_interior; tile < end_interior; ++tile) {
      interior<pixels>(tile * pixels, rows, row_count, terms, y);
    }
    unrolled<tiles - end_interior>([&](auto tile) __attribute__((always_inline)) {
      one<end_interior + tile>(rows, row_count, terms, y);
    });
  }

 private:
  template <int Tile>
  static TEPUI_CPU_INLINE void one(const GatherRow<T>* rows, int row_count, const Terms& terms,
                                   T* y) {
    constexpr int first = Tile * pixels;
    if constexpr (axis.interior(first, first + size_of(Tile))) {
      interior<size_of(Tile)>(first, rows, row_count, terms, y);
    } else {
      border<first, size_of(Tile)>(rows, row_count, terms, y);
    }
  }

  /// Targets j = first..first+Pixels-1, all of whose sources are real.
  template <int Pixels>
  static void interior(int first, const GatherRow<T>* rows, int row_count, const Terms& terms,
                       T* y) {
    V sum[Pixels][Kernel::vectors_per_pixel];
    Kernel::begin(sum, terms);
    for (int r = 0; r < row_count; ++r) {
      for (int t = 0; t < axis.taps; ++t) {
        Kernel::template add_tap<0, Pixels>(
            sum, rows[r].x + axis.source(first, t) * Kernel::source_pixel,
            rows[r].w + axis.kernel_index(t) * Kernel::tap_pitch);
      }
    }
    Kernel::finish(sum, terms, y + first * axis.spacing * Kernel::target_pixel);
  }

  /// Targets j = First..First+Pixels-1, some of whose sources are padding.
  template <int First, int Pixels>
  static void border(const GatherRow<T>* rows, int row_count, const Terms& terms, T* y) {
    V sum[Pixels][Kernel::vectors_per_pixel];
    Kernel::begin(sum, terms);
    for (int r = 0; r < row_count; ++r) {
      unrolled<axis.taps>([&](auto tap) __attribute__((always_inline)) {
        constexpr int begin = axis.first_real(tap, First, First + Pixels);
        constexpr int end = axis.end_real(tap, begin, First + Pixels);
        if constexpr (begin < end) {
          Kernel::template add_tap<begin - First, end - First>(
              sum, rows[r].x + axis.source(First, tap) * Kernel::source_pixel,
              rows[r].w + axis.kernel_index(tap) * Kernel::tap_pitch);
        }
      });
    }
    Kernel::finish(sum, terms, y + First * axis.spacing * Kernel::target_pixel);
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
