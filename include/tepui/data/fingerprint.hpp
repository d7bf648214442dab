#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tepui/core/hash.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/data/dataset.hpp"

namespace tepui::data {

/// @brief Hash of everything a network can see of a set of images: shape, pixels, labels, order.
template <Shape S>
[[nodiscard]] std::uint64_t fingerprint(const Images<S>& images) {
  Fnv1a hash;
  for (const int side : {S.channels, S.height, S.width}) {
    hash.add_number(static_cast<std::uint64_t>(side));
  }
  hash.add_number(images.size());
  hash.add_bytes(images.pixels);
  for (const std::uint16_t label : images.labels) {
    hash.add(static_cast<std::uint8_t>(label & 255u));
    hash.add(static_cast<std::uint8_t>(label >> 8));
  }
  return hash.value();
}

/// @brief Identifies the content of a data set in result files; names do not enter.
/// @return 16 hexadecimal digits
/// @complexity one pass, about a nanosecond a byte
template <Shape S, int Classes>
[[nodiscard]] std::string fingerprint(const Dataset<S, Classes>& data) {
  Fnv1a hash;
  hash.add_number(static_cast<std::uint64_t>(Classes));
  hash.add_number(fingerprint(data.train));
  hash.add_number(fingerprint(data.test));
  return hex_text(hash.value());
}

}  // namespace tepui::data
