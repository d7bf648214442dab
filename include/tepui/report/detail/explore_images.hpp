#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include "tepui/core/error.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/data/cifar.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/data/glyphs.hpp"
#include "tepui/data/shrink.hpp"
#include "tepui/data/split.hpp"

namespace tepui::report::detail {

/// Whether CIFAR-10 can be shrunk to a shape.
[[nodiscard]] constexpr bool is_shrunken_cifar(Shape shape) {
  return shape.channels == 3 && shape.height == shape.width && 32 % shape.height == 0;
}

/// The hard answer whether there are images for a space; where it is no, callers go no further, so
/// that it stays the only message.
template <class S>
constexpr bool check_images() {
  constexpr bool ten = S::Network::output.size() == 10;
  static_assert(ten,
                "explore: this program's images have ten classes, the space's network has another "
                "number; give tepui_add_exploration SOURCES of your own");
  constexpr bool shape = data::is_glyph_shape(S::input) || is_shrunken_cifar(S::input);
  static_assert(shape,
                "explore: this program has no images of the shape that the space takes, neither "
                "drawn (1 or 3 channels, height and width 12 to 64) nor CIFAR-10 (3 channels, "
                "sides of 32, 16, 8, 4, 2 or 1); give tepui_add_exploration SOURCES of your own");
  return ten && shape;
}

/// Images of ten classes in the shape that a space takes.
/// @param source glyphs, or a directory with CIFAR-10
/// @param count  training images
/// @throws SettingError if the source has no such images
template <Shape S>
[[nodiscard]] data::Dataset<S, 10> images_for(const std::string& source, int count) {
  if (source == "glyphs") {
    if constexpr (data::is_glyph_shape(S)) {
      return data::glyphs<S>({.train = count, .test = std::max(10, count / 2)});
    } else {
      throw SettingError("--data: glyphs cannot be drawn as " + to_string(S) +
                         "; give a directory with CIFAR-10 (*.bin)");
    }
  }
  if constexpr (is_shrunken_cifar(S)) {
    auto data = data::shrink<32 / S.height>(data::cifar10(source));
    data.train = data::take_first(data.train, static_cast<std::size_t>(count));
    return data;
  } else {
    throw SettingError("--data: CIFAR-10 has images of 3x32x32, which cannot be made into " +
                       to_string(S) + "; give tepui_add_exploration SOURCES of your own");
  }
}

}  // namespace tepui::report::detail
