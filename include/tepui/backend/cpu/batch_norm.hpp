#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "tepui/backend/cpu/batch_norm_lines.hpp"
#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/elementwise.hpp"
#include "tepui/backend/cpu/lane_layout.hpp"
#include "tepui/backend/cpu/vector.hpp"
#include "tepui/backend/running_statistics.hpp"
#include "tepui/core/parallel.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Batch normalisation of (rows, C); rows = batch * height * width.
///
/// What is summed over the batch is summed by parts: begin, add any number of times, end; then the
/// parts, which lie `moments_size` or `sums_size` apart, are combined in order.
///
/// @source S. Ioffe, C. Szegedy, Batch Normalization, ICML 2015, algorithm 1; T. Chan, G. Golub,
///         R. LeVeque, Algorithms for Computing the Sample Variance, 1983 (shifted data;
///         combination of means and sums of squares).
template <int C>
struct BatchNormKernels {
  static constexpr auto channels = static_cast<std::size_t>(C);
  static constexpr std::size_t most_parts = 64;
  template <class T>
  using Layout = LaneLayout<C, T>;
  template <class T>
  using V = Vector<T, lanes<T>>;

  static constexpr std::size_t most_lanes = std::max(Layout<float>::period, Layout<double>::period);
  static constexpr std::size_t moments_size = 3 * most_lanes;
  static constexpr std::size_t sums_size = 2 * most_lanes;
  static constexpr std::size_t scratch() { return most_parts * moments_size; }

  // Mean and sum of squared deviations.

  /// @param row any row of the part: what is subtracted before squares are summed
  template <class T>
  static void begin_moments(const T* row, T* part) {
    constexpr std::size_t period = Layout<T>::period;
    for (std::size_t lane = 0; lane < period; ++lane) part[lane] = row[lane % channels];
    std::fill_n(part + period, 2 * period, T(0));
  }
  template <class T>
  static void add_moments(std::size_t rows, const T* x, T* part) {
    constexpr std::size_t period = Layout<T>::period;
    const std::size_t whole = whole_periods<C, T>(rows);
    T* const sums = part + period;
    T* const squares = sums + period;
    Layout<T>::for_blocks([&]<int Count, int Used>(Number<Count>, Number<Used>, std::size_t lane) {
      V<T> v[Count], shift[Count], sum[Count], square[Count];
      load_block<Count, Used>(shift, part + lane);
      load_block<Count, Used>(sum, sums + lane);
      load_block<Count, Used>(square, squares + lane);
      for (std::size_t i = lane; i < whole; i += period) {
        load_block<Count, Used>(v, x + i);
#pragma GCC unroll 8
        for (int k = 0; k < Count; ++k) {
          v[k] -= shift[k];
          sum[k] += v[k];
          square[k] += v[k] * v[k];
        }
      }
      store_block<Count, Used>(sums + lane, sum);
      store_block<Count, Used>(squares + lane, square);
    });
    for (std::size_t i = whole; i < rows * channels; ++i) {
      const std::size_t lane = i - whole;
      const T v = x[i] - part[lane];
      sums[lane] += v;
      squares[lane] += v * v;
    }
  }
  /// Leaves (C) means and (C) sums of squared deviations at `part`.
  /// @param rows of the whole part
  template <class T>
  static void end_moments(std::size_t rows, T* part) {
    const auto n = static_cast<double>(rows);
    T mean[channels];
    T deviation[channels];
    for (std::size_t c = 0; c < channels; ++c) {
      const double sum = over_lanes(part + Layout<T>::period, c);
      const double squares = over_lanes(part + 2 * Layout<T>::period, c);
      mean[c] = static_cast<T>(static_cast<double>(part[c]) + sum / n);
      // (a comparison that lets NaN through)
      const double left = squares - sum * sum / n;
      deviation[c] = static_cast<T>(left < 0 ? 0 : left);
    }
    std::copy_n(mean, channels, part);
    std::copy_n(deviation, channels, part + channels);
  }
  /// @param part_rows rows of every part but the last, which has what is left
  template <class T>
  static void combine_moments(std::size_t rows, std::size_t part_rows, const T* parts, T* mean,
                              T* variance) {
    const std::size_t count = (rows + part_rows - 1) / part_rows;
    const auto rows_of = [&](std::size_t part) {
      return static_cast<double>(std::min(part_rows, rows - part * part_rows));
    };
    const auto total = static_cast<double>(rows);
    for (std::size_t c = 0; c < channels; ++c) {
      double sum = 0;
      for (std::size_t p = 0; p < count; ++p) {
        sum += rows_of(p) * static_cast<double>(parts[p * moments_size + c]);
      }
      const double centre = sum / total;
      double squares = 0;
      for (std::size_t p = 0; p < count; ++p) {
        const T* const part = parts + p * moments_size;
        const double d = static_cast<double>(part[c]) - centre;
        squares += static_cast<double>(part[channels + c]) + rows_of(p) * d * d;
      }
      mean[c] = static_cast<T>(centre);
      variance[c] = static_cast<T>(squares / total);
    }
  }

