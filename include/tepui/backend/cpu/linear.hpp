#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/vector.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// y = x w + b; x (N, In), w (In, Out), y (N, Out).
template <int In, int Out>
struct LinearKernels {
  static constexpr auto in = static_cast<std::size_t>(In);
  static constexpr auto out = static_cast<std::size_t>(Out);

  template <class T>
  static void forward(int batch, const T* x, const T* w, const T* bias, T* y) {
    for_chunks(static_cast<std::size_t>(batch), in * out, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        T* ys = y + s * out;
        for (std::size_t o = 0; o < out; ++o) ys[o] = bias ? bias[o] : T(0);
        for (std::size_t i = 0; i < in; ++i) {
          for (std::size_t o = 0; o < out; ++o) ys[o] += x[s * in + i] * w[i * out + o];
        }
      }
    });
  }

  template <class T>
  static void backward_data(int batch, const T* dy, const T* w, T* dx) {
    for_chunks(static_cast<std::size_t>(batch), in * out, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        for (std::size_t i = 0; i < in; ++i) {
          T sum = 0;
          for (std::size_t o = 0; o < out; ++o) sum += dy[s * out + o] * w[i * out + o];
          dx[s * in + i] = sum;
        }
      }
    });
  }

  template <class T>
  static void backward_weights(int batch, const T* x, const T* dy, T* dw, T* dbias) {
    const auto samples = static_cast<std::size_t>(batch);
    for_chunks(in, samples * out, [&](auto begin, auto end) {
      for (std::size_t i = begin; i < end; ++i) {
        for (std::size_t s = 0; s < samples; ++s) {
          for (std::size_t o = 0; o < out; ++o) dw[i * out + o] += x[s * in + i] * dy[s * out + o];
        }
      }
    });
    if (dbias == nullptr) return;
    for (std::size_t s = 0; s < samples; ++s) {
      for (std::size_t o = 0; o < out; ++o) dbias[o] += dy[s * out + o];
    }
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
