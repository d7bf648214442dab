#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "tepui/core/device_function.hpp"

/// @file
/// Kernels are written once, as phases of a block of threads, and run in two places: on the GPU,
/// where every thread goes through its part of each phase, and on the processor, where a loop takes
/// the threads one after the other. The second is far too slow for work; it lets index arithmetic,
/// sums and whole kernels be tested where there is no GPU.
///
/// A kernel is a plain struct of pointers and numbers:
///
///     struct Kernel {
///       static constexpr int threads = 128;
///       struct Shared { ... };                        // the block's shared memory
///       template <class Block>
///       TEPUI_HOST_DEVICE void operator()(Block& block, Shared& shared) const;
///     };
///
/// Its template arguments are types of arithmetic and integers only: nvcc cannot compile a kernel
/// whose arguments mention a constant of a class type, such as a Shape.

#if defined(__CUDACC__)
// A kernel that calls a function of the processor compiles with a warning, and does nothing there.
#pragma nv_diag_error 20011
#pragma nv_diag_error 20014
#define TEPUI_UNROLL _Pragma("unroll")
#else
#define TEPUI_UNROLL
#endif

namespace tepui::backend::cuda {

inline constexpr int warp_size = 32;

/// A number of elements as memory counts them: products of them pass 2^31.
[[nodiscard]] constexpr std::size_t wide(int n) { return static_cast<std::size_t>(n); }

/// Numbers as the tensor cores take them: float with 10 bits of mantissa, rounded to nearest, ties
/// away from zero.
TEPUI_HOST_DEVICE float to_tf32(float value) {
#if defined(__CUDA_ARCH__)
  std::uint32_t bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value));
  return __uint_as_float(bits);
#else
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  if ((bits & 0x7F800000u) != 0x7F800000u) bits = (bits + 0x1000u) & ~0x1FFFu;
  std::memcpy(&value, &bits, sizeof bits);
  return value;
#endif
}

/// Upper half of a float, rounded to nearest, ties to even.
TEPUI_HOST_DEVICE std::uint32_t to_bf16(float value) {
  std::uint32_t bits;
#if defined(__CUDA_ARCH__)
  bits = __float_as_uint(value);
#else
  std::memcpy(&bits, &value, sizeof bits);
#endif
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return bits >> 16 | 0x40u;  // not a number
  return (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
}
TEPUI_HOST_DEVICE float from_bf16(std::uint32_t half) {
  const std::uint32_t bits = half << 16;
#if defined(__CUDA_ARCH__)
  return __uint_as_float(bits);
#else
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
#endif
}
/// Two neighbours in one word, the first in the lower half.
TEPUI_HOST_DEVICE std::uint32_t to_bf16_pair(float first, float second) {
#if defined(__CUDA_ARCH__)
  std::uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
  return pair;
#else
  return to_bf16(first) | to_bf16(second) << 16;
#endif
}

/// @brief A lane's part of four matrices of 8 x 8 halves of a word in shared memory (PTX:
/// ldmatrix).
///
/// With g = lane / 4 and t = lane % 4 the words are M[g][2t, 2t+1] of each; transposed,
/// M[2t, 2t+1][g].
/// @param line line(l) is where line l % 8 of matrix l / 8 begins, on a boundary of 16 bytes
template <bool Transposed, class Line>
TEPUI_HOST_DEVICE void load_matrices(int lane, Line&& line, std::uint32_t (&words)[4]) {
#if defined(__CUDA_ARCH__)
  const auto at = static_cast<std::uint32_t>(__cvta_generic_to_shared(line(lane)));
  if constexpr (Transposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
                 : "r"(at)
                 : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
                 : "r"(at)
                 : "memory");
  }
#else
  const int g = lane / 4;
  const int t = lane % 4;
  for (int m = 0; m < 4; ++m) {
    const auto half = [&](int n) -> std::uint32_t {
      return Transposed ? line(8 * m + 2 * t + n)[g] : line(8 * m + g)[2 * t + n];
    };
    words[m] = half(0) | half(1) << 16;
  }
#endif
}

/// @brief A lane's part of a 16 x 8 by 8 x 8 product in TF32 (PTX: mma.m16n8k8).
///
/// With g = lane / 4 and t = lane % 4: a = A[g, g+8][t], then [t+4]; b = B[t, t+4][g];
/// c = C[g][2t, 2t+1], then C[g+8].
struct Tf32Tile {
  static constexpr int depth = 8;
  struct A {
    float value[4];
  };
  struct B {
    float value[2];
  };
  struct C {
    float value[4];
  };

