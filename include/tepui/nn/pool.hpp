#pragma once

#include <cstdint>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn {

namespace detail {

template <int Kernel, int Stride, int Padding, bool CountPadding>
struct Pool : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static_assert(Kernel > 0 && Stride > 0 && Padding >= 0 && 2 * Padding <= Kernel,
                "pooling: kernel and stride must be at least 1, padding at most half the kernel");

  static constexpr backend::PoolGeometry geometry(Shape in) {
    return {.in = in,
            .kernel = Kernel,
            .stride = Stride,
            .padding = Padding,
            .count_padding = CountPadding};
  }
  static constexpr Rule check(Shape in) {
    if (in.channels <= 0 || in.height <= 0 || in.width <= 0) {
      return Rule::input_must_have_positive_size;
    }
    return Kernel > in.height + 2 * Padding || Kernel > in.width + 2 * Padding
               ? Rule::kernel_is_larger_than_the_padded_input
               : Rule::fits;
  }
  static constexpr Shape output(Shape in) { return geometry(in).out(); }
  static void describe(Shape in, Description& d) {
    // What weight-angle metrics read a pooling window as: one uniform depthwise kernel a channel.
    d.constant(static_cast<std::size_t>(Kernel * Kernel * in.channels), 1.0 / (Kernel * Kernel));
  }
};

}  // namespace detail

/// @brief Maximum over a window; padding never wins; ties give the gradient to the first maximum.
template <int Kernel, int Stride = Kernel, int Padding = 0>
struct MaxPool : detail::Pool<Kernel, Stride, Padding, false> {
  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    pass.backend.template max_pool_forward<MaxPool::geometry(In)>(pass.batch, at.x, at.y);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    if (at.dx == nullptr) return;
    pass.backend.template max_pool_backward<MaxPool::geometry(In)>(pass.batch, at.x, at.dy, at.dx);
  }
};

/// @brief Mean over a window.
/// @tparam CountPadding true: padding counts as zeros and the divisor is always Kernel^2;
///         false: the divisor is the number of real pixels in the window
template <int Kernel, int Stride = Kernel, int Padding = 0, bool CountPadding = false>
struct AvgPool : detail::Pool<Kernel, Stride, Padding, CountPadding> {
  static constexpr bool adds(const std::uint8_t* /*choices*/) { return true; }
  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    pass.backend.template avg_pool_forward<AvgPool::geometry(In)>(pass.batch, at.x, at.y, at.add);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    if (at.dx == nullptr) return;
    pass.backend.template avg_pool_backward<AvgPool::geometry(In)>(pass.batch, at.dy, at.dx,
                                                                   at.add);
  }
};

/// @brief Mean over all pixels of each channel: (N, H, W, C) to (N, 1, 1, C).
struct GlobalAvgPool : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static constexpr Rule check(Shape in) {
    return in.size() > 0 ? Rule::fits : Rule::input_must_have_positive_size;
  }
  static constexpr Shape output(Shape in) { return {in.channels, 1, 1}; }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    pass.backend.template global_avg_pool_forward<In>(pass.batch, at.x, at.y);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    if (at.dx == nullptr) return;
    pass.backend.template global_avg_pool_backward<In>(pass.batch, at.dy, at.dx);
  }
};

namespace detail {

template <int Kernel, int Stride, int Padding, bool CountPadding>
struct EdgeOf<AvgPool<Kernel, Stride, Padding, CountPadding>> {
  using type = AvgPoolEdge<AvgPool<Kernel, Stride, Padding, CountPadding>>;
};

}  // namespace detail
}  // namespace tepui::nn
