#pragma once

#include <cstdint>

#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/neighbours.hpp"

/// @file
/// How the threads of a block share a product of two tiles in shared memory: in exact arithmetic or
/// on the tensor cores.

namespace tepui::backend::cuda {

/// How products are rounded.
enum class Math {
  exact,  ///< as the element type does
  tf32,   ///< factors rounded to TF32, summed in float
  bf16,   ///< factors rounded to BF16, summed in float
};

/// Elements of a factor as they lie in shared memory, rounded once for all that read them.
template <class T, Math Rounding>
struct StoredAs {
  using type = T;
};
template <>
struct StoredAs<float, Math::bf16> {
  using type = std::uint16_t;
};

/// @brief A tile of a factor in shared memory: `Width` rows of the first or columns of the second,
/// `Depth` deep.
///
/// A line holds neighbours of the depth (AlongDepth) or neighbours at one depth, whichever are
/// neighbours in memory. It is a little longer than needed, so that the lanes of a warp meet
/// different banks: fragments of 32-bit elements are read by 8 lanes across and 4 along the depth,
/// those of 16-bit elements as 8 lines of 16 bytes.
template <class Stored, int Width, int Depth, bool AlongDepth>
struct FactorTile {
  static constexpr int width = Width;
  static constexpr int depth = Depth;
  static constexpr bool along_depth = AlongDepth;
  static constexpr int length = AlongDepth ? Depth : Width;
  static constexpr int stride = length + (AlongDepth && sizeof(Stored) >= 4 ? 4 : 8);
  alignas(16) Stored values[(AlongDepth ? Width : Depth) * stride];

  [[nodiscard]] static TEPUI_HOST_DEVICE constexpr int at(int i, int k) {
    return AlongDepth ? i * stride + k : k * stride + i;
  }
};

/// @brief How the threads of a block share a tile, in runs of four neighbours of a line: a thread
/// has `count` runs, all at the same depth.
template <class Tile, int Threads>
struct TileRuns {
  static constexpr int line = Tile::length / 4;  ///< runs in a line
  static constexpr int across = Tile::along_depth              ? Threads / line
                                : Threads / Tile::depth < line ? Threads / Tile::depth
                                                               : line;
  static constexpr int places = Tile::along_depth ? Tile::width : line;
  static constexpr int count = places > across ? places / across : 1;

  /// @return whether there are runs for this thread: small tiles have too few
  [[nodiscard]] static TEPUI_HOST_DEVICE constexpr bool has(int thread) {
    return Tile::along_depth ? thread / line < Tile::width : thread / across < Tile::depth;
  }
  /// @return the depth of its (first) elements
  [[nodiscard]] static TEPUI_HOST_DEVICE constexpr int depth(int thread) {
    return Tile::along_depth ? thread % line * 4 : thread / across;
  }
  /// @return the row or column of the (first) elements of a run
  [[nodiscard]] static TEPUI_HOST_DEVICE constexpr int place(int thread, int run) {
    if constexpr (Tile::along_depth) {
      // Of eight lines, those that are stored together are the ones that meet different banks: the
      // bits of their number are in reverse.
      const int i = thread / line;
      return i / 8 * 8 + (i & 1) * 4 + (i & 2) + (i & 4) / 4 + run * across;
    } else {
      return (thread % across + run * across) * 4;
    }
  }
};

/// Rounds and stores a run.
template <Math Rounding, class T, class Stored>
TEPUI_HOST_DEVICE void store_run(const T (&values)[4], Stored* at) {
  if constexpr (Rounding == Math::bf16) {
    const std::uint32_t low = to_bf16_pair(values[0], values[1]);
    const std::uint32_t high = to_bf16_pair(values[2], values[3]);
#if defined(__CUDA_ARCH__)
    *reinterpret_cast<uint2*>(at) = make_uint2(low, high);
#else
    at[0] = static_cast<std::uint16_t>(low & 0xFFFFu);
    at[1] = static_cast<std::uint16_t>(low >> 16);
    at[2] = static_cast<std::uint16_t>(high & 0xFFFFu);
    at[3] = static_cast<std::uint16_t>(high >> 16);
#endif
  } else {
    T rounded[4];
    TEPUI_UNROLL
    for (int v = 0; v < 4; ++v) {
      if constexpr (Rounding == Math::tf32) {
        rounded[v] = to_tf32(values[v]);
      } else {
        rounded[v] = values[v];
      }
    }
    write_neighbours(rounded, at);
  }
}

/// The tiles of a block: the first factor's and the second's.
template <class First, class Second>
struct GemmTiles {
  static_assert(First::depth == Second::depth);
  static constexpr int rows = First::width;
  static constexpr int columns = Second::width;
  static constexpr int depth = First::depth;
  First a;
  Second b;
};

/// @brief Sums of a block in exact arithmetic: every thread has `rows` x `columns` of them.
template <class Block, class T, class Tiles, int Threads>
class ExactSums {
  static constexpr int across = Tiles::columns < 32 ? Tiles::columns / 2 : 16;
  static constexpr int down = Threads / across;
  static constexpr int rows = Tiles::rows / down;
  static constexpr int columns = Tiles::columns / across;
  static_assert(rows * down == Tiles::rows && columns * across == Tiles::columns);
  struct Own {
    T sum[rows][columns];
  };