  /// Calls put(row - lane / 4, depth, value) for what lane 4 g + t has of the first factor,
  template <class Put>
  static void each_of(const A& a, int t, Put&& put) {
    for (int r = 0; r < 4; ++r) put(8 * (r % 2), t + 4 * (r / 2), a.value[r]);
  }
  /// and put(depth, value) for its part of the second, all in column lane / 4.
  template <class Put>
  static void each_of(const B& b, int t, Put&& put) {
    for (int r = 0; r < 2; ++r) put(t + 4 * r, b.value[r]);
  }
};
/// @brief The same of 16 x 16 by 16 x 8 in BF16 (PTX: mma.m16n8k16), two neighbours of the depth in
/// each word: a = A[g, g+8][2t], then [2t+8]; b = B[2t, 2t+8][g].
struct Bf16Tile {
  static constexpr int depth = 16;
  struct A {
    std::uint32_t value[4];
  };
  struct B {
    std::uint32_t value[2];
  };
  using C = Tf32Tile::C;

  template <class Put>
  static void each_of(const A& a, int t, Put&& put) {
    for (int r = 0; r < 4; ++r) {
      put(8 * (r % 2), 2 * t + 8 * (r / 2), from_bf16(a.value[r] & 0xFFFFu));
      put(8 * (r % 2), 2 * t + 8 * (r / 2) + 1, from_bf16(a.value[r] >> 16));
    }
  }
  template <class Put>
  static void each_of(const B& b, int t, Put&& put) {
    for (int r = 0; r < 2; ++r) {
      put(2 * t + 8 * r, from_bf16(b.value[r] & 0xFFFFu));
      put(2 * t + 8 * r + 1, from_bf16(b.value[r] >> 16));
    }
  }
};

/// @brief sums += a b of M x N tiles on the processor.
/// @param sums,a,b sums(lane), a(lane) and b(lane) are a lane's parts, arrays [M][N], [M] and [N]
template <class Tile, int M, int N, class Sums, class A, class B>
void multiply_in_warp(Sums&& sums, A&& a, B&& b) {
  for (int i = 0; i < M; ++i) {
    float left[16][Tile::depth];
    for (int lane = 0; lane < warp_size; ++lane) {
      Tile::each_of(a(lane)[i], lane % 4,
                    [&](int row, int k, float v) { left[lane / 4 + row][k] = v; });
    }
    for (int j = 0; j < N; ++j) {
      float right[Tile::depth][8];
      for (int lane = 0; lane < warp_size; ++lane) {
        Tile::each_of(b(lane)[j], lane % 4, [&](int k, float v) { right[k][lane / 4] = v; });
      }
      for (int lane = 0; lane < warp_size; ++lane) {
        float* const c = sums(lane)[i][j].value;
        for (int r = 0; r < 4; ++r) {
          const int row = lane / 4 + 8 * (r / 2);
          const int column = 2 * (lane % 4) + r % 2;
          float sum = c[r];
          for (int k = 0; k < Tile::depth; ++k) sum += left[row][k] * right[k][column];
          c[r] = sum;
        }
      }
    }
  }
}

#if defined(__CUDACC__)

/// @brief The block that a thread on the GPU belongs to.
class DeviceBlock {
 public:
  template <class T>
  struct PerThread {
    T value;
    __device__ __forceinline__ T& operator[](int) { return value; }
    __device__ __forceinline__ const T& operator[](int) const { return value; }
  };

  __device__ __forceinline__ int index() const { return static_cast<int>(blockIdx.x); }
  __device__ __forceinline__ int index_y() const { return static_cast<int>(blockIdx.y); }
  __device__ __forceinline__ int index_z() const { return static_cast<int>(blockIdx.z); }

  template <class Phase>
  __device__ __forceinline__ void each(Phase&& phase) {
    phase(static_cast<int>(threadIdx.x));
    __syncthreads();
  }
  template <class Phase>
  __device__ __forceinline__ void each_alone(Phase&& phase) {
    phase(static_cast<int>(threadIdx.x));
  }

  template <int M, int N>
  static __device__ __forceinline__ void multiply(PerThread<Tf32Tile::C[M][N]>& sums,
                                                  const PerThread<Tf32Tile::A[M]>& a,
                                                  const PerThread<Tf32Tile::B[N]>& b) {
    TEPUI_UNROLL
    for (int i = 0; i < M; ++i) {
      TEPUI_UNROLL
      for (int j = 0; j < N; ++j) {
        float* const c = sums.value[i][j].value;
        const float* const u = a.value[i].value;
        const float* const v = b.value[j].value;
        asm volatile(
            "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
            "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
            : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
            : "r"(__float_as_uint(u[0])), "r"(__float_as_uint(u[1])), "r"(__float_as_uint(u[2])),
              "r"(__float_as_uint(u[3])), "r"(__float_as_uint(v[0])), "r"(__float_as_uint(v[1])));
      }
    }
  }
  template <int M, int N>
  static __device__ __forceinline__ void multiply(PerThread<Bf16Tile::C[M][N]>& sums,
                                                  const PerThread<Bf16Tile::A[M]>& a,
                                                  const PerThread<Bf16Tile::B[N]>& b) {
    TEPUI_UNROLL
    for (int i = 0; i < M; ++i) {
      TEPUI_UNROLL
      for (int j = 0; j < N; ++j) {
        float* const c = sums.value[i][j].value;
        const std::uint32_t* const u = a.value[i].value;
        const std::uint32_t* const v = b.value[j].value;
        asm volatile(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
            "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
            : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
            : "r"(u[0]), "r"(u[1]), "r"(u[2]), "r"(u[3]), "r"(v[0]), "r"(v[1]));
      }
    }
  }
};

