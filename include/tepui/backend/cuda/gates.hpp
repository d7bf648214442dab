#pragma once

#include <cstddef>

#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/channel_grid.hpp"
#include "tepui/backend/cuda/elementwise.hpp"
#include "tepui/core/random.hpp"

namespace tepui::backend::cuda {

/// @brief y = x gate with a gate for each sample and channel: (N, pixels, C) by (N, C).
/// @source J. Hu et al., Squeeze-and-Excitation Networks, CVPR 2018, equation 4
template <class T>
struct ScaleChannels {
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {};
  ChannelGrid grid;  ///< of the pixels of a sample
  const T* x = nullptr;
  const T* gate = nullptr;
  T* y = nullptr;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const int c = grid.channel_of(block.index_y(), thread);
      if (c < 0) return;
      const int sample = block.index() / grid.chunks();
      const T factor = gate[wide(sample) * wide(grid.channels) + wide(c)];
      const std::size_t first = wide(sample) * grid.elements();
      grid.each_row(
          block.index() % grid.chunks(), c, thread, [&](std::size_t i) { return x[first + i]; },
          [&](std::size_t i, T value) { y[first + i] = value * factor; });
    });
  }
};

/// @brief Gradient by the gates: the sum of x dy over the pixels.
template <class T>
struct GateGradient {
  static constexpr int threads = ChannelGrid::threads;
  struct Shared {
    T value[threads];
  };
  ChannelGrid grid;  ///< of the pixels of a sample, in one chunk
  const T* x = nullptr;
  const T* dy = nullptr;
  T* dgate = nullptr;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
    const std::size_t first = wide(block.index()) * grid.elements();
    sum_over_rows(
        block, shared.value, grid, [&](std::size_t i) { return x[first + i] * dy[first + i]; },
        [&](int c, T sum) { dgate[wide(block.index()) * wide(grid.channels) + wide(c)] = sum; });
  }
};

/// @brief mask = 0 with probability `drop`, else 1 / (1 - drop); `group` neighbours share a draw,
/// and draw i is word i of the stream, as on the processor.
template <class T>
struct DropoutMask {
  static constexpr int threads = 256;
  struct Shared {};
  std::size_t n = 0;
  std::size_t group = 1;
  double drop = 0;
  random::Key key;
  T* mask = nullptr;
  int blocks = 1;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    const T kept = static_cast<T>(1.0 / (1.0 - drop));
    block.each_alone([&](int thread) {
      for_elements(block, blocks, threads, thread, n, [&](std::size_t i) {
        const std::size_t draw = i / group;
        const auto words = random::block(key, draw / 4);
        mask[i] = words[draw % 4] * 0x1p-32 < drop ? T(0) : kept;
      });
    });
  }
};

}  // namespace tepui::backend::cuda
