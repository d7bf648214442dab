#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "tepui/core/error.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/data/normalize.hpp"

namespace tepui::data {

/// @brief Random changes of training images that keep their label.
///
/// In this order: zero padding and random crop back to the size of the image, horizontal flip with
/// probability 1/2 (both on pixel values, so that the padding is black), normalisation, cutout (on
/// normalised values, so that the hole is the mean colour).
/// @source T. DeVries, G. Taylor, Improved Regularization of Convolutional Neural Networks with
///         Cutout, 2017
struct Augment {
  int crop_padding = 0;  ///< pixels added on each side, >= 0; 0: no crop
  bool flip = false;     ///< horizontal flip
  int cutout = 0;        ///< side of the square hole, >= 0; 0: none. Its centre is uniform over the
                         ///< image, the hole is clipped at the border

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("crop_padding", self.crop_padding);
    visitor("flip", self.flip);
    visitor("cutout", self.cutout);
  }
  friend constexpr bool operator==(const Augment&, const Augment&) = default;
};

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

/// @brief The random choices for one image.
struct AugmentDraw {
  int shift_y = 0;  ///< output row y shows input row y + shift_y
  int shift_x = 0;
  bool flip = false;
  int hole_top = 0, hole_bottom = 0;  ///< rows [top, bottom), clipped; empty if equal
  int hole_left = 0, hole_right = 0;

  friend constexpr bool operator==(const AugmentDraw&, const AugmentDraw&) = default;
};

/// @brief The choices for the image at `position`: a pure function of its arguments.
[[nodiscard]] constexpr AugmentDraw draw_augment(const Augment& augment, Shape shape,
                                                 random::Key key, std::uint64_t position) {
  const auto words = random::block(key, position);
  const auto below = [](std::uint64_t bits, int n) {  // bias below n * 2^-32
    return static_cast<int>(bits * static_cast<std::uint64_t>(n) >> 32);
  };
  AugmentDraw draw;
  if (augment.crop_padding > 0) {
    const int span = 2 * augment.crop_padding + 1;
    draw.shift_y = below(words[0] >> 16 << 16 | words[3] >> 16, span) - augment.crop_padding;
    draw.shift_x = below(words[0] << 16 | (words[3] & 0xFFFFu), span) - augment.crop_padding;
  }
  if (augment.flip) draw.flip = (words[2] & 1u) != 0;
  if (augment.cutout > 0) {
    const int y = below(words[1], shape.height);
    const int x = below(words[2] & ~1u, shape.width);
    const auto clip = [](int v, int most) { return v < 0 ? 0 : v > most ? most : v; };
    draw.hole_top = clip(y - augment.cutout / 2, shape.height);
    draw.hole_bottom = clip(y - augment.cutout / 2 + augment.cutout, shape.height);
    draw.hole_left = clip(x - augment.cutout / 2, shape.width);
    draw.hole_right = clip(x - augment.cutout / 2 + augment.cutout, shape.width);
  }
  return draw;
}

/// @brief Writes one image, normalised and changed as drawn.
/// @param pixels (height, width, channels)
/// @param out    (height, width, channels)
template <class T, Shape S>
void write_sample(std::span<const std::uint8_t> pixels, const PixelTable<T, S.channels>& table,
                  const AugmentDraw& draw, T* out) {
  constexpr auto channels = static_cast<std::size_t>(S.channels);
  for (int y = 0; y < S.height; ++y) {
    const int from_y = y + draw.shift_y;
    const bool row_inside = from_y >= 0 && from_y < S.height;
    const bool hole_row = y >= draw.hole_top && y < draw.hole_bottom;
    for (int x = 0; x < S.width; ++x, out += channels) {
      if (hole_row && x >= draw.hole_left && x < draw.hole_right) {
        for (std::size_t c = 0; c < channels; ++c) out[c] = T{0};
        continue;
      }
      const int from_x = (draw.flip ? S.width - 1 - x : x) + draw.shift_x;
      if (row_inside && from_x >= 0 && from_x < S.width) {
        const auto* from =
            pixels.data() + static_cast<std::size_t>(from_y * S.width + from_x) * channels;
        for (std::size_t c = 0; c < channels; ++c) out[c] = table(c, from[c]);
      } else {
        for (std::size_t c = 0; c < channels; ++c) out[c] = table(c, 0);
      }
    }
  }
}

}  // namespace tepui::data
