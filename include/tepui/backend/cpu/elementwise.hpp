#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/vector.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Elements that one thread handles in about the time it takes to wake another one.
inline constexpr std::size_t element_work = 8;

/// y[i] = f(x[i]).
template <class T, class Function>
void map_elements(std::size_t n, const T* x, T* y, Function f) {
  for_chunks(n, element_work, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) y[i] = f(x[i]);
  });
}

/// y[i] = f(a[i], b[i]).
template <class T, class Function>
void map_pairs(std::size_t n, const T* a, const T* b, T* y, Function f) {
  for_chunks(n, element_work, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) y[i] = f(a[i], b[i]);
  });
}

/// Value and derivative of max(x, 0); the derivative at 0 is 0 and NaN stays NaN.
struct ReluFunction {
  template <class T>
  static T value(T x) {
    return x < T(0) ? T(0) : x;
  }
  template <class T>
  static T gradient(T x, T dy) {
    return x <= T(0) ? T(0) : dy;
  }
};

/// clamp(x + 3, 0, 6) / 6; derivative 0 at both kinks.
struct HardSigmoidFunction {
  template <class T>
  static T value(T x) {
    const T shifted = x + T(3);
    const T low = shifted < T(0) ? T(0) : shifted;
    return (low > T(6) ? T(6) : low) * (T(1) / T(6));
  }
  template <class T>
  static T gradient(T x, T dy) {
    const T inner = dy * (T(1) / T(6));
    const T right = x < T(3) ? inner : T(0);
    return x > T(-3) ? right : T(0);
  }
};

/// x * clamp(x + 3, 0, 6) / 6; derivative x / 3 + 1 / 2 on [-3, 3], kinks included.
/// @source A. Howard et al., Searching for MobileNetV3, ICCV 2019, section 5.2.
struct HardSwishFunction {
  template <class T>
  static T value(T x) {
    return x * HardSigmoidFunction::value(x);
  }
  template <class T>
  static T gradient(T x, T dy) {
    const T inner = dy * (x * (T(1) / T(3)) + T(0.5));
    const T right = x <= T(3) ? inner : dy;
    return x < T(-3) ? T(0) : right;
  }
};

/// y = x * gate, one gate per sample and channel (squeeze-and-excitation).
template <Shape S>
struct ScaleChannelsKernels {
  static constexpr auto channels = static_cast<std::size_t>(S.channels);
  static constexpr auto pixels = static_cast<std::size_t>(S.pixels());

  template <class T>
  static void forward(int batch, const T* x, const T* gate, T* y) {
    for_chunks(static_cast<std::size_t>(batch), S.size() * element_work, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        for (std::size_t p = 0; p < pixels; ++p) {
          const std::size_t row = (s * pixels + p) * channels;
          for (std::size_t c = 0; c < channels; ++c)
            y[row + c] = x[row + c] * gate[s * channels + c];
        }
      }
    });
  }

  template <class T>
  static void backward(int batch, const T* x, const T* gate, const T* dy, T* dx, T* dgate) {
    for_chunks(static_cast<std::size_t>(batch), S.size() * element_work, [&](auto begin, auto end) {
      for (std::size_t s = begin; s < end; ++s) {
        T* sums = dgate + s * channels;
        std::fill_n(sums, channels, T(0));
        for (std::size_t p = 0; p < pixels; ++p) {
          const std::size_t row = (s * pixels + p) * channels;
          for (std::size_t c = 0; c < channels; ++c) {
            sums[c] += dy[row + c] * x[row + c];
            dx[row + c] = dy[row + c] * gate[s * channels + c];
          }
        }
      }
    });
  }
};

/// Fills a dropout mask; consecutive `group` elements share draw i = word i of the stream.
template <class T>
void fill_dropout_mask(std::size_t n, std::size_t group, double drop, random::Key key, T* mask) {
  const T kept = static_cast<T>(1.0 / (1.0 - drop));
  const std::size_t draws = (n + group - 1) / group;
  const std::size_t blocks = (draws + 3) / 4;
  for_chunks(blocks, 100 + 4 * group, [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b) {
      const auto words = random::block(key, b);
      for (std::size_t j = 0; j < 4; ++j) {
        const std::size_t first = std::min((b * 4 + j) * group, n);
        const std::size_t last = std::min(first + group, n);
        const T value = words[j] * 0x1p-32 < drop ? T(0) : kept;
        for (std::size_t i = first; i < last; ++i) mask[i] = value;
      }
    }
  });
}

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
