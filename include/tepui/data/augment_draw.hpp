#pragma once

#include <cstdint>

#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"

/// @file
/// Random changes of images as plain numbers and constant functions, which run on a GPU, too.

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

/// @return whether the hole covers a pixel of the changed image
[[nodiscard]] constexpr bool in_hole(const AugmentDraw& draw, int y, int x) {
  return y >= draw.hole_top && y < draw.hole_bottom && x >= draw.hole_left && x < draw.hole_right;
}

/// @return the pixel, y * width + x, that the changed image shows at row `y` and column `x` where
///         there is no hole; negative where it shows the black padding
[[nodiscard]] constexpr int source_of(const AugmentDraw& draw, Shape shape, int y, int x) {
  const int from_y = y + draw.shift_y;
  if (from_y < 0 || from_y >= shape.height) return -1;
  const int from_x = (draw.flip ? shape.width - 1 - x : x) + draw.shift_x;
  if (from_x < 0 || from_x >= shape.width) return -1;
  return from_y * shape.width + from_x;
}

}  // namespace tepui::data
