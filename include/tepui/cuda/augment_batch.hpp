#pragma once

#include <cstddef>
#include <cstdint>

#include "tepui/backend/cuda/block.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/data/augment_draw.hpp"

namespace tepui::cuda {

/// @brief What differs from one batch to the next of equal size.
///
/// It lies in memory of the device, not in the kernel's arguments: a recorded CUDA graph keeps the
/// arguments it was recorded with, so that a replay takes its batch from new values here.
struct BatchPlace {
  random::Key key{};        ///< of the changes of this epoch's images
  std::uint64_t first = 0;  ///< place of the batch's first sample in the order of the epoch
};

/// @brief A batch of changed and normalised images from a data set that lies on the device.
///
/// The same bits as data::write_sample gives for the changes that are drawn for the sample's place
/// in the order of the epoch. A column of blocks takes one sample; a thread draws the sample's
/// changes once for all its elements, and neighbouring threads take neighbouring elements.
template <class T>
struct AugmentBatch {
  static constexpr int threads = 256;
  /// Of a thread: few, since each waits for memory, but enough that the draw is shared.
  static constexpr int elements = 4;
  struct Shared {};

  data::Augment augment{};
  Shape shape;
  int batch = 1;
  const BatchPlace* place = nullptr;
  const std::uint32_t* order = nullptr;   ///< of the epoch: which image each sample is
  const std::uint8_t* pixels = nullptr;   ///< (images, height, width, channels)
  const std::uint16_t* labels = nullptr;  ///< (images)
  const T* table = nullptr;               ///< (channels, 256), the values of data::PixelTable
  T* out = nullptr;                       ///< (batch, height, width, channels)
  std::uint16_t* out_labels = nullptr;    ///< (batch)

  [[nodiscard]] backend::cuda::Grid grid() const {
    constexpr std::size_t tile = static_cast<std::size_t>(threads) * elements;
    return {batch, static_cast<int>((shape.size() + tile - 1) / tile), 1};
  }

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared&) const {
    block.each_alone([&](int thread) {
      const auto sample = static_cast<std::size_t>(block.index());
      const std::uint64_t position = place->first + sample;
      const std::size_t image = order[position];
      if (block.index_y() == 0 && thread == 0) out_labels[sample] = labels[image];
      const auto draw = draw_augment(augment, shape, place->key, position);
      const std::size_t size = shape.size();
      const std::uint8_t* const from = pixels + image * size;
      T* const to = out + sample * size;
      const int end = static_cast<int>(size);
      const int first = block.index_y() * threads * elements + thread;
      for (int k = 0; k < elements; ++k) {
        const int i = first + k * threads;
        if (i < end) to[i] = of(draw, from, i);
      }
    });
  }

 private:
  TEPUI_HOST_DEVICE T of(const data::AugmentDraw& draw, const std::uint8_t* from, int i) const {
    const int c = i % shape.channels;
    const int y = i / shape.channels / shape.width;
    const int x = i / shape.channels % shape.width;
    if (in_hole(draw, y, x)) return T(0);
    const int source = source_of(draw, shape, y, x);
    return table[c * 256 + (source < 0 ? 0 : from[source * shape.channels + c])];
  }
};

}  // namespace tepui::cuda
