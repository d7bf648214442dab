#pragma once

#include <cmath>
#include <cstddef>

#include "tepui/core/device_function.hpp"

namespace tepui::optim::detail {

/// The terms of a squared L2 norm.
template <class T>
struct Squares {
  const T* x;
  template <class Part>
  TEPUI_HOST_DEVICE auto operator()(const Part&) const {
    return [x = x](std::size_t i) {
      const double v = static_cast<double>(x[i]);
      return v * v;
    };
  }
};
/// Terms whose sum is zero, or no number at all if one of the elements is not finite.
template <class T>
struct Zeros {
  const T* x;
  template <class Part>
  TEPUI_HOST_DEVICE auto operator()(const Part&) const {
    return [x = x](std::size_t i) { return 0.0 * static_cast<double>(x[i]); };
  }
};
/// Makes a vector of a known norm no longer than max_norm.
template <class T, class Value>
struct Clip {
  T* x;
  double max_norm;
  Value norm_squared;
  template <class Part>
  TEPUI_HOST_DEVICE auto operator()(const Part&) const {
    const double scale = max_norm / (std::sqrt(static_cast<double>(norm_squared)) + 1e-6);
    const T by = scale < 1 ? static_cast<T>(scale) : T(1);
    return [x = x, by](std::size_t i) { x[i] *= by; };
  }
};

}  // namespace tepui::optim::detail
