#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/conv2d_axis.hpp"
#include "tepui/backend/cpu/vector.hpp"
#include "tepui/core/parallel.hpp"

/// @file
/// Weight gradient of a convolution: a block of weights stays in registers while pixels pass by.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// A block of the weights of one kernel row: taps x input channels x vectors of output channels.
/// Depthwise: inputs is 1 and an input is as wide as the vectors.
struct WeightBlock {
  int taps = 1;
  int inputs = 1;
  int vectors = 1;
};

/// @return parts of at most `most` that divide `total` if a good divisor exists, else even ones
[[nodiscard]] constexpr int even_part(int total, int most) {
  if (total <= most) return total;
  for (int part = most; part * 3 >= most * 2; --part) {
    if (total % part == 0) return part;
  }
  const int parts = (total + most - 1) / most;
  return (total + parts - 1) / parts;
}

template <ConvGeometry Given, class T>
struct WeightGradient {
  static constexpr ConvGeometry G = with_long_rows(Given);
  static constexpr Shape out = G.out();
  static constexpr bool depthwise = G.depthwise();
  static constexpr int group_inputs = depthwise ? 1 : G.in_per_group();
  static constexpr int group_outputs = depthwise ? G.out_channels : G.out_per_group();
  static constexpr int groups = depthwise ? 1 : G.groups;
  static constexpr ChannelVectors vectors = channel_vectors<T>(group_outputs);
  static constexpr int width = vectors.width;
  static constexpr GatherAxis axis = forward_axis(G.in.width, out.width, G);
  using V = Vector<T, width>;

  /// The usual block; blocks at an end of an axis hold what is left.
  static constexpr WeightBlock block = [] {
    const int registers = vector_registers - 4;
    WeightBlock b;
    b.vectors = vectors.count == 1 ? 1 : 2;
    const int rows = registers / std::max(b.vectors, std::min(vectors.count, 3));
    b.inputs = even_part(group_inputs, rows);
    int outside = 0;  // targets of which some tap has no source
    for (int j = 0; j < out.width; ++j) outside += axis.interior(j, j + 1) ? 0 : 1;
    if (b.inputs == group_inputs && (outside <= 8 || out.width <= 8)) {
      b.taps = even_part(G.kernel, std::max(rows / b.inputs, 1));
    }
    return b;
  }();
  /// The last block of vectors takes an odd one along.
  static constexpr int last_vectors = vectors.count <= block.vectors
                                          ? vectors.count
                                          : block.vectors + vectors.count % block.vectors;
  static constexpr int vector_blocks = (vectors.count - last_vectors) / block.vectors;

  /// Taps Tap..Tap+Taps-1 of kernel row ky, Inputs input channels, Vectors vectors of which the
  /// last one has Tail lanes in use; adds the product sums over target rows first..last-1.
  template <int Tap, int Taps, int Inputs, int Vectors, int Tail>
  static void accumulate(std::size_t first, std::size_t last, int ky, const T* x, const T* dy,
                         T* dw) {
    V sum[Taps][Inputs][Vectors];
    each<Taps, Inputs, Vectors>([&](int t, int i, int v) __attribute__((always_inline)) {
      const T* from = at(dw, t, i, v);
      sum[t][i][v] = v + 1 == Vectors ? load_first<width, Tail>(from) : load<width>(from);
    });
    constexpr int begin = [] {
      int j = 0;
      while (j < out.width && !reaches<Taps>(Tap, j)) ++j;
      return j;
    }();
    constexpr int end = [] {
      int j = out.width;
      while (j > begin && !reaches<Taps>(Tap, j - 1)) --j;
      return j;
    }();
    for (std::size_t row = first; row < last; ++row) {
      const int oy = static_cast<int>(row % static_cast<std::size_t>(out.height));
      const int iy = oy * G.stride - G.padding + ky * G.dilation;
      if (iy < 0 || iy >= G.in.height) continue;
      const T* xs = x + row / static_cast<std::size_t>(out.height) * G.in.size() +
                    static_cast<std::size_t>(iy * G.in.width * G.in.channels);
      const T* dys = dy + row * static_cast<std::size_t>(out.width * out.channels);
      if constexpr (Taps > 1) {
        unrolled<begin>([&](auto j) __attribute__((always_inline)) {
          border_pixel<Tap, Taps, Inputs, Vectors, Tail, j>(sum, xs, dys);
        });
      }
      const T* xp = xs + axis.source(begin, Tap) * G.in.channels;
      const T* dyp = dys + begin * out.channels;
      for (int j = begin; j < end; ++j) {
        pixel<0, Taps, Inputs, Vectors, Tail>(sum, xp, dyp);
        xp += axis.step * G.in.channels;
        dyp += out.channels;
      }
      if constexpr (Taps > 1) {
        unrolled<out.width - end>([&](auto j) __attribute__((always_inline)) {
          border_pixel<Tap, Taps, Inputs, Vectors, Tail, end + j>(sum, xs, dys);
        });
      }
    }
    each<Taps, Inputs, Vectors>([&](int t, int i, int v) __attribute__((always_inline)) {
      if (v + 1 == Vectors) {
        store_first<Tail>(at(dw, t, i, v), sum[t][i][v]);
      } else {
        store(at(dw, t, i, v), sum[t][i][v]);
      }
    });
  }