 public:
  TEPUI_HOST_DEVICE void clear(Block& block) {
    block.each_alone([&](int thread) {
      TEPUI_UNROLL
      for (int i = 0; i < rows; ++i) {
        TEPUI_UNROLL
        for (int j = 0; j < columns; ++j) own_[thread].sum[i][j] = T(0);
      }
    });
  }
  TEPUI_HOST_DEVICE void add(Block& block, const Tiles& tiles) {
    block.each_alone([&](int thread) {
      const int row = thread / across;
      const int column = thread % across;
      Own& own = own_[thread];
      TEPUI_UNROLL
      for (int k = 0; k < Tiles::depth; ++k) {
        T a[rows];
        T b[columns];
        TEPUI_UNROLL
        for (int i = 0; i < rows; ++i) a[i] = tiles.a.values[tiles.a.at(row + i * down, k)];
        TEPUI_UNROLL
        for (int j = 0; j < columns; ++j) {
          b[j] = tiles.b.values[tiles.b.at(column + j * across, k)];
        }
        TEPUI_UNROLL
        for (int i = 0; i < rows; ++i) {
          TEPUI_UNROLL
          for (int j = 0; j < columns; ++j) own.sum[i][j] += a[i] * b[j];
        }
      }
    });
  }
  /// visit(row, column, sum) for every sum of the block.
  template <class Visit>
  TEPUI_HOST_DEVICE void for_each(Block& block, Visit&& visit) const {
    block.each_alone([&](int thread) {
      TEPUI_UNROLL
      for (int i = 0; i < rows; ++i) {
        TEPUI_UNROLL
        for (int j = 0; j < columns; ++j) {
          visit(thread / across + i * down, thread % across + j * across, own_[thread].sum[i][j]);
        }
      }
    });
  }

 private:
  typename Block::template PerThread<Own> own_;
};

/// @brief Sums of a block on the tensor cores: every warp has a part of the rows.
/// @tparam Tile Tf32Tile or Bf16Tile
template <class Block, class Tile, class Tiles, int Threads>
class TensorSums {
  static constexpr int warps = Threads / warp_size;
  static constexpr int m = Tiles::rows / (16 * warps);
  static constexpr int n = Tiles::columns / 8;
  static_assert(warps * 16 * m == Tiles::rows && n % 2 == 0 && Tiles::depth % Tile::depth == 0);

