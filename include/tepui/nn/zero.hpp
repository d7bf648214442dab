#pragma once

#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn {

/// @brief Zeros whatever comes in: the operation "none" of cell-based spaces.
/// @tparam Stride the output has ceil(H / Stride) rows and ceil(W / Stride) columns
template <int Stride = 1>
struct Zero : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static_assert(Stride > 0, "Zero: the stride must be at least 1");

  static constexpr Flow flow(const std::uint8_t*) { return Flow::nothing; }
  static constexpr Shape output(Shape in) {
    return {in.channels, (in.height + Stride - 1) / Stride, (in.width + Stride - 1) / Stride};
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    pass.backend.fill(output(In).size() * static_cast<std::size_t>(pass.batch), T{0}, at.y);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    if (at.dx == nullptr) return;
    pass.backend.fill(In.size() * static_cast<std::size_t>(pass.batch), T{0}, at.dx);
  }
};

namespace detail {

template <>
struct EdgeOf<Zero<1>> {
  using type = NothingEdge;
};

}  // namespace detail
}  // namespace tepui::nn
