#pragma once

#include <cmath>
#include <cstddef>

#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/elementwise.hpp"
#include "tepui/backend/running_statistics.hpp"

/// @file
/// Batch normalisation of (rows, channels): what is summed over the rows is summed in chunks, which
/// are cut by sizes alone and combined in order, so that the bits never change.
///
/// @source S. Ioffe, C. Szegedy, Batch Normalization, ICML 2015; T. Chan, G. Golub, R. LeVeque,
///         Algorithms for Computing the Sample Variance, 1983 (combination of means and squares)

namespace tepui::backend::cuda {

/// How threads lie over (rows, channels): `width` neighbours side by side, lines below each other.
struct ChannelGrid {
  static constexpr int threads = 256;
  static constexpr int most_chunks = 256;
  static constexpr std::size_t least_chunk = 512;  ///< rows

  std::size_t rows = 0;
  int channels = 1;
  int width = 32;  ///< power of two, at most 32
  std::size_t chunk_rows = least_chunk;

  [[nodiscard]] static constexpr ChannelGrid of(std::size_t rows, int channels) {
    int width = 1;
    while (width < channels && width < 32) width *= 2;
    const std::size_t even = (rows + most_chunks - 1) / most_chunks;
    return {rows, channels, width, even < least_chunk ? least_chunk : even};
  }
  [[nodiscard]] TEPUI_KERNEL constexpr int tiles() const { return (channels + width - 1) / width; }
  [[nodiscard]] TEPUI_KERNEL constexpr int chunks() const {
    return static_cast<int>((rows + chunk_rows - 1) / chunk_rows);
  }
  [[nodiscard]] TEPUI_KERNEL constexpr int lines() const { return threads / width; }
  [[nodiscard]] constexpr Grid chunk_grid() const { return {chunks(), tiles(), 1}; }
  [[nodiscard]] TEPUI_KERNEL std::size_t first_row(int chunk) const {
    return static_cast<std::size_t>(chunk) * chunk_rows;
  }
  [[nodiscard]] TEPUI_KERNEL std::size_t end_row(int chunk) const {
    const std::size_t end = first_row(chunk) + chunk_rows;
    return end < rows ? end : rows;
  }
};

/// Adds up `lines` numbers of each channel in shared memory, the same way every time; the sums end
/// in the first line.
template <class Block, class T>
TEPUI_KERNEL void sum_lines(Block& block, T* values, int width, int lines) {
  for (int half = lines / 2; half > 0; half /= 2) {
    block.each([&](int thread) {
      if (thread < half * width) values[thread] += values[thread + half * width];
    });
  }
}

/// @brief Mean and sum of squared deviations of each chunk: parts is (2, chunks, channels).
template <class T>
struct ChunkMoments {
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {
    T value[threads];
    T mean[32];
  };
  ChannelGrid grid;
  const T* x = nullptr;
  T* parts = nullptr;

  template <class Block>
  TEPUI_KERNEL void operator()(Block& block, Shared& shared) const {
    const int chunk = block.index();
    const int first = block.index_y() * grid.width;
    const auto count = static_cast<T>(grid.end_row(chunk) - grid.first_row(chunk));
    block.each([&](int thread) {
      shared.value[thread] = over_rows(thread, chunk, first, [](T v) { return v; });
    });
    sum_lines(block, shared.value, grid.width, grid.lines());
    block.each([&](int thread) {
      if (thread < grid.width) shared.mean[thread] = shared.value[thread] / count;
    });
    block.each([&](int thread) {
      const T mean = shared.mean[thread % grid.width];
      shared.value[thread] =
          over_rows(thread, chunk, first, [mean](T v) { return (v - mean) * (v - mean); });
    });
    sum_lines(block, shared.value, grid.width, grid.lines());
    block.each_alone([&](int thread) {
      const int channel = first + thread;
      if (thread >= grid.width || channel >= grid.channels) return;
      const std::size_t at = wide(chunk) * wide(grid.channels) + wide(channel);
      parts[at] = shared.mean[thread];
      parts[wide(grid.chunks()) * wide(grid.channels) + at] = shared.value[thread];
    });
  }

