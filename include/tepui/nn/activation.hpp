#pragma once

#include "tepui/nn/layer.hpp"

namespace tepui::nn {

namespace detail {

template <class Shaped>
struct Elementwise : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static constexpr bool in_place = true;

  static constexpr Cost cost(Shape in, const cost::Query& query) {
    return {.macs = query.rule == cost::Rule::older && Shaped::counts_as_relu
                        ? static_cast<std::int64_t>(in.size())
                        : 0};
  }
};

}  // namespace detail

/// @brief max(x, 0); the derivative at 0 is taken as 0.
struct Relu : detail::Elementwise<Relu> {
  static constexpr bool counts_as_relu = true;

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    pass.backend.relu_forward(In.size() * static_cast<std::size_t>(pass.batch), at.x, at.y);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    if (at.dx == nullptr) return;
    pass.backend.relu_backward(In.size() * static_cast<std::size_t>(pass.batch), at.x, at.dy,
                               at.dx);
  }
};

/// @brief x * clamp(x + 3, 0, 6) / 6.
/// @source A. Howard et al., Searching for MobileNetV3, ICCV 2019
struct HardSwish : detail::Elementwise<HardSwish> {
  static constexpr bool counts_as_relu = false;

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    pass.backend.hard_swish_forward(In.size() * static_cast<std::size_t>(pass.batch), at.x, at.y);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    if (at.dx == nullptr) return;
    pass.backend.hard_swish_backward(In.size() * static_cast<std::size_t>(pass.batch), at.x, at.dy,
                                     at.dx);
  }
};

}  // namespace tepui::nn
