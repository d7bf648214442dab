#pragma once

#include <cmath>
#include <cstddef>

#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/channel_grid.hpp"
#include "tepui/backend/running_statistics.hpp"

/// @file
/// Batch normalisation of (rows, channels): what is summed over the rows is summed in chunks, which
/// are cut by sizes alone and combined in order, so that the bits never change.
///
/// @source S. Ioffe, C. Szegedy, Batch Normalization, ICML 2015; T. Chan, G. Golub, R. LeVeque,
///         Algorithms for Computing the Sample Variance, 1983 (combination of means and squares)

namespace tepui::backend::cuda {

/// @brief Mean and sum of squared deviations of each chunk: parts is (2, chunks, channels).
template <class T>
struct ChunkMoments {
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {
    T value[threads];
    T mean[ChannelGrid::most_width];
  };
  ChannelGrid grid;
  const T* x = nullptr;
  T* parts = nullptr;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
    const int chunk = block.index();
    const int tile = block.index_y();
    block.each([&](int thread) {
      shared.value[thread] = over_rows(chunk, tile, thread, [](T v) { return v; });
    });
    sum_lines(block, shared.value, grid.width, grid.lines);
    block.each([&](int thread) {
      if (thread >= grid.width) return;
      shared.mean[thread] = shared.value[thread] / static_cast<T>(grid.rows_of(chunk));
    });
    block.each([&](int thread) {  // what is read again is still in the first cache
      const T mean = shared.mean[grid.column_of(thread)];
      shared.value[thread] =
          over_rows(chunk, tile, thread, [mean](T v) { return (v - mean) * (v - mean); });
    });
    sum_lines(block, shared.value, grid.width, grid.lines);
    block.each_alone([&](int thread) {
      const int channel = grid.channel_of(tile, thread);
      if (thread >= grid.width || channel < 0) return;
      const std::size_t at = wide(chunk) * wide(grid.channels) + wide(channel);
      parts[at] = shared.mean[thread];
      parts[wide(grid.chunks()) * wide(grid.channels) + at] = shared.value[thread];
    });
  }

 private:
  template <class Term>
  TEPUI_HOST_DEVICE T over_rows(int chunk, int tile, int thread, Term&& term) const {
    const int channel = grid.channel_of(tile, thread);
    T sum = T(0);
    if (channel < 0) return sum;
    grid.each_row(
        chunk, channel, thread, [&](std::size_t i) { return x[i]; },
        [&](std::size_t, T v) { sum += term(v); });
    return sum;
  }
};

/// @brief How what chunks left behind is combined: few channels to a block, as many as a read from
/// memory brings at least, and many threads to each.
struct FinishGrid {
  static constexpr int threads = 256;
  static constexpr int width = 8;
  static constexpr int lines = threads / width;
  static constexpr int at_once = 8;

  [[nodiscard]] static constexpr Grid blocks(int channels) {
    return {(channels + width - 1) / width, 1, 1};
  }
  /// Calls use(chunk, read(chunk)) for the chunks of a thread.
  template <class Read, class Use>
  static TEPUI_HOST_DEVICE void each_chunk(int chunks, int thread, Read&& read, Use&& use) {
    read_ahead<at_once>(thread / width, chunks, lines, read, use);
  }
};

/// @brief Combines the chunks. Writes the mean and 1 / sqrt(variance + epsilon), and moves the
/// running statistics.
template <class T>
struct FinishMoments {
  static constexpr int threads = FinishGrid::threads;
  static constexpr int width = FinishGrid::width;
  struct Shared {
    double value[threads];
    double centre[width];
  };
  ChannelGrid grid;
  const T* parts = nullptr;
  T* mean = nullptr;
  T* inv_std = nullptr;
  T epsilon = T(0);
  RunningStatistics<T> running;

