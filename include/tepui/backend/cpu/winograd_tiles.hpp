#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/backend/cpu/conv2d_tiles.hpp"
#include "tepui/backend/cpu/vector.hpp"
#include "tepui/backend/cpu/winograd_lines.hpp"
#include "tepui/core/shape.hpp"

/// @file
/// Between images and the points of their tiles: what is added around an image and beyond its last
/// whole tile is zero on the way in and dropped on the way out.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

inline constexpr int tile_area = tile_points * tile_points;

/// Whole vectors that hold a run of channels.
template <class T>
[[nodiscard]] constexpr ChannelVectors whole_vectors(int channels) {
  int width = lanes<T>;
  while (channels % width != 0) width /= 2;
  return {width, channels / width, width};
}

/// @return elements from one of tile_area matrices to the next: a cache line more than it has, as
///         those that are a power of two apart would fight for the same places in the cache
template <class T>
[[nodiscard]] constexpr int matrix_pitch(int elements) {
  return elements + 64 / static_cast<int>(sizeof(T));
}

/// A block of tiles as tile_area matrices of (tiles, Channels), on the stack.
template <int Channels, int Tiles, class T>
struct TileBlock {
  static constexpr int channels = Channels;
  static constexpr int tiles = Tiles;
  static constexpr int pitch = matrix_pitch<T>(Channels * Tiles);

  T* at(int tile) { return data + tile * Channels; }

  alignas(64) T data[tile_area * pitch];
};

/// Tiles of the images of one shape, counted over all samples.
template <Shape S, class T>
struct ImageTiles {
  static constexpr int across = (S.width + tile_targets - 1) / tile_targets;
  static constexpr int down = (S.height + tile_targets - 1) / tile_targets;
  static constexpr int count = across * down;
  static constexpr bool whole = S.width % tile_targets == 0 && S.height % tile_targets == 0;
  static constexpr ChannelVectors vectors = whole_vectors<T>(S.channels);
  static constexpr int width = vectors.width;
  static constexpr std::ptrdiff_t row_size = S.width * S.channels;
  using V = Vector<T, width>;
  using Line = WinogradLine<T, V>;

  /// Where the targets of a tile begin.
  struct Place {
    explicit Place(std::size_t tile)
        : sample(static_cast<std::ptrdiff_t>(tile / count)),
          y(static_cast<int>(tile % count) / across * tile_targets),
          x(static_cast<int>(tile % count) % across * tile_targets) {}
    [[nodiscard]] std::ptrdiff_t offset() const {
      return (sample * S.height + y) * row_size + x * S.channels;
    }
    std::ptrdiff_t sample;
    int y;
    int x;
  };

  /// Points of the sources of tiles first..first+n-1.
  template <class Block>
  static void gather(std::size_t first, int n, const T* image, Block& block) {
    static constexpr T zeros[tile_points * S.channels]{};
    for (int t = 0; t < n; ++t) {
      const Place place(first + static_cast<std::size_t>(t));
      const T* const corner = image + place.offset() - row_size - S.channels;
      const T* rows[tile_points];
      for (int i = 0; i < tile_points; ++i) {
        const int y = place.y + i - 1;
        rows[i] = y >= 0 && y < S.height ? corner + i * row_size : zeros;
      }
      const int left = place.x == 0 ? 1 : 0;
      const int right = std::min(S.width - place.x + 1, tile_points);
      for (int c = 0; c < S.channels; c += width) {
        T* const points = block.at(t) + c;
        transform_tile<tile_points, tile_points, V>(
            Line::sources,
            [&](int j, V(&from)[6]) __attribute__((always_inline)) {
              const bool inside = j >= left && j < right;
#pragma GCC unroll 6
              for (int i = 0; i < tile_points; ++i) {
                from[i] = inside ? load<width>(rows[i] + j * S.channels + c) : V{};
              }
            },
            [&](int i, const V(&to)[6]) __attribute__((always_inline)) {
#pragma GCC unroll 6
              for (int j = 0; j < tile_points; ++j) {
                store(points + (i * tile_points + j) * Block::pitch, to[j]);
              }
            });
      }
    }
  }

  /// Points of the gradients by the targets of tiles first..first+n-1.
  template <class Block>
  static void gather_gradients(std::size_t first, int n, const T* image, Block& block) {
    for (int t = 0; t < n; ++t) {
      const Place place(first + static_cast<std::size_t>(t));
      const T* const corner = image + place.offset();
      for (int c = 0; c < S.channels; c += width) {
        T* const points = block.at(t) + c;
        transform_tile<tile_targets, tile_points, V>(
            Line::gradients,
            [&](int j, V(&from)[4]) __attribute__((always_inline)) {
#pragma GCC unroll 4
              for (int i = 0; i < tile_targets; ++i) {
                from[i] = inside(place, i, j)
                              ? load<width>(corner + i * row_size + j * S.channels + c)
                              : V{};
              }
            },
            [&](int i, const V(&to)[6]) __attribute__((always_inline)) {
#pragma GCC unroll 6
              for (int j = 0; j < tile_points; ++j) {
                store(points + (i * tile_points + j) * Block::pitch, to[j]);
              }
            });
      }
    }
  }

  /// Targets of tiles first..first+n-1 from their products: image = or += targets [* scale +
  /// shift].
  template <bool Scaled, bool Add, class Block>
  static void scatter(std::size_t first, int n, Block& block, const ChannelTerms<T>& terms,
                      T* image) {
    for (int t = 0; t < n; ++t) {
      const Place place(first + static_cast<std::size_t>(t));
      T* const corner = image + place.offset();
      for (int c = 0; c < S.channels; c += width) {
        const T* const points = block.at(t) + c;
        V scale{};
        V shift{};
        if constexpr (Scaled) {
          scale = load<width>(terms.scale + c);
          shift = load<width>(terms.shift + c);
        }
        transform_tile<tile_points, tile_targets, V>(
            Line::targets,
            [&](int j, V(&from)[6]) __attribute__((always_inline)) {
#pragma GCC unroll 6
              for (int i = 0; i < tile_points; ++i) {
                from[i] = load<width>(points + (i * tile_points + j) * Block::pitch);
              }
            },
            [&](int i, V(&to)[4]) __attribute__((always_inline)) {
#pragma GCC unroll 4
              for (int j = 0; j < tile_targets; ++j) {
                if (!inside(place, i, j)) continue;
                T* const target = corner + i * row_size + j * S.channels + c;
                if constexpr (Scaled) to[j] = to[j] * scale + shift;
                if constexpr (Add) to[j] += load<width>(target);
                store(target, to[j]);
              }
            });
      }
    }
  }

  /// Fetches a share of the targets of tiles first..first+n-1 into the cache, to be written: half a
  /// tile a share, until there are no more.
  static TEPUI_CPU_INLINE void fetch(std::size_t first, int n, int share, const T* image) {
    constexpr int rows = tile_targets / 2;
    constexpr int cache_line = 64 / static_cast<int>(sizeof(T));
    if (share >= 2 * n) return;
    const Place place(first + static_cast<std::size_t>(share / 2));
    const T* row = image + place.offset() + share % 2 * rows * row_size;
    for (int i = 0; i < rows; ++i) {
      for (int e = 0; e < tile_targets * S.channels; e += cache_line) {
        __builtin_prefetch(row + e, 1);
      }
      row += row_size;
    }
  }

 private:
  static TEPUI_CPU_INLINE bool inside(const Place& place, int i, int j) {
    return whole || (place.y + i < S.height && place.x + j < S.width);
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
