#pragma once

#include "tepui/backend/cpu/vector.hpp"
#include "tepui/backend/cpu/winograd_lines.hpp"
#include "tepui/backend/cpu/winograd_tiles.hpp"

/// @file
/// Between the (3, 3, in, out) weights of a convolution and their points: tile_area matrices of
/// (source channels, target channels).

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

inline constexpr int weight_taps = 3;

template <int In, int Out, class T>
struct WeightPoints {
  static constexpr int pitch = matrix_pitch<T>(In * Out);

  /// As the forward pass multiplies by them: (In, Out).
  static void of_forward(const T* w, T* points) {
    constexpr int width = whole_vectors<T>(Out).width;
    using V = Vector<T, width>;
    for (int i = 0; i < In * Out; i += width) {
      transform<V>(
          [&](int tap)
              __attribute__((always_inline)) { return load<width>(w + tap * In * Out + i); },
          points + i);
    }
  }

  /// As the input gradient multiplies by them: (Out, In), the taps in opposite order.
  static void of_backward(const T* w, T* points) {
    constexpr int width = whole_vectors<T>(In).width;
    constexpr int taps = weight_taps * weight_taps;
    constexpr int step = whole_vectors<T>(Out).width;
    using V = Vector<T, width>;
    alignas(64) T turned[taps][step][width];
    for (int o = 0; o < Out; o += step) {
      for (int i = 0; i < In; i += width) {
        for (int tap = 0; tap < taps; ++tap) {
          const T* const from = w + (tap * In + i) * Out + o;
          for (int l = 0; l < width; ++l) {
            for (int s = 0; s < step; ++s) turned[taps - 1 - tap][s][l] = from[l * Out + s];
          }
        }
        for (int s = 0; s < step; ++s) {
          transform<V>(
              [&](int tap) __attribute__((always_inline)) { return load<width>(turned[tap][s]); },
              points + (o + s) * In + i);
        }
      }
    }
  }

  /// Adds the gradient of one vector of weights of each tap to dw.
  /// @param points the sums at each point, Pitch apart
  template <class V, int Pitch>
  static TEPUI_CPU_INLINE void add_gradient(const T* points, T* dw) {
    constexpr int width = static_cast<int>(sizeof(V) / sizeof(T));
    transform_tile<tile_points, weight_taps, V>(
        WinogradLine<T, V>::tap_gradients,
        [&](int j, V(&from)[6]) __attribute__((always_inline)) {
#pragma GCC unroll 6
          for (int i = 0; i < tile_points; ++i) {
            from[i] = load<width>(points + (i * tile_points + j) * Pitch);
          }
        },
        [&](int i, const V(&to)[3]) __attribute__((always_inline)) {
#pragma GCC unroll 3
          for (int j = 0; j < weight_taps; ++j) {
            T* const target = dw + (i * weight_taps + j) * In * Out;
            store(target, load<width>(target) + to[j]);
          }
        });
  }

 private:
  template <class V, class Tap>
  static TEPUI_CPU_INLINE void transform(Tap&& tap, T* points) {
    transform_tile<weight_taps, tile_points, V>(
        WinogradLine<T, V>::taps,
        [&](int j, V(&from)[3]) __attribute__((always_inline)) {
#pragma GCC unroll 3
          for (int i = 0; i < weight_taps; ++i) from[i] = tap(i * weight_taps + j);
        },
        [&](int i, const V(&to)[6]) __attribute__((always_inline)) {
#pragma GCC unroll 6
          for (int j = 0; j < tile_points; ++j) {
            store(points + (i * tile_points + j) * pitch, to[j]);
          }
        });
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