  /// Every block of kernel row ky, over target rows first..last-1.
  static void kernel_row(std::size_t first, std::size_t last, int ky, const T* x, const T* dy,
                         T* dw) {
    dw += static_cast<std::size_t>(ky * G.kernel * G.in_per_group() * G.out_channels);
    for (int g = 0; g < groups; ++g) {
      const T* xg = x + g * group_inputs;
      const T* dyg = dy + g * group_outputs;
      T* dwg = dw + g * group_outputs;
      constexpr int full = G.kernel / block.taps;
      unrolled<full>([&](auto b) __attribute__((always_inline)) {
        tap_block<b * block.taps, block.taps>(first, last, ky, xg, dyg, dwg);
      });
      if constexpr (G.kernel % block.taps != 0) {
        tap_block<full * block.taps, G.kernel % block.taps>(first, last, ky, xg, dyg, dwg);
      }
    }
  }

 private:
  template <int Taps>
  static constexpr bool reaches(int tap, int j) {
    return axis.real(j, tap) && axis.real(j, tap + Taps - 1);
  }
  static TEPUI_CPU_INLINE T* at(T* dw, int tap, int input, int vector) {
    return dw + (tap * G.in_per_group() + input) * G.out_channels + vector * width;
  }
  template <int Taps, int Inputs, int Vectors, class Body>
  static TEPUI_CPU_INLINE void each(Body&& body) {
#pragma GCC unroll 32
    for (int t = 0; t < Taps; ++t) {
#pragma GCC unroll 32
      for (int i = 0; i < Inputs; ++i) {
#pragma GCC unroll 8
        for (int v = 0; v < Vectors; ++v) body(t, i, v);
      }
    }
  }

  /// Adds one target pixel to taps First..First+Count-1 of the block; x is the source of tap
  /// `First`.
  template <int First, int Count, int Inputs, int Vectors, int Tail, int Taps>
  static TEPUI_CPU_INLINE void pixel(V (&sum)[Taps][Inputs][Vectors], const T* x, const T* dy) {
    V d[Vectors];
#pragma GCC unroll 8
    for (int v = 0; v < Vectors - 1; ++v) d[v] = load<width>(dy + v * width);
    d[Vectors - 1] = load_first<width, Tail>(dy + (Vectors - 1) * width);
#pragma GCC unroll 32
    for (int t = 0; t < Count; ++t) {
      const T* source = x + t * axis.offset_step * G.in.channels;
      if constexpr (depthwise) {
#pragma GCC unroll 8
        for (int v = 0; v < Vectors - 1; ++v) {
          sum[First + t][0][v] += load<width>(source + v * width) * d[v];
        }
        sum[First + t][0][Vectors - 1] +=
            load_first<width, Tail>(source + (Vectors - 1) * width) * d[Vectors - 1];
      } else {
#pragma GCC unroll 32
        for (int i = 0; i < Inputs; ++i) {
#pragma GCC unroll 8
          for (int v = 0; v < Vectors; ++v) sum[First + t][i][v] += source[i] * d[v];
        }
      }
    }
  }

