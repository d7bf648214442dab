#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

/// @file
/// Numbers as people read them.

namespace tepui::report {

/// @return `value` with `decimals` digits behind the point; "nan", "inf" and "-inf" otherwise
[[nodiscard]] inline std::string fixed(double value, int decimals) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  std::string result(text.data());
  // the locale of the program may write a comma
  for (char& c : result) c = c == ',' ? '.' : c;
  if (result.find_first_not_of("-0.") == std::string::npos && result[0] == '-') result.erase(0, 1);
  return result;
}

/// @brief A count with at most three significant digits and K, M, G or T: 999, 1.53M, 40.2K, 7G.
[[nodiscard]] inline std::string count(std::int64_t value) {
  const bool negative = value < 0;
  double size = std::abs(static_cast<double>(value));
  if (size < 1000) return std::to_string(value);
  constexpr std::string_view suffixes = " KMGTPE";
  std::size_t suffix = 0;
  // 999.5 would be written as 1000
  while (size >= 999.5 && suffix + 1 < suffixes.size()) {
    size /= 1000;
    ++suffix;
  }
  std::string text = fixed(size, size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return (negative ? "-" : "") + text + suffixes[suffix];
}

/// @brief A duration: "85 us", "12.3 ms", "4.21 s", "2m 05s", "3h 07m", "2d 04h".
/// @param seconds any number; negative ones get a sign, others than numbers are "?"
[[nodiscard]] inline std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return "?";
  if (seconds < 0) return duration(-seconds).insert(0, 1, '-');
  const auto digits = [](double v, const char* unit) {
    return fixed(v, v < 9.995 ? 2 : v < 99.95 ? 1 : 0) + " " + unit;
  };
  if (seconds == 0) return "0 s";
  if (seconds < 1e-3) return fixed(seconds * 1e6, 0) + " us";
  if (seconds < 0.9995) return digits(seconds * 1e3, "ms");
  if (seconds < 59.95) return digits(seconds, "s");
  const auto pair = [](double whole, const char* big, double part, const char* little) {
    const std::string rest = fixed(part, 0);
    return fixed(whole, 0) + big + " " + (rest.size() < 2 ? "0" : "") + rest + little;
  };
  const double s = std::round(seconds);
  if (s < 3600) return pair(std::floor(s / 60), "m", std::fmod(s, 60), "s");
  const double m = std::round(seconds / 60);
  if (m < 24 * 60) return pair(std::floor(m / 60), "h", std::fmod(m, 60), "m");
  const double h = std::round(seconds / 3600);
  return pair(std::floor(h / 24), "d", std::fmod(h, 24), "h");
}

/// @brief Digits behind the point at which `error` shows two significant digits.
/// @return 0..12; `without_error` where the error is zero or not a number
[[nodiscard]] inline int decimals_for(double error, int without_error = 4) {
  if (!std::isfinite(error) || error <= 0) return without_error;
  int decimals = 1 - static_cast<int>(std::floor(std::log10(error)));
  // 0.0999 rounds to 0.10, which has one digit less
  if (error >= 9.95 * std::pow(10.0, -decimals) * 10.0) --decimals;
  return decimals < 0 ? 0 : decimals > 12 ? 12 : decimals;
}

/// @brief Mean and standard error, both to the error's two leading digits: "93.124 +- 0.018".
/// @param error standard error, >= 0; zero or not a number (one run): the mean alone, 4 decimals
/// @param sign  between the two; ASCII, so that columns stay columns everywhere
[[nodiscard]] inline std::string mean_and_error(double mean, double error,
                                                std::string_view sign = " +- ") {
  const int decimals = decimals_for(error);
  if (!(error > 0) || !std::isfinite(error)) return fixed(mean, decimals);
  return fixed(mean, decimals) + std::string(sign) + fixed(error, decimals);
}

}  // namespace tepui::report
