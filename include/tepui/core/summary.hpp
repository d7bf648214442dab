#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "tepui/core/error.hpp"

/// @file
/// What is said about one number that was measured several times.

namespace tepui {

/// @brief Mean and deviation of one number over several runs.
struct Summary {
  std::size_t count = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();  ///< NaN without runs
  /// Between runs, with count - 1 in the denominator; NaN below two runs.
  double deviation = std::numeric_limits<double>::quiet_NaN();

  [[nodiscard]] static Summary of(const std::vector<double>& values) {
    Summary s{.count = values.size()};
    if (values.empty()) return s;
    double sum = 0;
    for (const double v : values) sum += v;
    s.mean = sum / static_cast<double>(values.size());
    if (values.size() < 2) return s;
    double squares = 0;
    for (const double v : values) squares += (v - s.mean) * (v - s.mean);
    s.deviation = std::sqrt(squares / static_cast<double>(values.size() - 1));
    return s;
  }
};

/// @brief The value below which a share `q` of the values lies, interpolated between the nearest
/// two.
/// @param sorted ascending, none of them NaN   @param q in [0, 1]; 0.5: the median
/// @return NaN without values
/// @throws SettingError if q is out of range
/// @source R. Hyndman, Y. Fan, Sample Quantiles in Statistical Packages, 1996, definition 7
[[nodiscard]] inline double quantile(std::span<const double> sorted, double q) {
  if (!(q >= 0 && q <= 1)) {
    throw SettingError("quantile: q is " + std::to_string(q) + ", but must lie in [0, 1]");
  }
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double share = place - static_cast<double>(below);
  return sorted[below] + share * (sorted[above] - sorted[below]);
}

}  // namespace tepui