#endif

/// @brief A block on the processor: its threads take turns, phase by phase.
///
/// What a phase writes must not be read by another thread in the same phase. (A block whose threads
/// run ahead of each other until a barrier holds them, as on a GPU, is among the tests.)
class HostBlock {
 public:
  enum class Order { ascending, descending };

  HostBlock(int x, int y, int z, int threads, Order order)
      : x_(x), y_(y), z_(z), threads_(threads), order_(order) {
    threads_now() = threads;
  }

  /// A variable that each thread has its own of.
  template <class T>
  class PerThread {
   public:
    /// (Bytes that make no number: on a GPU it begins as anything.)
    PerThread() : values_(wide(threads_now())) {
      std::memset(static_cast<void*>(values_.data()), 0xFF, values_.size() * sizeof(Slot));
    }
    T& operator[](int thread) { return values_[static_cast<std::size_t>(thread)].value; }
    const T& operator[](int thread) const {
      return values_[static_cast<std::size_t>(thread)].value;
    }

   private:
    struct Slot {
      T value;
    };
    std::vector<Slot> values_;
  };

  [[nodiscard]] int index() const { return x_; }
  [[nodiscard]] int index_y() const { return y_; }
  [[nodiscard]] int index_z() const { return z_; }

  /// Calls phase(thread) for every thread; the next phase begins when all are done.
  template <class Phase>
  void each(Phase&& phase) {
    for (int k = 0; k < threads_; ++k) {
      phase(order_ == Order::ascending ? k : threads_ - 1 - k);
    }
  }
  /// The same without waiting for the others: for what no other thread sees.
  template <class Phase>
  void each_alone(Phase&& phase) {
    each(phase);
  }

  /// sums += a b for every warp of the block.
  template <int M, int N>
  void multiply(PerThread<Tf32Tile::C[M][N]>& sums, const PerThread<Tf32Tile::A[M]>& a,
                const PerThread<Tf32Tile::B[N]>& b) const {
    multiply_tiles<Tf32Tile, M, N>(sums, a, b);
  }
  template <int M, int N>
  void multiply(PerThread<Bf16Tile::C[M][N]>& sums, const PerThread<Bf16Tile::A[M]>& a,
                const PerThread<Bf16Tile::B[N]>& b) const {
    multiply_tiles<Bf16Tile, M, N>(sums, a, b);
  }

 private:
  /// Of the block that PerThread variables are made for.
  static int& threads_now() {
    thread_local int threads = 0;
    return threads;
  }

  template <class Tile, int M, int N, class Sums, class A, class B>
  void multiply_tiles(Sums& sums, const A& a, const B& b) const {
    for (int first = 0; first < threads_; first += warp_size) {
      multiply_in_warp<Tile, M, N>(
          [&](int lane) -> auto& { return sums[first + lane]; },
          [&](int lane) -> auto& { return a[first + lane]; },
          [&](int lane) -> auto& { return b[first + lane]; });
    }
  }

  int x_;
  int y_;
  int z_;
  int threads_;
  Order order_;
};

/// Blocks of a launch.
struct Grid {
  int x = 1;
  int y = 1;
  int z = 1;
};

/// Calls visit(x, y, z) for every block of a launch, the last one first where the order is
/// descending.
template <class Visit>
void for_blocks(Grid grid, HostBlock::Order order, Visit&& visit) {
  const int blocks = grid.x * grid.y * grid.z;
  for (int k = 0; k < blocks; ++k) {
    const int block = order == HostBlock::Order::ascending ? k : blocks - 1 - k;
    visit(block % grid.x, block / grid.x % grid.y, block / grid.x / grid.y);
  }
}

/// @brief Runs a kernel on the processor, block by block.
template <class Kernel>
void run_on_host(const Kernel& kernel, Grid grid,
                 HostBlock::Order order = HostBlock::Order::ascending) {
  for_blocks(grid, order, [&](int x, int y, int z) {
    HostBlock block(x, y, z, Kernel::threads, order);
    typename Kernel::Shared shared;
    kernel(block, shared);
  });
}

}  // namespace tepui::backend::cuda
