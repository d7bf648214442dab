#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/vector.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Batch normalisation of (rows, C); rows = batch * height * width.
///
/// @source T. Chan, G. Golub, R. LeVeque, Algorithms for Computing the Sample Variance, 1983
///         (pairwise combination of mean and sum of squares).
template <int C>
struct BatchNormKernels {
  static constexpr auto channels = static_cast<std::size_t>(C);
  static constexpr std::size_t most_parts = 64;
  static constexpr std::size_t scratch() { return most_parts * 2 * channels; }

  template <class T>
  static void statistics(std::size_t rows, const T* x, T* mean, T* variance, T*) {
    for (std::size_t c = 0; c < channels; ++c) {
      double sum = 0;
      for (std::size_t r = 0; r < rows; ++r) sum += static_cast<double>(x[r * channels + c]);
      const double centre = sum / static_cast<double>(rows);
      double squares = 0;
      for (std::size_t r = 0; r < rows; ++r) {
        const double d = static_cast<double>(x[r * channels + c]) - centre;
        squares += d * d;
      }
      mean[c] = static_cast<T>(centre);
      variance[c] = static_cast<T>(squares / static_cast<double>(rows));
    }
  }

  template <class T>
  static void apply(std::size_t rows, const T* x, const T* mean, const T* inv_std, const T* gamma,
                    const T* beta, T* y) {
    for_chunks(rows, channels * 4, [&](auto begin, auto end) {
      for (std::size_t r = begin; r < end; ++r) {
        for (std::size_t c = 0; c < channels; ++c) {
          const T scale = gamma ? gamma[c] * inv_std[c] : inv_std[c];
          const T shift = beta ? beta[c] : T(0);
          y[r * channels + c] = (x[r * channels + c] - mean[c]) * scale + shift;
        }
      }
    });
  }

  template <bool Fixed, class T>
  static void backward(std::size_t rows, const T* x, const T* dy, const T* mean, const T* inv_std,
                       const T* gamma, T* dx, T* dgamma, T* dbeta, T*) {
    const auto count = static_cast<double>(rows);
    for (std::size_t c = 0; c < channels; ++c) {
      double sum = 0;
      double dot = 0;
      for (std::size_t r = 0; r < rows; ++r) {
        const std::size_t i = r * channels + c;
        sum += static_cast<double>(dy[i]);
        dot += static_cast<double>(dy[i] * (x[i] - mean[c]) * inv_std[c]);
      }
      if (dx != nullptr) {
        const T scale = gamma ? gamma[c] * inv_std[c] : inv_std[c];
        const T mean_dy = Fixed ? T(0) : static_cast<T>(sum / count);
        const T mean_dot = Fixed ? T(0) : static_cast<T>(dot / count);
        for (std::size_t r = 0; r < rows; ++r) {
          const std::size_t i = r * channels + c;
          dx[i] = scale * (dy[i] - mean_dy - (x[i] - mean[c]) * inv_std[c] * mean_dot);
        }
      }
      if (dgamma != nullptr) dgamma[c] += static_cast<T>(dot);
      if (dbeta != nullptr) dbeta[c] += static_cast<T>(sum);
    }
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
