#pragma once

#include <cmath>
#include <type_traits>

#include "tepui/core/device_function.hpp"

namespace tepui::flatness::detail {

/// @return weight + sigma * z, rounded in one way only, so that every compiler and device gives the
/// same bits: in float after the product, in double after the sum
template <class T>
[[nodiscard]] TEPUI_HOST_DEVICE T moved(T weight, double sigma, double z) {
  if constexpr (std::is_same_v<T, double>) {
    return std::fma(sigma, z, weight);
  } else {
    return weight + static_cast<T>(sigma * z);
  }
}

}  // namespace tepui::flatness::detail
