#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/elementwise.hpp"
#include "tepui/backend/cpu/vector.hpp"
#include "tepui/core/parallel.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// How (rows, C) is read in vectors. Where a few vectors hold whole rows, memory is read as if it
/// were one wider matrix whose columns are lanes (`period` of them, channel = lane mod C), so that
/// 3 or 10 channels waste nothing; else a row's channels are read with a partial last vector.
template <int C, class T>
struct LaneLayout {
  static constexpr int flat_vectors = C / std::gcd(C, lanes<T>);
  static constexpr bool flat = flat_vectors <= 8;
  static constexpr int vectors =
      flat ? flat_vectors * (8 / flat_vectors) : (C + lanes<T> - 1) / lanes<T>;
  static constexpr auto period = static_cast<std::size_t>(flat ? vectors * lanes<T> : C);
  static constexpr std::size_t rows = period / static_cast<std::size_t>(C);
  /// Vectors are taken in blocks, as many as sums fit in registers.
  static constexpr int block = flat ? vectors : 4;
  static constexpr int last_block = vectors % block == 0 ? block : vectors % block;
  static constexpr int blocks = (vectors - last_block) / block;
  static constexpr int tail = flat ? lanes<T> : C - (vectors - 1) * lanes<T>;

  /// Calls `body(count, used, lane)`: integral constants for the vectors of a block and the lanes
  /// in use of its last one, and the block's first lane.
  template <class Body>
  static TEPUI_CPU_INLINE void for_blocks(Body&& body) {
    std::size_t lane = 0;
    for (int b = 0; b < blocks; ++b) {
      body(Number<block>{}, Number<lanes<T>>{}, lane);
      lane += static_cast<std::size_t>(block * lanes<T>);
    }
    body(Number<last_block>{}, Number<tail>{}, lane);
  }
};

template <int Count, int Used, class T>
TEPUI_CPU_INLINE void load_block(Vector<T, lanes<T>> (&v)[Count], const T* p) {
#pragma GCC unroll 8
  for (int i = 0; i < Count - 1; ++i) v[i] = load<lanes<T>>(p + i * lanes<T>);
  v[Count - 1] = load_first<lanes<T>, Used>(p + (Count - 1) * lanes<T>);
}
template <int Count, int Used, class T>
TEPUI_CPU_INLINE void store_block(T* p, const Vector<T, lanes<T>> (&v)[Count]) {
#pragma GCC unroll 8
  for (int i = 0; i < Count - 1; ++i) store(p + i * lanes<T>, v[i]);
  store_first<Used>(p + (Count - 1) * lanes<T>, v[Count - 1]);
}

/// Batch normalisation of (rows, C); rows = batch * height * width.
///
/// @source S. Ioffe, C. Szegedy, Batch Normalization, ICML 2015, algorithm 1; T. Chan, G. Golub,
///         R. LeVeque, Algorithms for Computing the Sample Variance, 1983 (combination of means and
///         sums of squares).
template <int C>
struct BatchNormKernels {
  static constexpr auto channels = static_cast<std::size_t>(C);
  static constexpr std::size_t most_parts = 64;
  template <class T>
  using Layout = LaneLayout<C, T>;
  template <class T>
  using V = Vector<T, lanes<T>>;

  static constexpr std::size_t scratch() {
    return most_parts * 2 * std::max(Layout<float>::period, Layout<double>::period);
  }

 private:
  /// One value per lane.
  template <class T>
  struct Lanes {
    alignas(64) T data[Layout<T>::period];
  };
  template <class T, class Value>
  static Lanes<T> spread(Value&& value) {
    Lanes<T> result;
    for (std::size_t lane = 0; lane < channels; ++lane) result.data[lane] = value(lane);
    for (std::size_t lane = channels; lane < Layout<T>::period; ++lane) {
      result.data[lane] = result.data[lane - channels];
    }
    return result;
  }
  /// Elements in whole periods.
  template <class T>
  static std::size_t whole(std::size_t rows) {
    return rows / Layout<T>::rows * Layout<T>::period;
  }

 public:
  template <class T>
  static void statistics(std::size_t rows, const T* x, T* mean, T* variance, T* scratch) {
    const std::size_t periods = rows / Layout<T>::rows;
    const std::size_t grain = grain_of(periods, Layout<T>::period * element_work, most_parts);
    parallel_for_ranges(periods, grain, [&](std::size_t first, std::size_t last) {
      part_moments(first, last, x, scratch + first / grain * part_size<T>);
    });
    combine_moments(rows, grain, x, mean, variance, scratch);
  }

