#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tepui {

/// @brief One architecture of a space: the option taken at each of its `Decisions` decision points.
///
/// Structural: the same value works at run time and as a template argument.
template <std::size_t Decisions>
struct Encoding {
  static constexpr std::size_t size() { return Decisions; }

  std::array<std::uint8_t, Decisions> choices{};

  constexpr std::uint8_t& operator[](std::size_t decision) { return choices[decision]; }
  constexpr std::uint8_t operator[](std::size_t decision) const { return choices[decision]; }
  [[nodiscard]] constexpr const std::uint8_t* data() const { return choices.data(); }
  constexpr auto begin() const { return choices.begin(); }
  constexpr auto end() const { return choices.end(); }
  friend constexpr auto operator<=>(const Encoding&, const Encoding&) = default;
};

/// @return the choices separated by dots, for example "3.3.1.0.2.4"
template <std::size_t Decisions>
[[nodiscard]] std::string to_string(const Encoding<Decisions>& encoding) {
  std::string text;
  for (std::size_t i = 0; i < Decisions; ++i) {
    if (i > 0) text += '.';
    text += std::to_string(encoding[i]);
  }
  return text;
}

}  // namespace tepui
