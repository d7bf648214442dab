#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "tepui/core/shape.hpp"
#include "tepui/data/dataset.hpp"

namespace tepui::data {

/// @brief 64-bit FNV-1a hash, fed piece by piece. Tells accidents apart, not attacks.
/// @source G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake, The FNV Non-Cryptographic Hash Algorithm
class Fnv1a {
 public:
  constexpr void add(std::uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001B3ull; }
  /// Eight bytes, lowest first.
  constexpr void add_number(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) add(static_cast<std::uint8_t>(value >> shift));
  }
  constexpr void add_bytes(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) add(byte);
  }
  [[nodiscard]] constexpr std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0xCBF29CE484222325ull;
};

/// @return 16 hexadecimal digits
[[nodiscard]] inline std::string hex_text(std::uint64_t value) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15u];
  return text;
}

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