  /// Target J, which lacks a source for some of the taps; those that have one are neighbours.
  template <int Tap, int Taps, int Inputs, int Vectors, int Tail, int J>
  static TEPUI_CPU_INLINE void border_pixel(V (&sum)[Taps][Inputs][Vectors], const T* xs,
                                            const T* dys) {
    constexpr int first = [] {
      int t = 0;
      while (t < Taps && !axis.real(J, Tap + t)) ++t;
      return t;
    }();
    constexpr int count = [] {
      int t = first;
      while (t < Taps && axis.real(J, Tap + t)) ++t;
      return t - first;
    }();
    if constexpr (count > 0) {
      pixel<first, count, Inputs, Vectors, Tail>(
          sum, xs + axis.source(J, Tap + first) * G.in.channels, dys + J * out.channels);
    }
  }

  template <int Tap, int Taps>
  static TEPUI_CPU_INLINE void tap_block(std::size_t first, std::size_t last, int ky, const T* x,
                                         const T* dy, T* dw) {
    T* dwt = at(dw, Tap, 0, 0);
    int i = 0;
    for (; i + block.inputs <= group_inputs; i += block.inputs) {
      vector_row<Tap, Taps, block.inputs>(first, last, ky, x + i, dy, at(dwt, 0, i, 0));
    }
    if constexpr (group_inputs % block.inputs != 0) {
      vector_row<Tap, Taps, group_inputs % block.inputs>(first, last, ky, x + i, dy,
                                                         at(dwt, 0, i, 0));
    }
  }

  template <int Tap, int Taps, int Inputs>
  static TEPUI_CPU_INLINE void vector_row(std::size_t first, std::size_t last, int ky, const T* x,
                                          const T* dy, T* dw) {
    constexpr int step = block.vectors * width;
    for (int b = 0; b < vector_blocks; ++b) {
      accumulate<Tap, Taps, Inputs, block.vectors, width>(
          first, last, ky, depthwise ? x + b * step : x, dy + b * step, dw + b * step);
    }
    constexpr int rest = vector_blocks * step;
    accumulate<Tap, Taps, Inputs, last_vectors, vectors.tail>(
        first, last, ky, depthwise ? x + rest : x, dy + rest, dw + rest);
  }
};

/// Cuts the target rows of a batch into parts, sums each part, then adds the parts in order.
template <ConvGeometry Given>
struct WeightGradientPass {
  static constexpr ConvGeometry G = with_long_rows(Given);
  static constexpr Shape out = G.out();
  static constexpr auto channels = static_cast<std::size_t>(G.out_channels);
  static constexpr std::size_t part_size = G.weights() + channels;
  /// At most 16 partial sums, fewer where they would take more than a few megabytes.
  static constexpr std::size_t most_parts =
      std::clamp<std::size_t>((std::size_t{1} << 20) / part_size, 2, 16);
  static constexpr auto row_size = static_cast<std::size_t>(out.width * out.channels);
  static constexpr std::size_t row_work =
      G.weights() * static_cast<std::size_t>(out.width) * (G.depthwise() ? 4 : 1);

  static constexpr std::size_t scratch() { return most_parts * part_size; }

