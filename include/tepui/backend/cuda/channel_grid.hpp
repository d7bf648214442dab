#pragma once

#include <cstddef>
#include <limits>

#include "tepui/backend/cuda/block.hpp"

/// @file
/// How threads lie over (rows, channels), and what they do row by row.

namespace tepui::backend::cuda {

/// Calls use(i, read(i)) for i = first, first + step, ... below end. So many numbers are asked for
/// before the first of them is used: a thread that waits for each would spend its time waiting.
template <int AtOnce, class Index, class Read, class Use>
TEPUI_HOST_DEVICE void read_ahead(Index first, Index end, Index step, Read&& read, Use&& use) {
  Index i = first;
  for (; i + (AtOnce - 1) * step < end; i += AtOnce * step) {
    decltype(read(i)) value[AtOnce];
    TEPUI_UNROLL
    for (int k = 0; k < AtOnce; ++k) value[k] = read(i + static_cast<Index>(k) * step);
    TEPUI_UNROLL
    for (int k = 0; k < AtOnce; ++k) use(i + static_cast<Index>(k) * step, value[k]);
  }
  for (; i < end; i += step) use(i, read(i));
}

/// @brief Rows, one at least, are cut into chunks and channels into tiles, and a block takes a
/// chunk of a tile: its threads lie `width` side by side, lines below each other, and none ever
/// changes its channel.
struct ChannelGrid {
  static constexpr int threads = 256;
  static constexpr int most_width = 64;
  static constexpr int at_once = 8;        ///< rows that a thread reads ahead
  static constexpr int most_chunks = 512;  ///< where each leaves sums behind

  std::size_t rows = 0;
  int channels = 1;
  int width = 1;
  int lines = threads;
  int chunk_rows = threads * at_once;

  /// For sums over the rows of each channel.
  [[nodiscard]] static constexpr ChannelGrid of(std::size_t rows, int channels,
                                                int most = most_chunks) {
    return cut(rows, channels, at_once, most);
  }
  /// For what is done to every element: as many blocks as there is work for.
  /// @param each rows of a thread
  [[nodiscard]] static constexpr ChannelGrid of_elements(std::size_t rows, int channels,
                                                         int each = at_once) {
    return cut(rows, channels, each, std::numeric_limits<int>::max());
  }

  [[nodiscard]] TEPUI_HOST_DEVICE constexpr int tiles() const {
    return (channels + width - 1) / width;
  }
  [[nodiscard]] TEPUI_HOST_DEVICE constexpr int chunks() const {
    return static_cast<int>((rows + wide(chunk_rows) - 1) / wide(chunk_rows));
  }
  [[nodiscard]] constexpr Grid blocks() const { return {chunks(), tiles(), 1}; }
  /// For a grid of the pixels of a sample: the chunks of one sample after those of another.
  [[nodiscard]] constexpr Grid blocks_of_samples(int batch) const {
    return {batch * chunks(), tiles(), 1};
  }
  [[nodiscard]] TEPUI_HOST_DEVICE std::size_t elements() const { return rows * wide(channels); }

  [[nodiscard]] TEPUI_HOST_DEVICE std::size_t first_row(int chunk) const {
    return wide(chunk) * wide(chunk_rows);
  }
  [[nodiscard]] TEPUI_HOST_DEVICE int rows_of(int chunk) const {
    const std::size_t rest = rows - first_row(chunk);
    return rest < wide(chunk_rows) ? static_cast<int>(rest) : chunk_rows;
  }
  [[nodiscard]] TEPUI_HOST_DEVICE int line_of(int thread) const {
    return static_cast<int>(static_cast<unsigned>(thread) / static_cast<unsigned>(width));
  }
  [[nodiscard]] TEPUI_HOST_DEVICE int column_of(int thread) const {
    return thread - line_of(thread) * width;
  }
  /// The channel of a thread; negative: it has none.
  [[nodiscard]] TEPUI_HOST_DEVICE int channel_of(int tile, int thread) const {
    const int channel = tile * width + column_of(thread);
    return thread < lines * width && channel < channels ? channel : -1;
  }
  /// Calls use(i, read(i)) for the elements of a thread, i its place in (rows, channels).
  template <class Read, class Use>
  TEPUI_HOST_DEVICE void each_row(int chunk, int channel, int thread, Read&& read,
                                  Use&& use) const {
    const std::size_t first = first_row(chunk);
    const std::size_t end = first + wide(rows_of(chunk));
    read_ahead<at_once>((first + wide(line_of(thread))) * wide(channels) + wide(channel),
                        end * wide(channels), wide(lines) * wide(channels), read, use);
  }

 private:
  /// In chunks of `each` rows for every line, or of a multiple if there would be more than `most`.
  static constexpr ChannelGrid cut(std::size_t rows, int channels, int each, int most) {
    const int tiles = (channels + most_width - 1) / most_width;
    const int width = (channels + tiles - 1) / tiles;
    const int lines = threads / width;
    const std::size_t least = wide(lines * each);
    const std::size_t even = (rows + wide(most) - 1) / wide(most);
    return {rows, channels, width, lines, static_cast<int>((even + least - 1) / least * least)};
  }
};

/// Two sums that are made together.
template <class T>
struct SumAndDot {
  T sum = T(0);
  T dot = T(0);
  TEPUI_HOST_DEVICE SumAndDot& operator+=(const SumAndDot& other) {
    sum += other.sum;
    dot += other.dot;
    return *this;
  }
};

/// Adds up the `lines` values of each of `width` columns in shared memory, the same way every time;
/// the sums end in the first line.
template <class Block, class V>
TEPUI_HOST_DEVICE void sum_lines(Block& block, V* values, int width, int lines) {
  while (lines > 1) {
    const int half = (lines + 1) / 2;
    block.each([&](int thread) {
      if (thread < (lines - half) * width) values[thread] += values[thread + half * width];
    });
    lines = half;
  }
}

/// Sums of term(i) over the rows of a grid of one chunk, i the place in (rows, channels), for
/// write(channel, sum).
template <class Block, class T, class Term, class Write>
TEPUI_HOST_DEVICE void sum_over_rows(Block& block, T* values, const ChannelGrid& grid, Term&& term,
                                     Write&& write) {
  block.each([&](int thread) {
    const int channel = grid.channel_of(block.index_y(), thread);
    T sum = T(0);
    if (channel >= 0) {
      grid.each_row(0, channel, thread, term, [&](std::size_t, T value) { sum += value; });
    }
    values[thread] = sum;
  });
  sum_lines(block, values, grid.width, grid.lines);
  block.each_alone([&](int thread) {
    const int channel = grid.channel_of(block.index_y(), thread);
    if (thread < grid.width && channel >= 0) write(channel, values[thread]);
  });
}

}  // namespace tepui::backend::cuda