  /// Numbers of one part of a batch: two a lane.
  template <class T>
  static constexpr std::size_t part_size = 2 * Layout<T>::period;

  /// Mean and sum of squared deviations of each lane over periods first..last-1.
  template <class T>
  static void part_moments(std::size_t first, std::size_t last, const T* x, T* part) {
    lane_moments(first, last, x, part, part + Layout<T>::period);
  }

  /// Mean and variance of each channel from the moments of parts of `grain` periods, the last one
  /// shorter; rows beyond the last whole period are read from x.
  template <class T>
  static void combine_moments(std::size_t rows, std::size_t grain, const T* x, T* mean,
                              T* variance, const T* scratch) {
    constexpr std::size_t period = Layout<T>::period;
    const std::size_t periods = rows / Layout<T>::rows;
    const std::size_t parts = (periods + grain - 1) / grain;
    const auto count_of = [&](std::size_t part) {
      return static_cast<double>(std::min(grain, periods - part * grain));
    };
    const auto total = static_cast<double>(rows);
    for (std::size_t c = 0; c < channels; ++c) {
      double sum = 0;
      for (std::size_t p = 0; p < parts; ++p) {
        for (std::size_t lane = c; lane < period; lane += channels) {
          sum += count_of(p) * static_cast<double>(scratch[p * 2 * period + lane]);
        }
      }
      for (std::size_t r = periods * Layout<T>::rows; r < rows; ++r) {
        sum += static_cast<double>(x[r * channels + c]);
      }
      const double centre = sum / total;
      double squares = 0;
      for (std::size_t p = 0; p < parts; ++p) {
        for (std::size_t lane = c; lane < period; lane += channels) {
          const T* part = scratch + p * 2 * period;
          const double d = static_cast<double>(part[lane]) - centre;
          squares += static_cast<double>(part[period + lane]) + count_of(p) * d * d;
        }
      }
      for (std::size_t r = periods * Layout<T>::rows; r < rows; ++r) {
        const double d = static_cast<double>(x[r * channels + c]) - centre;
        squares += d * d;
      }
      mean[c] = static_cast<T>(centre);
      variance[c] = static_cast<T>(squares / total);
    }
  }

  template <class T>
  static void apply(std::size_t rows, const T* x, const T* mean, const T* inv_std, const T* gamma,
                    const T* beta, T* y, bool add) {
    add ? apply<true>(rows, x, mean, inv_std, gamma, beta, y)
        : apply<false>(rows, x, mean, inv_std, gamma, beta, y);
  }

  template <bool Add, class T>
  static void apply(std::size_t rows, const T* x, const T* mean, const T* inv_std, const T* gamma,
                    const T* beta, T* y) {
    const auto scale =
        spread<T>([&](auto c) { return gamma ? gamma[c] * inv_std[c] : inv_std[c]; });
    const auto shift = spread<T>([&](auto c) { return beta ? beta[c] : T(0); });
    const auto centre = spread<T>([&](auto c) { return mean[c]; });
    for_elements<T>(rows, [&]<int Count, int Used>(Number<Count>, Number<Used>, std::size_t lane,
                                                   std::size_t i) {
      V<T> v[Count], m[Count], f[Count], b[Count];
      load_block<Count, Used>(v, x + i);
      load_block<Count, Used>(m, centre.data + lane);
      load_block<Count, Used>(f, scale.data + lane);
      load_block<Count, Used>(b, shift.data + lane);
#pragma GCC unroll 8
      for (int k = 0; k < Count; ++k) v[k] = (v[k] - m[k]) * f[k] + b[k];
      if constexpr (Add) {
        V<T> before[Count];
        load_block<Count, Used>(before, y + i);
#pragma GCC unroll 8
        for (int k = 0; k < Count; ++k) v[k] += before[k];
      }
      store_block<Count, Used>(y + i, v);
    });
    for (std::size_t i = whole<T>(rows); i < rows * channels; ++i) {
      const std::size_t c = i % channels;
      const T value = (x[i] - centre.data[c]) * scale.data[c] + shift.data[c];
      y[i] = Add ? y[i] + value : value;
    }
  }