  template <class T>
  static void run(int batch, const T* x, const T* dy, T* dw, T* dbias, T* scratch) {
    const std::size_t rows = static_cast<std::size_t>(batch) * static_cast<std::size_t>(out.height);
    const std::size_t grain = grain_of(rows, row_work, most_parts);
    if (rows <= grain) {
      part<T>(0, rows, x, dy, dw, dbias);
      return;
    }
    parallel_for_ranges(rows, grain, [&](std::size_t first, std::size_t last) {
      T* const sums = scratch + first / grain * part_size;
      std::fill_n(sums, part_size, T(0));
      part<T>(first, last, x, dy, sums, dbias == nullptr ? nullptr : sums + G.weights());
    });
    const std::size_t parts = (rows + grain - 1) / grain;
    for_chunks(G.weights(), parts * 8, [&](std::size_t first, std::size_t last) {
      add_parts(first, last, parts, scratch, dw);
    });
    if (dbias != nullptr) add_parts(0, channels, parts, scratch + G.weights(), dbias);
  }

  /// Adds what target rows first..last-1 give to dw and dbias (null: not wanted), on the calling
  /// thread.
  template <class T>
  static void part(std::size_t first, std::size_t last, const T* x, const T* dy, T* dw, T* dbias) {
    constexpr std::size_t band = band_rows(sizeof(T));
    for (std::size_t begin = first; begin < last; begin += band) {
      const std::size_t end = std::min(begin + band, last);
      for (int ky = 0; ky < G.kernel; ++ky) {
        WeightGradient<Given, T>::kernel_row(begin, end, ky, x, dy, dw);
      }
      if (dbias != nullptr) add_pixels(begin, end, dy, dbias);
    }
  }

  /// Adds elements first..last-1 of `parts` partial sums, part_size apart, to the target, in order.
  template <class T>
  static void add_parts(std::size_t first, std::size_t last, std::size_t parts, const T* sums,
                        T* target) {
    constexpr std::size_t step = lanes<T>;
    const std::size_t whole = first + (last - first) / step * step;
    for (std::size_t i = first; i < whole; i += step) {
      auto sum = load<lanes<T>>(sums + i);
      for (std::size_t p = 1; p < parts; ++p) sum += load<lanes<T>>(sums + p * part_size + i);
      store(target + i, load<lanes<T>>(target + i) + sum);
    }
    for (std::size_t i = whole; i < last; ++i) {
      T sum = sums[i];
      for (std::size_t p = 1; p < parts; ++p) sum += sums[p * part_size + i];
      target[i] += sum;
    }
  }

 private:
  /// Target rows that are small enough to stay in the first-level cache with their sources, but
  /// that outweigh loading and storing a block.
  static constexpr std::size_t band_rows(std::size_t element_bytes) {
    const std::size_t bytes =
        (row_size + static_cast<std::size_t>(G.stride * G.in.width * G.in.channels)) *
        element_bytes;
    const auto width = static_cast<std::size_t>(out.width);
    return std::max<std::size_t>(32768 / bytes, (64 + width - 1) / width);
  }

  /// dbias += sum of the pixels of target rows first..last-1.
  template <class T>
  static void add_pixels(std::size_t first, std::size_t last, const T* dy, T* dbias) {
    constexpr ChannelVectors vectors = channel_vectors<T>(G.out_channels);
    const T* const begin = dy + first * row_size;
    const T* const end = dy + last * row_size;
    for (int v = 0; v < vectors.count - 1; ++v) {
      add_column<vectors.width, vectors.width>(begin + v * vectors.width, end + v * vectors.width,
                                               dbias + v * vectors.width);
    }
    constexpr int last_vector = (vectors.count - 1) * vectors.width;
    add_column<vectors.width, vectors.tail>(begin + last_vector, end + last_vector,
                                            dbias + last_vector);
  }
  template <int Width, int Used, class T>
  static void add_column(const T* begin, const T* end, T* dbias) {
    Vector<T, Width> even = load_first<Width, Used>(dbias);
    Vector<T, Width> odd{};
    const T* p = begin;
    for (; p + channels < end; p += 2 * channels) {
      even += load_first<Width, Used>(p);
      odd += load_first<Width, Used>(p + channels);
    }
    if (p < end) even += load_first<Width, Used>(p);
    store_first<Used>(dbias, even + odd);
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