  // Sums of dy and of dy times (x - mean).

  template <class T>
  static void begin_sums(T* part) {
    std::fill_n(part, 2 * Layout<T>::period, T(0));
  }
  template <class T>
  static void add_sums(std::size_t rows, const T* x, const T* dy, const ChannelLanes<C, T>& mean,
                       T* part) {
    constexpr std::size_t period = Layout<T>::period;
    const std::size_t whole = whole_periods<C, T>(rows);
    T* const dots = part + period;
    Layout<T>::for_blocks([&]<int Count, int Used>(Number<Count>, Number<Used>, std::size_t lane) {
      V<T> v[Count], d[Count], m[Count], sum[Count], dot[Count];
      load_block<Count, Used>(m, mean.data + lane);
      load_block<Count, Used>(sum, part + lane);
      load_block<Count, Used>(dot, dots + lane);
      for (std::size_t i = lane; i < whole; i += period) {
        load_block<Count, Used>(v, x + i);
        load_block<Count, Used>(d, dy + i);
#pragma GCC unroll 8
        for (int k = 0; k < Count; ++k) {
          sum[k] += d[k];
          dot[k] += d[k] * (v[k] - m[k]);
        }
      }
      store_block<Count, Used>(part + lane, sum);
      store_block<Count, Used>(dots + lane, dot);
    });
    for (std::size_t i = whole; i < rows * channels; ++i) {
      const std::size_t lane = i - whole;
      part[lane] += dy[i];
      dots[lane] += dy[i] * (x[i] - mean.data[lane]);
    }
  }
  /// Leaves (C) sums of dy and (C) of the products at `part`.
  template <class T>
  static void end_sums(T* part) {
    T sum[channels];
    T dot[channels];
    for (std::size_t c = 0; c < channels; ++c) {
      sum[c] = static_cast<T>(over_lanes(part, c));
      dot[c] = static_cast<T>(over_lanes(part + Layout<T>::period, c));
    }
    std::copy_n(sum, channels, part);
    std::copy_n(dot, channels, part + channels);
  }
  /// @param sum_dot of dy times the normalised x
  template <class T>
  static void combine_sums(std::size_t count, const T* parts, const T* inv_std, T* sum_dy,
                           T* sum_dot) {
    for (std::size_t c = 0; c < channels; ++c) {
      double sum = 0;
      double dot = 0;
      for (std::size_t p = 0; p < count; ++p) {
        sum += static_cast<double>(parts[p * sums_size + c]);
        dot += static_cast<double>(parts[p * sums_size + channels + c]);
      }
      sum_dy[c] = static_cast<T>(sum);
      sum_dot[c] = static_cast<T>(dot * static_cast<double>(inv_std[c]));
    }
  }
  /// Adds to dgamma and dbeta; either may be null.
  template <class T>
  static void add_sums_to(const T* sum_dy, const T* sum_dot, T* dgamma, T* dbeta) {
    for (std::size_t c = 0; c < channels; ++c) {
      if (dgamma != nullptr) dgamma[c] += sum_dot[c];
      if (dbeta != nullptr) dbeta[c] += sum_dy[c];
    }
  }