  [[nodiscard]] Grid launch_grid() const { return FinishGrid::blocks(grid.channels); }

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
    const int first = block.index() * width;
    const auto rows = static_cast<double>(grid.rows);
    block.each([&](int thread) {
      const int c = first + thread % width;
      double sum = 0;
      if (c < grid.channels) {
        FinishGrid::each_chunk(
            grid.chunks(), thread, [&](int k) { return parts[at(k, c)]; },
            [&](int k, T m) { sum += grid.rows_of(k) * static_cast<double>(m); });
      }
      shared.value[thread] = sum;
    });
    sum_lines(block, shared.value, width, FinishGrid::lines);
    block.each([&](int thread) {
      if (thread < width) shared.centre[thread] = shared.value[thread] / rows;
    });
    block.each([&](int thread) {
      const int c = first + thread % width;
      const double centre = shared.centre[thread % width];
      double total = 0;
      if (c < grid.channels) {
        FinishGrid::each_chunk(
            grid.chunks(), thread,
            [&](int k) {
              return Moments{parts[at(k, c)], parts[at(grid.chunks() + k, c)]};
            },
            [&](int k, const Moments& m) {
              const double d = static_cast<double>(m.mean) - centre;
              total += static_cast<double>(m.squares) + grid.rows_of(k) * d * d;
            });
      }
      shared.value[thread] = total;
    });
    sum_lines(block, shared.value, width, FinishGrid::lines);
    block.each_alone([&](int thread) {
      const int c = first + thread;
      if (thread >= width || c >= grid.channels) return;
      write(c, static_cast<T>(shared.centre[thread]), static_cast<T>(shared.value[thread] / rows));
    });
  }

 private:
  struct Moments {
    T mean;
    T squares;
  };
  TEPUI_HOST_DEVICE std::size_t at(int chunk, int channel) const {
    return wide(chunk) * wide(grid.channels) + wide(channel);
  }
  TEPUI_HOST_DEVICE void write(int c, T centre, T spread) const {
    mean[c] = centre;
    inv_std[c] = T(1) / std::sqrt(spread + epsilon);
    if (running.mean == nullptr) return;
    running.mean[c] = running.keep * running.mean[c] + running.take * centre;
    running.variance[c] =
        running.keep * running.variance[c] + running.take * running.unbiased * spread;
  }
};

/// @brief mean and 1 / sqrt(variance + epsilon) from running statistics.
template <class T>
struct TakeRunning {
  static constexpr int threads = 32;
  struct Shared {};
  int channels = 1;
  const T* running_mean = nullptr;
  const T* running_variance = nullptr;
  T* mean = nullptr;
  T* inv_std = nullptr;
  T epsilon = T(0);

  [[nodiscard]] Grid launch_grid() const { return {(channels + threads - 1) / threads, 1, 1}; }
  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const int c = block.index() * threads + thread;
      if (c >= channels) return;
      mean[c] = running_mean[c];
      inv_std[c] = T(1) / std::sqrt(running_variance[c] + epsilon);
    });
  }
};

/// @brief Running statistics as a factor and a term of each channel: scale x + shift.
template <class T>
struct RunningLine {
  static constexpr int threads = 32;
  struct Shared {};
  int channels = 1;
  const T* running_mean = nullptr;
  const T* running_variance = nullptr;
  const T* gamma = nullptr;  ///< null: 1
  const T* beta = nullptr;   ///< null: 0
  T* scale = nullptr;
  T* shift = nullptr;
  T epsilon = T(0);

  [[nodiscard]] Grid launch_grid() const { return {(channels + threads - 1) / threads, 1, 1}; }
  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const int c = block.index() * threads + thread;
      if (c >= channels) return;
      const T factor =
          (gamma == nullptr ? T(1) : gamma[c]) / std::sqrt(running_variance[c] + epsilon);
      scale[c] = factor;
      shift[c] = (beta == nullptr ? T(0) : beta[c]) - running_mean[c] * factor;
    });
  }
};

/// @brief y = or += (x - mean) inv_std gamma + beta; gamma null: 1, beta null: 0; y may be x.
template <class T>
struct Normalize {
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {};
  ChannelGrid grid;
  const T* x = nullptr;
  const T* mean = nullptr;
  const T* inv_std = nullptr;
  const T* gamma = nullptr;
  const T* beta = nullptr;
  T* y = nullptr;
  bool add = false;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const int c = grid.channel_of(block.index_y(), thread);
      if (c < 0) return;
      const T centre = mean[c];
      const T slope = gamma == nullptr ? inv_std[c] : inv_std[c] * gamma[c];
      const T shift = beta == nullptr ? T(0) : beta[c];
      grid.each_row(
          block.index(), c, thread,
          [&](std::size_t i) {
            return Terms{x[i], add ? y[i] : T(0)};
          },
          [&](std::size_t i, const Terms& t) { y[i] = (t.x - centre) * slope + (shift + t.y); });
    });
  }

 private:
  struct Terms {
    T x;
    T y;
  };
};

