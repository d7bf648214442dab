#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "tepui/core/shape.hpp"
#include "tepui/data/dataset.hpp"

namespace tepui::data {

/// @brief Images of 1 / Factor of the height and width: each pixel is the mean of a square.
///
/// Means are rounded to the nearest of 0..255, halves upwards.
/// @tparam Factor >= 1, divides height and width
/// @source P. Chrabaszcz et al., A Downsampled Variant of ImageNet, 2017 ("box")
template <int Factor, Shape S>
[[nodiscard]] auto shrink(const Images<S>& images) {
  static_assert(Factor >= 1 && S.height % Factor == 0 && S.width % Factor == 0,
                "shrink: the factor must divide the height and the width of the images");
  constexpr Shape reduced{S.channels, S.height / Factor, S.width / Factor};
  constexpr auto channels = static_cast<std::size_t>(S.channels);
  constexpr std::uint32_t squares = Factor * Factor;
  Images<reduced> out;
  out.labels = images.labels;
  out.pixels.reserve(images.size() * reduced.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto image = images.image(i);
    for (std::size_t y = 0; y < S.height; y += Factor) {
      for (std::size_t x = 0; x < S.width; x += Factor) {
        for (std::size_t c = 0; c < channels; ++c) {
          std::uint32_t sum = squares / 2;
          for (std::size_t v = y; v < y + Factor; ++v) {
            for (std::size_t u = x; u < x + Factor; ++u) {
              sum += image[(v * S.width + u) * channels + c];
            }
          }
          out.pixels.push_back(static_cast<std::uint8_t>(sum / squares));
        }
      }
    }
  }
  return out;
}

/// @brief The same for a whole data set.
template <int Factor, Shape S, int Classes>
[[nodiscard]] auto shrink(const Dataset<S, Classes>& data) {
  auto train = shrink<Factor>(data.train);
  Dataset<decltype(train)::shape, Classes> out;
  out.name = data.name + "/" + std::to_string(Factor);
  out.train = std::move(train);
  out.test = shrink<Factor>(data.test);
  out.class_names = data.class_names;
  return out;
}

}  // namespace tepui::data
