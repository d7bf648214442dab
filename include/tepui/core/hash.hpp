#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace tepui {

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

}  // namespace tepui
