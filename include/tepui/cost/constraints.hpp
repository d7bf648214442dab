#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tepui/cost/cost.hpp"

namespace tepui {

/// @brief Upper bounds on what an architecture may cost for one image; what is not set is free.
struct Constraints {
  std::optional<std::int64_t> max_params{};
  std::optional<std::int64_t> max_macs{};
  std::optional<std::int64_t> max_activations{};
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

  /// @return the bounds that do not hold, as "43154 params (max_params is 40000)"
  [[nodiscard]] std::string explain(Cost cost) const {
    std::string text;
    const auto add = [&](const char* what, std::int64_t value, std::optional<std::int64_t> bound) {
      if (overshoot(value, bound) == 0) return;
      if (!text.empty()) text += ", ";
      text.append(std::to_string(value)).append(" ").append(what);
      text.append(" (max_").append(what).append(" is ").append(std::to_string(*bound)).append(")");
    };
    add("params", cost.params, max_params);
    add("macs", cost.macs, max_macs);
    add("activations", cost.activations, max_activations);
    return text;
  }

 private:
  static constexpr double overshoot(std::int64_t value, std::optional<std::int64_t> bound) {
    if (!bound || value <= *bound) return 0;
    const double scale = *bound > 0 ? static_cast<double>(*bound) : 1.0;
    return static_cast<double>(value - *bound) / scale;
  }
};

}  // namespace tepui
