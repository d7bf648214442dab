#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <string>
#include <string_view>
#include <system_error>

/// @file
/// Numbers as text that gives back the same number, in every locale.

namespace tepui::io {

/// @return the shortest decimal text that reads back as `value`; "inf", "-inf", "nan" otherwise
template <std::floating_point T>
[[nodiscard]] std::string shortest(T value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 64> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

/// @brief Reads what `shortest` writes, and any other decimal number.
/// @return whether the whole text was one number, which then is in `value`
[[nodiscard]] inline bool parse_number(std::string_view text, double& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

}  // namespace tepui::io