 public:
  TEPUI_HOST_DEVICE void clear(Block& block) {
    block.each_alone([&](int thread) {
      TEPUI_UNROLL
      for (int i = 0; i < m; ++i) {
        TEPUI_UNROLL
        for (int j = 0; j < n; ++j) {
          TEPUI_UNROLL
          for (int r = 0; r < 4; ++r) sums_[thread][i][j].value[r] = 0;
        }
      }
    });
  }
  TEPUI_HOST_DEVICE void add(Block& block, const Tiles& tiles) {
    typename Block::template PerThread<typename Tile::A[m]> a;
    typename Block::template PerThread<typename Tile::B[n]> b;
    TEPUI_UNROLL
    for (int k = 0; k < Tiles::depth; k += Tile::depth) {
      block.each_alone([&](int thread) {
        const int lane = thread % warp_size;
        const int first = thread / warp_size * 16 * m;
        TEPUI_UNROLL
        for (int i = 0; i < m; ++i) load(tiles.a, first + 16 * i, k, lane, a[thread][i]);
        TEPUI_UNROLL
        for (int j = 0; j < n; j += 2) {
          load(tiles.b, 8 * j, k, lane, b[thread][j], b[thread][j + 1]);
        }
      });
      block.multiply(sums_, a, b);
    }
  }
  template <class Visit>
  TEPUI_HOST_DEVICE void for_each(Block& block, Visit&& visit) const {
    block.each_alone([&](int thread) {
      const int lane = thread % warp_size;
      TEPUI_UNROLL
      for (int i = 0; i < m; ++i) {
        TEPUI_UNROLL
        for (int j = 0; j < n; ++j) {
          TEPUI_UNROLL
          for (int r = 0; r < 4; ++r) {
            visit(thread / warp_size * 16 * m + 16 * i + lane / 4 + 8 * (r / 2),
                  8 * j + 2 * (lane % 4) + r % 2, sums_[thread][i][j].value[r]);
          }
        }
      }
    });
  }

 private:
  /// Two neighbouring parts of the second factor are loaded at a time.
  template <class A>
  static TEPUI_HOST_DEVICE void load(const A& tile, int row, int k, int lane, Tf32Tile::A& a) {
    TEPUI_UNROLL
    for (int r = 0; r < 4; ++r) {
      a.value[r] = tile.values[A::at(row + lane / 4 + 8 * (r % 2), k + lane % 4 + 4 * (r / 2))];
    }
  }
  template <class B>
  static TEPUI_HOST_DEVICE void load(const B& tile, int column, int k, int lane, Tf32Tile::B& left,
                                     Tf32Tile::B& right) {
    TEPUI_UNROLL
    for (int r = 0; r < 2; ++r) {
      left.value[r] = tile.values[B::at(column + lane / 4, k + lane % 4 + 4 * r)];
      right.value[r] = tile.values[B::at(column + 8 + lane / 4, k + lane % 4 + 4 * r)];
    }
  }
  template <class A>
  static TEPUI_HOST_DEVICE void load(const A& tile, int row, int k, int lane, Bf16Tile::A& a) {
    const auto line = [&](int l) {
      const int matrix = l / 8;
      return tile.values + A::at(row + 8 * (matrix % 2) + (A::along_depth ? l % 8 : 0),
                                 k + 8 * (matrix / 2) + (A::along_depth ? 0 : l % 8));
    };
    load_matrices<!A::along_depth>(lane, line, a.value);
  }
  template <class B>
  static TEPUI_HOST_DEVICE void load(const B& tile, int column, int k, int lane, Bf16Tile::B& left,
                                     Bf16Tile::B& right) {
    const auto line = [&](int l) {
      const int matrix = l / 8;
      return tile.values + B::at(column + 8 * (matrix / 2) + (B::along_depth ? l % 8 : 0),
                                 k + 8 * (matrix % 2) + (B::along_depth ? 0 : l % 8));
    };
    std::uint32_t words[4];
    load_matrices<!B::along_depth>(lane, line, words);
    left = {{words[0], words[1]}};
    right = {{words[2], words[3]}};
  }

  typename Block::template PerThread<typename Tile::C[m][n]> sums_;
};

/// The sums of a block as Math says.
template <class Block, class T, Math Rounding, class Tiles, int Threads>
struct SumsOf {
  using type = ExactSums<Block, T, Tiles, Threads>;
};
template <class Block, class Tiles, int Threads>
struct SumsOf<Block, float, Math::tf32, Tiles, Threads> {
  using type = TensorSums<Block, Tf32Tile, Tiles, Threads>;
};
template <class Block, class Tiles, int Threads>
struct SumsOf<Block, float, Math::bf16, Tiles, Threads> {
  using type = TensorSums<Block, Bf16Tile, Tiles, Threads>;
};

}  // namespace tepui::backend::cuda
