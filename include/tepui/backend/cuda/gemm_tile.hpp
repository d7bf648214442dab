#pragma once

#include "tepui/backend/cuda/block.hpp"

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

/// @brief The tiles of a block: Rows x Depth (a) by Depth x Columns (b).
///
/// a lies row by row, b by depth; both have rows a little longer than needed, so that the lanes of
/// a warp meet different banks.
template <class T, int Rows, int Columns, int Depth>
struct GemmTiles {
  static constexpr int rows = Rows;
  static constexpr int columns = Columns;
  static constexpr int depth = Depth;
  static constexpr int a_stride = Depth + 4;
  static constexpr int b_stride = Columns + 8;
  T a[Rows * a_stride];
  T b[Depth * b_stride];
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
  TEPUI_KERNEL void clear(Block& block) {
    block.each_alone([&](int thread) {
      TEPUI_UNROLL
      for (int i = 0; i < rows; ++i) {
        TEPUI_UNROLL
        for (int j = 0; j < columns; ++j) own_[thread].sum[i][j] = T(0);
      }
    });
  }
  TEPUI_KERNEL void add(Block& block, const Tiles& tiles) {
    block.each_alone([&](int thread) {
      const int row = thread / across;
      const int column = thread % across;
      Own& own = own_[thread];
      TEPUI_UNROLL
      for (int k = 0; k < Tiles::depth; ++k) {
        T a[rows];
        T b[columns];
        TEPUI_UNROLL
        for (int i = 0; i < rows; ++i) a[i] = tiles.a[(row + i * down) * Tiles::a_stride + k];
        TEPUI_UNROLL
        for (int j = 0; j < columns; ++j) {
          b[j] = tiles.b[k * Tiles::b_stride + column + j * across];
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
  TEPUI_KERNEL void for_each(Block& block, Visit&& visit) const {
    block.each_alone([&](int thread) {
      TEPUI_UNROLL
      for (int i = 0; i < rows; ++i) {
        TEPUI_UNROLL
        for (int j = 0; j < columns; ++j) {
          visit(thread / across + i * down, thread % across + j * across,
                own_[thread].sum[i][j]);
        }
      }
    });
  }

 private:
  typename Block::template PerThread<Own> own_;
};

/// @brief Sums of a block on the tensor cores: a warp has 32 rows.
/// @tparam Tile Tf32Tile or Bf16Tile
template <class Block, class Tile, class Tiles, int Threads>
class TensorSums {
  static constexpr int warps = Threads / warp_size;
  static constexpr int m = 2;
  static constexpr int n = Tiles::columns / 8;
  static_assert(warps * 16 * m == Tiles::rows && Tiles::depth % Tile::depth == 0);

 public:
  TEPUI_KERNEL void clear(Block& block) {
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
  TEPUI_KERNEL void add(Block& block, const Tiles& tiles) {
    typename Block::template PerThread<typename Tile::A[m]> a;
    typename Block::template PerThread<typename Tile::B[n]> b;
    TEPUI_UNROLL
    for (int k = 0; k < Tiles::depth; k += Tile::depth) {
      block.each_alone([&](int thread) {
        const int lane = thread % warp_size;
        const int first = thread / warp_size * 16 * m + lane / 4;
        TEPUI_UNROLL
        for (int i = 0; i < m; ++i) {
          load(tiles.a + (first + 16 * i) * Tiles::a_stride + k, lane % 4, a[thread][i]);
        }
        TEPUI_UNROLL
        for (int j = 0; j < n; ++j) {
          load(tiles.b + k * Tiles::b_stride + 8 * j + lane / 4, lane % 4, b[thread][j]);
        }
      });
      block.multiply(sums_, a, b);
    }
  }
  template <class Visit>
  TEPUI_KERNEL void for_each(Block& block, Visit&& visit) const {
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
  static TEPUI_KERNEL void load(const float* at, int t, Tf32Tile::A& a) {
    TEPUI_UNROLL
    for (int r = 0; r < 4; ++r) {
      a.value[r] = to_tf32(at[8 * (r % 2) * Tiles::a_stride + t + 4 * (r / 2)]);
    }
  }
  static TEPUI_KERNEL void load(const float* at, int t, Tf32Tile::B& b) {
    TEPUI_UNROLL
    for (int r = 0; r < 2; ++r) b.value[r] = to_tf32(at[(t + 4 * r) * Tiles::b_stride]);
  }
  static TEPUI_KERNEL void load(const float* at, int t, Bf16Tile::A& a) {
    TEPUI_UNROLL
    for (int r = 0; r < 4; ++r) {
      const float* const pair = at + 8 * (r % 2) * Tiles::a_stride + 2 * t + 8 * (r / 2);
      a.value[r] = to_bf16_pair(pair[0], pair[1]);
    }
  }
  static TEPUI_KERNEL void load(const float* at, int t, Bf16Tile::B& b) {
    TEPUI_UNROLL
    for (int r = 0; r < 2; ++r) {
      const float* const pair = at + (2 * t + 8 * r) * Tiles::b_stride;
      b.value[r] = to_bf16_pair(pair[0], pair[Tiles::b_stride]);
    }
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