  // A whole batch at once.

  template <class T>
  static void statistics(std::size_t rows, const T* x, T* mean, T* variance, T* scratch) {
    const std::size_t grain = part_rows<T>(rows);
    parallel_for_ranges(rows, grain, [&](std::size_t first, std::size_t last) {
      T* const part = scratch + first / grain * moments_size;
      begin_moments(x + first * channels, part);
      add_moments(last - first, x + first * channels, part);
      end_moments(last - first, part);
    });
    combine_moments(rows, grain, scratch, mean, variance);
  }

  /// From means and variances to means and reciprocal deviations, in place.
  template <class T>
  static void finish_moments(double epsilon, const RunningStatistics<T>& running, T* mean,
                             T* variance) {
    if (running.mean != nullptr) {
      for (std::size_t c = 0; c < channels; ++c) {
        running.mean[c] = running.keep * running.mean[c] + running.take * mean[c];
        running.variance[c] =
            running.keep * running.variance[c] + running.take * running.unbiased * variance[c];
      }
    }
    for (std::size_t c = 0; c < channels; ++c) {
      variance[c] = T{1} / std::sqrt(variance[c] + static_cast<T>(epsilon));
    }
  }

  template <class T>
  static void apply(std::size_t rows, const T* x, const T* mean, const T* inv_std, const T* gamma,
                    const T* beta, T* y) {
    NormLine<C, T> line;
    line.set(mean, inv_std, gamma, beta);
    parallel_for_ranges(rows, part_rows<T>(rows), [&](std::size_t first, std::size_t last) {
      line.apply(last - first, x + first * channels, y + first * channels, false);
    });
  }

  /// @param fixed mean and inv_std are constants
  template <class T>
  static void backward(std::size_t rows, const T* x, const T* dy, const T* mean, const T* inv_std,
                       const T* gamma, bool fixed, T* dx, T* dgamma, T* dbeta, T* scratch) {
    const std::size_t grain = part_rows<T>(rows);
    T sum_dy[channels]{};
    T sum_dot[channels]{};
    if (!fixed || dgamma != nullptr || dbeta != nullptr) {
      ChannelLanes<C, T> centre;
      centre.set(mean);
      parallel_for_ranges(rows, grain, [&](std::size_t first, std::size_t last) {
        T* const part = scratch + first / grain * sums_size;
        begin_sums(part);
        add_sums(last - first, x + first * channels, dy + first * channels, centre, part);
        end_sums(part);
      });
      combine_sums((rows + grain - 1) / grain, scratch, inv_std, sum_dy, sum_dot);
    }
    add_sums_to(sum_dy, sum_dot, dgamma, dbeta);
    if (dx == nullptr) return;
    NormGradientLine<C, T> line;
    line.set(rows, mean, inv_std, gamma, sum_dy, sum_dot, fixed);
    parallel_for_ranges(rows, grain, [&](std::size_t first, std::size_t last) {
      line.apply(last - first, x + first * channels, dy + first * channels, dx + first * channels);
    });
  }

 private:
  /// Sum of the lanes that belong to channel c.
  template <class T>
  static double over_lanes(const T* values, std::size_t c) {
    double sum = 0;
    for (std::size_t lane = c; lane < Layout<T>::period; lane += channels) {
      sum += static_cast<double>(values[lane]);
    }
    return sum;
  }
  /// Rows of a part: whole periods.
  template <class T>
  static std::size_t part_rows(std::size_t rows) {
    const std::size_t periods = (rows + Layout<T>::rows - 1) / Layout<T>::rows;
    return Layout<T>::rows * grain_of(periods, Layout<T>::period * element_work, most_parts);
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
