#pragma once

#include <cstdint>
#include <limits>

#include "tepui/cost/cost.hpp"

namespace tepui {

/// @brief Upper bounds on what an architecture may cost for one image. All must hold.
struct Constraints {
  static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();

  std::int64_t max_params = none;
  std::int64_t max_macs = none;
  std::int64_t max_activations = none;
  cost::Rule rule = cost::Rule::f201;  ///< how MACs are counted

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("max_params", self.max_params);
    visitor("max_macs", self.max_macs);
    visitor("max_activations", self.max_activations);
    visitor("rule", self.rule);
  }

  /// @return 0 if every bound holds, otherwise the sum of the relative overshoots
  [[nodiscard]] constexpr double violation(Cost cost) const {
    return overshoot(cost.params, max_params) + overshoot(cost.macs, max_macs) +
           overshoot(cost.activations, max_activations);
  }

 private:
  static constexpr double overshoot(std::int64_t value, std::int64_t bound) {
    if (value <= bound) return 0;
    const double scale = bound > 0 ? static_cast<double>(bound) : 1.0;
    return static_cast<double>(value - bound) / scale;
  }
};

}  // namespace tepui
