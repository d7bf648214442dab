#pragma once

#include <cmath>
#include <string>

#include "tepui/core/random.hpp"
#include "tepui/metric/metric.hpp"

namespace tepui::metric {

namespace detail {

/// A metric's value on the scale of an accuracy, turned so that larger is better.
template <class M>
double comparable(const M& metric, double value) {
  double turned = M::larger_is_better ? value : -value;
  if constexpr (requires { metric.comparable(value); }) {
    turned = M::larger_is_better ? metric.comparable(value) : -metric.comparable(value);
  } else if constexpr (requires { metric.beta(); }) {
    turned *= metric.beta();
  }
  return turned;
}

}  // namespace detail

/// @brief Two metrics as one number: u(First) + gamma u(Second).
///
/// u brings a metric that says how to the scale of an accuracy: an angle is divided by pi, GeNAS
/// flatness multiplied by 1 / sigma_1; an accuracy is on it already. Any other metric enters as it
/// is, and gamma must make up for its unit (FlatNas counts percentage points, Macs operations).
/// Larger sums are better, so a metric whose small values are good enters with a minus.
/// Parts: "first", "second" (both as they enter the sum) and "second_percent", the share of the
/// second in the sum; then the parts of both.
/// @source GeNAS, combined metrics (angle + flatness, accuracy + flatness)
template <class First, class Second>
struct WeightedSum {
  First first{};
  Second second{};
  double gamma = 16;  ///< weight of the second; 16 in GeNAS' commands

  static constexpr bool larger_is_better = true;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("first", self.first);
    visitor("second", self.second);
    visitor("gamma", self.gamma);
  }

  /// The sum of two values already measured.
  [[nodiscard]] Measurement combine(const Measurement& a, const Measurement& b) const {
    const double u = detail::comparable(first, a.value);
    const double v = gamma * detail::comparable(second, b.value);
    Measurement sum{.value = u + v,
                    .parts = {{"first", u}, {"second", v}, {"second_percent", 100 * v / (u + v)}}};
    const double scale_u = a.value != 0 ? std::abs(u / a.value) : 0.0;
    const double scale_v = b.value != 0 ? std::abs(v / b.value) : 0.0;
    const double error_u = std::isnan(a.standard_error) ? 0.0 : scale_u * a.standard_error;
    const double error_v = std::isnan(b.standard_error) ? 0.0 : scale_v * b.standard_error;
    if (!std::isnan(a.standard_error) || !std::isnan(b.standard_error)) {
      sum.standard_error = std::hypot(error_u, error_v);
    }
    for (const auto& [name, value] : a.parts) sum.parts.emplace_back("first." + name, value);
    for (const auto& [name, value] : b.parts) sum.parts.emplace_back("second." + name, value);
    return sum;
  }

  template <class Candidate>
  [[nodiscard]] Measurement measure(Candidate& candidate, random::Key key) const {
    return combine(first.measure(candidate, key), second.measure(candidate, key));
  }
};

}  // namespace tepui::metric