  /// Sums, by channel, of dy and of dy times the normalised x.
  template <class T>
  static void gradient_sums(std::size_t rows, const T* x, const T* dy, const T* mean,
                            const T* inv_std, T* sum_dy, T* sum_dot, T* scratch) {
    constexpr std::size_t period = Layout<T>::period;
    const auto centre = spread<T>([&](auto c) { return mean[c]; });
    const std::size_t periods = rows / Layout<T>::rows;
    const std::size_t grain = grain_of(periods, period * element_work, most_parts);
    parallel_for_ranges(periods, grain, [&](std::size_t first, std::size_t last) {
      T* const part = scratch + first / grain * 2 * period;
      Layout<T>::for_blocks(
          [&]<int Count, int Used>(Number<Count>, Number<Used>, std::size_t lane) {
            V<T> v[Count], d[Count], m[Count], sum[Count]{}, dot[Count]{};
            load_block<Count, Used>(m, centre.data + lane);
            for (std::size_t p = first; p < last; ++p) {
              load_block<Count, Used>(v, x + p * period + lane);
              load_block<Count, Used>(d, dy + p * period + lane);
#pragma GCC unroll 8
              for (int k = 0; k < Count; ++k) {
                sum[k] += d[k];
                dot[k] += d[k] * (v[k] - m[k]);
              }
            }
            store_block<Count, Used>(part + lane, sum);
            store_block<Count, Used>(part + period + lane, dot);
          });
    });
    const std::size_t parts = (periods + grain - 1) / grain;
    for (std::size_t c = 0; c < channels; ++c) {
      double sum = 0;
      double dot = 0;
      for (std::size_t p = 0; p < parts; ++p) {
        for (std::size_t lane = c; lane < period; lane += channels) {
          sum += static_cast<double>(scratch[p * 2 * period + lane]);
          dot += static_cast<double>(scratch[(p * 2 + 1) * period + lane]);
        }
      }
      for (std::size_t r = periods * Layout<T>::rows; r < rows; ++r) {
        const std::size_t i = r * channels + c;
        sum += static_cast<double>(dy[i]);
        dot += static_cast<double>(dy[i] * (x[i] - mean[c]));
      }
      sum_dy[c] = static_cast<T>(sum);
      sum_dot[c] = static_cast<T>(dot * static_cast<double>(inv_std[c]));
    }
  }

  /// The gradient by the input as a line in the gradient by the output and the input itself, for
  /// each channel: dx = dy * by_dy + ((x - centre) * by_x + constant).
  /// @tparam Fixed mean and inv_std are constants: dx = dy * by_dy
  template <bool Fixed, class T>
  class InputGradient {
   public:
    InputGradient(std::size_t rows, const T* mean, const T* inv_std, const T* gamma,
                  const T* sum_dy, const T* sum_dot) {
      const T share = T(1) / static_cast<T>(rows);
      const auto factor = [&](auto c) { return gamma ? gamma[c] * inv_std[c] : inv_std[c]; };
      centre_ = spread<T>([&](auto c) { return mean[c]; });
      by_dy_ = spread<T>(factor);
      by_x_ = spread<T>([&](auto c) { return -factor(c) * inv_std[c] * sum_dot[c] * share; });
      constant_ = spread<T>([&](auto c) { return -factor(c) * sum_dy[c] * share; });
    }

    /// Rows 0..rows-1, on the calling thread; dx may be dy.
    void apply(std::size_t rows, const T* x, const T* dy, T* dx) const {
      for_blocks(0, rows / Layout<T>::rows, x, dy, dx);
      rest(rows, x, dy, dx);
    }
    void apply_in_parallel(std::size_t rows, const T* x, const T* dy, T* dx) const {
      for_chunks(rows / Layout<T>::rows, Layout<T>::period * element_work,
                 [&](auto first, auto last) { for_blocks(first, last, x, dy, dx); });
      rest(rows, x, dy, dx);
    }

   private:
    void for_blocks(std::size_t first, std::size_t last, const T* x, const T* dy, T* dx) const {
      constexpr std::size_t period = Layout<T>::period;
      Layout<T>::for_blocks([&]<int Count, int Used>(Number<Count>, Number<Used>,
                                                     std::size_t lane) {
        V<T> f[Count], m[Count], g[Count], h[Count];
        load_block<Count, Used>(f, by_dy_.data + lane);
        load_block<Count, Used>(m, centre_.data + lane);
        load_block<Count, Used>(g, by_x_.data + lane);
        load_block<Count, Used>(h, constant_.data + lane);
        for (std::size_t i = first * period + lane; i < last * period; i += period) {
          V<T> d[Count];
          load_block<Count, Used>(d, dy + i);
#pragma GCC unroll 8
          for (int k = 0; k < Count; ++k) d[k] *= f[k];
          if constexpr (!Fixed) {
            V<T> v[Count];
            load_block<Count, Used>(v, x + i);
#pragma GCC unroll 8
            for (int k = 0; k < Count; ++k) d[k] += (v[k] - m[k]) * g[k] + h[k];
          }
          store_block<Count, Used>(dx + i, d);
        }
      });
    }
    void rest(std::size_t rows, const T* x, const T* dy, T* dx) const {
      for (std::size_t i = whole<T>(rows); i < rows * channels; ++i) {
        const std::size_t c = i % channels;
        T value = by_dy_.data[c] * dy[i];
        if constexpr (!Fixed) value += (x[i] - centre_.data[c]) * by_x_.data[c] + constant_.data[c];
        dx[i] = value;
      }
    }