/// @brief Sums of dy and of dy (x - mean) over each chunk: parts is (2, chunks, channels).
template <class T>
struct ChunkSums {
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {
    SumAndDot<T> value[threads];
  };
  ChannelGrid grid;
  const T* x = nullptr;  ///< null: only the sums of dy are wanted
  const T* dy = nullptr;
  const T* mean = nullptr;
  T* parts = nullptr;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
    const int chunk = block.index();
    const int tile = block.index_y();
    block.each([&](int thread) {
      const int channel = grid.channel_of(tile, thread);
      SumAndDot<T> sums;
      if (channel >= 0) {
        const T centre = x == nullptr ? T(0) : mean[channel];
        grid.each_row(
            chunk, channel, thread,
            [&](std::size_t i) {
              return Factors{dy[i], x == nullptr ? T(0) : x[i]};
            },
            [&](std::size_t, const Factors& f) {
              sums += {f.dy, f.dy * (f.x - centre)};
            });
      }
      shared.value[thread] = sums;
    });
    sum_lines(block, shared.value, grid.width, grid.lines);
    block.each_alone([&](int thread) {
      const int channel = grid.channel_of(tile, thread);
      if (thread >= grid.width || channel < 0) return;
      const std::size_t at = wide(chunk) * wide(grid.channels) + wide(channel);
      parts[at] = shared.value[thread].sum;
      parts[wide(grid.chunks()) * wide(grid.channels) + at] = shared.value[thread].dot;
    });
  }

 private:
  struct Factors {
    T dy;
    T x;
  };
};

/// @brief Combines the chunks of ChunkSums: adds to dgamma and dbeta, and leaves in `line` the
/// (3, channels) factors of dx = line0 dy + line1 x + line2.
template <class T>
struct FinishSums {
  static constexpr int threads = FinishGrid::threads;
  static constexpr int width = FinishGrid::width;
  struct Shared {
    SumAndDot<double> value[threads];
  };
  ChannelGrid grid;
  const T* parts = nullptr;
  const T* mean = nullptr;
  const T* inv_std = nullptr;
  const T* gamma = nullptr;
  T* dgamma = nullptr;  ///< null: not wanted
  T* dbeta = nullptr;   ///< null: not wanted
  T* line = nullptr;    ///< null: not wanted
  bool fixed = false;   ///< mean and inv_std are constants

  [[nodiscard]] Grid launch_grid() const { return FinishGrid::blocks(grid.channels); }

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
    const int first = block.index() * width;
    block.each([&](int thread) {
      const int c = first + thread % width;
      SumAndDot<double> sums;
      if (c < grid.channels) {
        FinishGrid::each_chunk(
            grid.chunks(), thread,
            [&](int k) {
              return SumAndDot<T>{parts[at(k, c)], parts[at(grid.chunks() + k, c)]};
            },
            [&](int, const SumAndDot<T>& s) {
              sums += {static_cast<double>(s.sum), static_cast<double>(s.dot)};
            });
      }
      shared.value[thread] = sums;
    });
    sum_lines(block, shared.value, width, FinishGrid::lines);
    block.each_alone([&](int thread) {
      const int c = first + thread;
      if (thread < width && c < grid.channels) write(c, shared.value[thread]);
    });
  }

 private:
  TEPUI_HOST_DEVICE std::size_t at(int chunk, int channel) const {
    return wide(chunk) * wide(grid.channels) + wide(channel);
  }
  TEPUI_HOST_DEVICE void write(int c, const SumAndDot<double>& of) const {
    const double scale = inv_std == nullptr ? 1.0 : static_cast<double>(inv_std[c]);
    if (dgamma != nullptr) dgamma[c] += static_cast<T>(of.dot * scale);
    if (dbeta != nullptr) dbeta[c] += static_cast<T>(of.sum);
    if (line == nullptr) return;
    const double slope = scale * (gamma == nullptr ? 1.0 : static_cast<double>(gamma[c]));
    const double rows = static_cast<double>(grid.rows);
    const double by_x = fixed ? 0.0 : -slope * scale * scale * of.dot / rows;
    line[c] = static_cast<T>(slope);
    line[grid.channels + c] = static_cast<T>(by_x);
    line[2 * grid.channels + c] =
        static_cast<T>(fixed ? 0.0 : -slope * of.sum / rows - by_x * static_cast<double>(mean[c]));
  }
};

/// @brief dx = line0 dy + line1 x + line2, channel by channel; dx may be dy.
template <class T>
struct NormGradient {
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {};
  ChannelGrid grid;
  const T* x = nullptr;
  const T* dy = nullptr;
  const T* line = nullptr;
  T* dx = nullptr;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const int c = grid.channel_of(block.index_y(), thread);
      if (c < 0) return;
      const T by_dy = line[c];
      const T by_x = line[grid.channels + c];
      const T shift = line[2 * grid.channels + c];
      grid.each_row(
          block.index(), c, thread,
          [&](std::size_t i) {
            return Factors{dy[i], x[i]};
          },
          [&](std::size_t i, const Factors& f) { dx[i] = by_dy * f.dy + by_x * f.x + shift; });
    });
  }

 private:
  struct Factors {
    T dy;
    T x;
  };
};

}  // namespace tepui::backend::cuda