 private:
  template <class Term>
  TEPUI_KERNEL T over_rows(int thread, int chunk, int first, Term&& term) const {
    const int channel = first + thread % grid.width;
    if (channel >= grid.channels) return T(0);
    const std::size_t end = grid.end_row(chunk);
    T sum = T(0);
    for (std::size_t row = grid.first_row(chunk) + wide(thread / grid.width); row < end;
         row += wide(grid.lines())) {
      sum += term(x[row * wide(grid.channels) + wide(channel)]);
    }
    return sum;
  }
};

/// @brief Combines the chunks; a thread for each channel. Writes the mean and 1 / sqrt(variance +
/// epsilon), and moves the running statistics.
template <class T>
struct FinishMoments {
  static constexpr int threads = 32;
  struct Shared {};
  ChannelGrid grid;
  const T* parts = nullptr;
  T* mean = nullptr;
  T* inv_std = nullptr;
  T epsilon = T(0);
  RunningStatistics<T> running;

  [[nodiscard]] Grid launch_grid() const { return {(grid.channels + threads - 1) / threads, 1, 1}; }

  template <class Block>
  TEPUI_KERNEL void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const int c = block.index() * threads + thread;
      if (c >= grid.channels) return;
      const T* const means = parts + c;
      const T* const squares = means + wide(grid.chunks()) * wide(grid.channels);
      double sum = 0;
      for (int k = 0; k < grid.chunks(); ++k) {
        sum += rows_of(k) * static_cast<double>(means[at(k)]);
      }
      const double centre = sum / static_cast<double>(grid.rows);
      double total = 0;
      for (int k = 0; k < grid.chunks(); ++k) {
        const double d = static_cast<double>(means[at(k)]) - centre;
        total += static_cast<double>(squares[at(k)]) + rows_of(k) * d * d;
      }
      const T spread = static_cast<T>(total / static_cast<double>(grid.rows));
      mean[c] = static_cast<T>(centre);
      inv_std[c] = T(1) / std::sqrt(spread + epsilon);
      if (running.mean == nullptr) return;
      running.mean[c] = running.keep * running.mean[c] + running.take * static_cast<T>(centre);
      running.variance[c] =
          running.keep * running.variance[c] + running.take * running.unbiased * spread;
    });
  }

 private:
  TEPUI_KERNEL std::size_t at(int chunk) const {
    return wide(chunk) * wide(grid.channels);
  }
  TEPUI_KERNEL double rows_of(int chunk) const {
    return static_cast<double>(grid.end_row(chunk) - grid.first_row(chunk));
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
  TEPUI_KERNEL void operator()(Block& block, Shared&) const {
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
  TEPUI_KERNEL void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const int c = block.index() * threads + thread;
      if (c >= channels) return;
      const T factor = (gamma == nullptr ? T(1) : gamma[c]) /
                       std::sqrt(running_variance[c] + epsilon);
      scale[c] = factor;
      shift[c] = (beta == nullptr ? T(0) : beta[c]) - running_mean[c] * factor;
    });
  }
};

/// @brief y = or += (x - mean) inv_std gamma + beta; gamma null: 1, beta null: 0; y may be x.
template <class T>
struct Normalize {
  static constexpr int threads = 256;
  struct Shared {};
  std::size_t n = 0;
  int channels = 1;
  const T* x = nullptr;
  const T* mean = nullptr;
  const T* inv_std = nullptr;
  const T* gamma = nullptr;
  const T* beta = nullptr;
  T* y = nullptr;
  bool add = false;
  int blocks = 1;

  template <class Block>
  TEPUI_KERNEL void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      for_elements(block, blocks, threads, thread, n, [&](std::size_t i) {
        const auto c = static_cast<int>(i % static_cast<std::size_t>(channels));
        T value = (x[i] - mean[c]) * inv_std[c];
        if (gamma != nullptr) value *= gamma[c];
        if (beta != nullptr) value += beta[c];
        y[i] = add ? y[i] + value : value;
      });
    });
  }
};

/// @brief Sums of dy and of dy (x - mean) over each chunk: parts is (2, chunks, channels).
template <class T>
struct ChunkSums {
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {
    T sum[threads];
    T dot[threads];
  };
  ChannelGrid grid;
  const T* x = nullptr;  ///< null: only the sums of dy are wanted
  const T* dy = nullptr;
  const T* mean = nullptr;
  T* parts = nullptr;