    Lanes<T> centre_, by_dy_, by_x_, constant_;
  };

  template <bool Fixed, class T>
  static void backward(std::size_t rows, const T* x, const T* dy, const T* mean, const T* inv_std,
                       const T* gamma, T* dx, T* dgamma, T* dbeta, T* scratch) {
    T sum_dy[channels]{};
    T sum_dot[channels]{};
    if (!Fixed || dgamma != nullptr || dbeta != nullptr) {
      gradient_sums(rows, x, dy, mean, inv_std, sum_dy, sum_dot, scratch);
    }
    if (dx != nullptr) {
      InputGradient<Fixed, T>(rows, mean, inv_std, gamma, sum_dy, sum_dot)
          .apply_in_parallel(rows, x, dy, dx);
    }
    add_sums(sum_dy, sum_dot, dgamma, dbeta);
  }

  /// Adds to dgamma and dbeta; either may be null.
  template <class T>
  static void add_sums(const T* sum_dy, const T* sum_dot, T* dgamma, T* dbeta) {
    for (std::size_t c = 0; c < channels; ++c) {
      if (dgamma != nullptr) dgamma[c] += sum_dot[c];
      if (dbeta != nullptr) dbeta[c] += sum_dy[c];
    }
  }

 private:
  /// Calls `body(count, used, lane, i)` for each block of vectors of the whole periods, i the
  /// element it starts at.
  template <class T, class Body>
  static void for_elements(std::size_t rows, Body&& body) {
    constexpr std::size_t period = Layout<T>::period;
    for_chunks(rows / Layout<T>::rows, period * element_work, [&](auto first, auto last) {
      Layout<T>::for_blocks(
          [&]<int Count, int Used>(Number<Count>, Number<Used>, std::size_t lane) {
            for (std::size_t p = first; p < last; ++p)
              body(Number<Count>{}, Number<Used>{}, lane, p * period + lane);
          });
    });
  }

  /// Mean and sum of squared deviations of each lane over periods first..last-1, in pieces that
  /// stay in the first-level cache between the two passes.
  template <class T>
  static void lane_moments(std::size_t first, std::size_t last, const T* x, T* mean, T* squares) {
    constexpr std::size_t period = Layout<T>::period;
    constexpr std::size_t piece = std::max<std::size_t>(16384 / (period * sizeof(T)), 16);
    std::fill_n(mean, period, T(0));
    std::fill_n(squares, period, T(0));
    for (std::size_t begin = first; begin < last; begin += piece) {
      const std::size_t end = std::min(begin + piece, last);
      const T before = static_cast<T>(begin - first);
      const T here = static_cast<T>(end - begin);
      const T per_here = T(1) / here;
      const T weight = here / (before + here);
      Layout<T>::for_blocks(
          [&]<int Count, int Used>(Number<Count>, Number<Used>, std::size_t lane) {
            V<T> v[Count], centre[Count]{}, spread[Count]{}, m[Count], q[Count];
            for (std::size_t p = begin; p < end; ++p) {
              load_block<Count, Used>(v, x + p * period + lane);
#pragma GCC unroll 8
              for (int k = 0; k < Count; ++k) centre[k] += v[k];
            }
#pragma GCC unroll 8
            for (int k = 0; k < Count; ++k) centre[k] *= per_here;
            for (std::size_t p = begin; p < end; ++p) {
              load_block<Count, Used>(v, x + p * period + lane);
#pragma GCC unroll 8
              for (int k = 0; k < Count; ++k) spread[k] += (v[k] - centre[k]) * (v[k] - centre[k]);
            }
            load_block<Count, Used>(m, mean + lane);
            load_block<Count, Used>(q, squares + lane);
#pragma GCC unroll 8
            for (int k = 0; k < Count; ++k) {
              const V<T> step = centre[k] - m[k];
              q[k] += spread[k] + step * step * (before * weight);
              m[k] += step * weight;
            }
            store_block<Count, Used>(mean + lane, m);
            store_block<Count, Used>(squares + lane, q);
          });
    }
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
