#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/vector.hpp"

/// @file
/// Convolution of any geometry as plain loops: the kernel of last resort.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Multiply-adds of one sample.
template <ConvGeometry G>
inline constexpr std::size_t conv_work = G.weights() * static_cast<std::size_t>(G.out().pixels());

/// Calls `visit(in_pixel, out_pixel, tap)` for each kernel tap that meets a real input pixel;
/// pixels count within one sample.
template <ConvGeometry G, class Visit>
void for_each_tap(Visit&& visit) {
  constexpr Shape out = G.out();
  for (int oy = 0; oy < out.height; ++oy) {
    for (int ox = 0; ox < out.width; ++ox) {
      for (int ky = 0; ky < G.kernel; ++ky) {
        const int iy = oy * G.stride - G.padding + ky * G.dilation;
        if (iy < 0 || iy >= G.in.height) continue;
        for (int kx = 0; kx < G.kernel; ++kx) {
          const int ix = ox * G.stride - G.padding + kx * G.dilation;
          if (ix < 0 || ix >= G.in.width) continue;
          visit(static_cast<std::size_t>(iy * G.in.width + ix),
                static_cast<std::size_t>(oy * out.width + ox),
                static_cast<std::size_t>(ky * G.kernel + kx));
        }
      }
    }
  }
}

template <ConvGeometry G>
struct ConvPlain {
  static constexpr auto in_channels = static_cast<std::size_t>(G.in.channels);
  static constexpr auto out_channels = static_cast<std::size_t>(G.out_channels);
  static constexpr auto in_group = static_cast<std::size_t>(G.in_per_group());
  static constexpr auto out_group = static_cast<std::size_t>(G.out_per_group());
  static constexpr auto groups = static_cast<std::size_t>(G.groups);
  static constexpr std::size_t in_size = G.in.size();
  static constexpr std::size_t out_size = G.out().size();
  /// Partial weight gradients that are summed in order at the end.
  static constexpr std::size_t most_parts = 16;

  static constexpr std::size_t scratch() { return most_parts * (G.weights() + out_channels); }

  template <class T>
  static void forward(int batch, const T* x, const T* w, const T* bias, T* y, T*) {
    for_chunks(static_cast<std::size_t>(batch), conv_work<G>, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        const T* xs = x + s * in_size;
        T* ys = y + s * out_size;
        for (std::size_t i = 0; i < out_size; ++i) ys[i] = bias ? bias[i % out_channels] : T(0);
        for_each_tap<G>([&](std::size_t in, std::size_t out, std::size_t tap) {
          for (std::size_t g = 0; g < groups; ++g) {
            for (std::size_t i = 0; i < in_group; ++i) {
              const T value = xs[in * in_channels + g * in_group + i];
              const T* row = w + (tap * in_group + i) * out_channels + g * out_group;
              T* target = ys + out * out_channels + g * out_group;
              for (std::size_t o = 0; o < out_group; ++o) target[o] += value * row[o];
            }
          }
        });
      }
    });
  }

  template <class T>
  static void backward_data(int batch, const T* dy, const T* w, T* dx, T*) {
    for_chunks(static_cast<std::size_t>(batch), conv_work<G>, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        const T* dys = dy + s * out_size;
        T* dxs = dx + s * in_size;
        std::fill_n(dxs, in_size, T(0));
        for_each_tap<G>([&](std::size_t in, std::size_t out, std::size_t tap) {
          for (std::size_t g = 0; g < groups; ++g) {
            for (std::size_t i = 0; i < in_group; ++i) {
              const T* row = w + (tap * in_group + i) * out_channels + g * out_group;
              const T* source = dys + out * out_channels + g * out_group;
              T sum = 0;
              for (std::size_t o = 0; o < out_group; ++o) sum += source[o] * row[o];
              dxs[in * in_channels + g * in_group + i] += sum;
            }
          }
        });
      }
    });
  }

  template <class T>
  static void backward_weights(int batch, const T* x, const T* dy, T* dw, T* dbias, T* scratch) {
    constexpr std::size_t part_size = G.weights() + out_channels;
    const auto samples = static_cast<std::size_t>(batch);
    const std::size_t grain = grain_of(samples, conv_work<G>, most_parts);
    parallel_for_ranges(samples, grain, [&](std::size_t begin, std::size_t end) {
      T* part = scratch + begin / grain * part_size;
      std::fill_n(part, part_size, T(0));
      T* part_bias = part + G.weights();
      for (std::size_t s = begin; s < end; ++s) {
        const T* xs = x + s * in_size;
        const T* dys = dy + s * out_size;
        for_each_tap<G>([&](std::size_t in, std::size_t out, std::size_t tap) {
          for (std::size_t g = 0; g < groups; ++g) {
            for (std::size_t i = 0; i < in_group; ++i) {
              const T value = xs[in * in_channels + g * in_group + i];
              const T* source = dys + out * out_channels + g * out_group;
              T* row = part + (tap * in_group + i) * out_channels + g * out_group;
              for (std::size_t o = 0; o < out_group; ++o) row[o] += value * source[o];
            }
          }
        });
        for (std::size_t i = 0; i < out_size; ++i) part_bias[i % out_channels] += dys[i];
      }
    });
    for (std::size_t p = 0; p * grain < samples; ++p) {
      const T* part = scratch + p * part_size;
      for (std::size_t i = 0; i < G.weights(); ++i) dw[i] += part[i];
      if (dbias == nullptr) continue;
      for (std::size_t o = 0; o < out_channels; ++o) dbias[o] += part[G.weights() + o];
    }
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
