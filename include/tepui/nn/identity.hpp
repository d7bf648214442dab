#pragma once

#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn {

/// @brief Output equals input.
struct Identity : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static constexpr bool in_place = true;

  static constexpr Flow flow(const std::uint8_t*) { return Flow::passes; }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    pass.backend.copy(In.size() * static_cast<std::size_t>(pass.batch), at.x, at.y);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    if (at.dx == nullptr) return;
    pass.backend.copy(In.size() * static_cast<std::size_t>(pass.batch), at.dy, at.dx);
  }
};

namespace detail {

template <>
struct EdgeOf<Identity> {
  using type = PassEdge;
};

}  // namespace detail
}  // namespace tepui::nn
