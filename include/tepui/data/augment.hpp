#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "tepui/core/error.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/data/augment_draw.hpp"
#include "tepui/data/normalize.hpp"

namespace tepui::data {

/// What published results were obtained with.
namespace augmentation {

/// No change at all.
[[nodiscard]] constexpr Augment none() { return {}; }
/// CIFAR in NAS-Bench-201 (for 16x16 images it pads by 2).
[[nodiscard]] constexpr Augment nas_bench_201(int image_height = 32) {
  return {image_height / 8, true, 0};
}
/// CIFAR retraining in DARTS and its successors.
[[nodiscard]] constexpr Augment darts() { return {4, true, 16}; }

}  // namespace augmentation

/// @throws SettingError if an option is negative, or the padding larger than the image
inline void check(const Augment& augment, Shape shape) {
  const int limit = shape.height < shape.width ? shape.height : shape.width;
  if (augment.crop_padding < 0 || augment.crop_padding > limit) {
    throw SettingError("augment: crop_padding is " + std::to_string(augment.crop_padding) +
                       ", but images of shape " + to_string(shape) + " allow 0 to " +
                       std::to_string(limit));
  }
  if (augment.cutout < 0) {
    throw SettingError("augment: cutout is " + std::to_string(augment.cutout) +
                       ", but the side of the hole cannot be negative (0: no cutout)");
  }
}

/// @brief Writes one image, normalised and changed as drawn.
/// @param pixels (height, width, channels)
/// @param out    (height, width, channels)
template <class T, Shape S>
void write_sample(std::span<const std::uint8_t> pixels, const PixelTable<T, S.channels>& table,
                  const AugmentDraw& draw, T* out) {
  constexpr auto channels = static_cast<std::size_t>(S.channels);
  for (int y = 0; y < S.height; ++y) {
    for (int x = 0; x < S.width; ++x, out += channels) {
      if (in_hole(draw, y, x)) {
        for (std::size_t c = 0; c < channels; ++c) out[c] = T{0};
        continue;
      }
      const int source = source_of(draw, S, y, x);
      if (source < 0) {
        for (std::size_t c = 0; c < channels; ++c) out[c] = table(c, 0);
      } else {
        const auto* from = pixels.data() + static_cast<std::size_t>(source) * channels;
        for (std::size_t c = 0; c < channels; ++c) out[c] = table(c, from[c]);
      }
    }
  }
}

}  // namespace tepui::data
