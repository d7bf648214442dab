#pragma once

#include <cstddef>
#include <string>

namespace tepui {

/// @brief Shape of one image or feature map; the batch is a run-time count beside it.
///
/// Structural, so it is usable as a template argument: `Shape{3, 32, 32}`. In memory the channel
/// index runs fastest: a batch is (N, height, width, channels), contiguous.
struct Shape {
  int channels = 0;
  int height = 1;
  int width = 1;

  [[nodiscard]] constexpr int pixels() const { return height * width; }
  [[nodiscard]] constexpr std::size_t size() const {
    return static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) *
           static_cast<std::size_t>(width);
  }
  friend constexpr bool operator==(const Shape&, const Shape&) = default;
};

/// @return for example "3x32x32", in the order channels x height x width
[[nodiscard]] inline std::string to_string(Shape shape) {
  return std::to_string(shape.channels) + "x" + std::to_string(shape.height) + "x" +
         std::to_string(shape.width);
}

}  // namespace tepui
