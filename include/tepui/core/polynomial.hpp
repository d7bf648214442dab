#pragma once

#include <cmath>
#include <concepts>

#include "tepui/core/device_function.hpp"

namespace tepui::reproducible {

/// @brief A polynomial by Horner's rule, one fused multiply-add for each coefficient after the
/// first.
///
/// IEEE 754 rounds a fused multiply-add once, so that nothing is left to the compiler: the value
/// has the same bits on every processor and GPU. Where the processor has no such instruction the C
/// library imitates it, which takes a hundred times longer.
///
/// @param highest coefficient of the highest power; the others follow down to the constant
template <std::same_as<double>... Coefficients>
[[nodiscard]] TEPUI_HOST_DEVICE double polynomial(double x, double highest, double next,
                                                  Coefficients... others) {
  double value = std::fma(highest, x, next);
  ((value = std::fma(value, x, others)), ...);
  return value;
}

}  // namespace tepui::reproducible
