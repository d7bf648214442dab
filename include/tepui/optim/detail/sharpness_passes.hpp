#pragma once

#include <cmath>
#include <cstddef>

#include "tepui/core/device_function.hpp"
#include "tepui/core/parameter_kind.hpp"

/// @file
/// What sharpness-aware steps do to vectors. A metric gives t, the size that the radius has for one
/// weight: metric(part, w).

namespace tepui::optim::detail {

/// Sam: the same for every weight.
struct UnitMetric {
  template <class Part, class T>
  TEPUI_HOST_DEVICE T operator()(const Part&, T) const {
    return T(1);
  }
};
/// Adaptive Sam: |w|.
struct AbsoluteMetric {
  template <class Part, class T>
  TEPUI_HOST_DEVICE T operator()(const Part&, T w) const {
    return std::abs(w);
  }
};
/// Asam: |w| + eta on weights and scales, 1 on biases and shifts.
struct OffsetMetric {
  double eta;
  template <class Part, class T>
  TEPUI_HOST_DEVICE T operator()(const Part& tensor, T w) const {
    const bool scaled =
        tensor.kind == ParameterKind::weight || tensor.kind == ParameterKind::norm_weight;
    return scaled ? std::abs(w) + static_cast<T>(eta) : T(1);
  }
};

/// The terms of |t g|^2.
template <class T, class Metric>
struct AscentSquares {
  const T* w;
  const T* g;
  Metric metric;
  template <class Part>
  TEPUI_HOST_DEVICE auto operator()(const Part& part) const {
    return [w = w, g = g, metric = metric, &part](std::size_t i) {
      const double v = static_cast<double>(metric(part, w[i])) * static_cast<double>(g[i]);
      return v * v;
    };
  }
};
/// w += rho t^2 g / (|t g| + tiny), the weights before that kept.
template <class T, class Metric, class Value>
struct Ascend {
  T* w;
  T* kept;
  const T* g;
  Metric metric;
  double rho;
  double tiny;
  Value norm_squared;
  template <class Part>
  TEPUI_HOST_DEVICE auto operator()(const Part& part) const {
    const T scale = static_cast<T>(rho / (std::sqrt(static_cast<double>(norm_squared)) + tiny));
    return [w = w, kept = kept, g = g, metric = metric, scale, &part](std::size_t i) {
      kept[i] = w[i];
      const T t = metric(part, w[i]);
      w[i] += t * t * g[i] * scale;
    };
  }
};
/// y = x
template <class T>
struct Copy {
  const T* x;
  T* y;
  template <class Part>
  TEPUI_HOST_DEVICE auto operator()(const Part&) const {
    return [x = x, y = y](std::size_t i) { y[i] = x[i]; };
  }
};

}  // namespace tepui::optim::detail