  template <class Block>
  TEPUI_KERNEL void operator()(Block& block, Shared& shared) const {
    const int chunk = block.index();
    const int first = block.index_y() * grid.width;
    block.each([&](int thread) {
      const int channel = first + thread % grid.width;
      T sum = T(0);
      T dot = T(0);
      if (channel < grid.channels) {
        const std::size_t end = grid.end_row(chunk);
        const T centre = x == nullptr ? T(0) : mean[channel];
        for (std::size_t row = grid.first_row(chunk) + wide(thread / grid.width); row < end;
             row += wide(grid.lines())) {
          const std::size_t i = row * wide(grid.channels) + wide(channel);
          sum += dy[i];
          if (x != nullptr) dot += dy[i] * (x[i] - centre);
        }
      }
      shared.sum[thread] = sum;
      shared.dot[thread] = dot;
    });
    sum_lines(block, shared.sum, grid.width, grid.lines());
    sum_lines(block, shared.dot, grid.width, grid.lines());
    block.each_alone([&](int thread) {
      const int channel = first + thread;
      if (thread >= grid.width || channel >= grid.channels) return;
      const std::size_t at = wide(chunk) * wide(grid.channels) + wide(channel);
      parts[at] = shared.sum[thread];
      parts[wide(grid.chunks()) * wide(grid.channels) + at] = shared.dot[thread];
    });
  }
};

/// @brief Combines the chunks of ChunkSums: adds to dgamma and dbeta, and leaves in `line` the
/// (3, channels) factors of dx = line0 dy + line1 x + line2.
template <class T>
struct FinishSums {
  static constexpr int threads = 32;
  struct Shared {};
  ChannelGrid grid;
  const T* parts = nullptr;
  const T* mean = nullptr;
  const T* inv_std = nullptr;
  const T* gamma = nullptr;
  T* dgamma = nullptr;  ///< null: not wanted
  T* dbeta = nullptr;   ///< null: not wanted
  T* line = nullptr;    ///< null: not wanted
  bool fixed = false;   ///< mean and inv_std are constants

  [[nodiscard]] Grid launch_grid() const { return {(grid.channels + threads - 1) / threads, 1, 1}; }

  template <class Block>
  TEPUI_KERNEL void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const int c = block.index() * threads + thread;
      if (c >= grid.channels) return;
      double sum = 0;
      double dot = 0;
      for (int k = 0; k < grid.chunks(); ++k) {
        const std::size_t at = wide(k) * wide(grid.channels) + wide(c);
        sum += static_cast<double>(parts[at]);
        dot += static_cast<double>(
            parts[wide(grid.chunks()) * wide(grid.channels) + at]);
      }
      const double scale = inv_std == nullptr ? 1.0 : static_cast<double>(inv_std[c]);
      if (dgamma != nullptr) dgamma[c] += static_cast<T>(dot * scale);
      if (dbeta != nullptr) dbeta[c] += static_cast<T>(sum);
      if (line == nullptr) return;
      const double slope = scale * (gamma == nullptr ? 1.0 : static_cast<double>(gamma[c]));
      const double rows = static_cast<double>(grid.rows);
      const double by_x = fixed ? 0.0 : -slope * scale * scale * dot / rows;
      line[c] = static_cast<T>(slope);
      line[grid.channels + c] = static_cast<T>(by_x);
      line[2 * grid.channels + c] = static_cast<T>(
          fixed ? 0.0 : -slope * sum / rows - by_x * static_cast<double>(mean[c]));
    });
  }
};

/// @brief dx = line0 dy + line1 x + line2, channel by channel; dx may be dy.
template <class T>
struct NormGradient {
  static constexpr int threads = 256;
  struct Shared {};
  std::size_t n = 0;
  int channels = 1;
  const T* x = nullptr;
  const T* dy = nullptr;
  const T* line = nullptr;
  T* dx = nullptr;
  int blocks = 1;

  template <class Block>
  TEPUI_KERNEL void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      for_elements(block, blocks, threads, thread, n, [&](std::size_t i) {
        const auto c = static_cast<int>(i % static_cast<std::size_t>(channels));
        dx[i] = line[c] * dy[i] + line[channels + c] * x[i] + line[2 * channels + c];
      });
    });
  }
};

}  // namespace tepui::backend::cuda
