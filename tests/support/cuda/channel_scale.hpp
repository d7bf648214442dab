#pragma once

#include <cstddef>

#include "support/cuda/channel_scale_functions.hpp"
#include "support/custom_layer.hpp"

/// @file
/// A layer in a user's own file that runs on every backend; docs/cuda.md explains it.

namespace my {

/// ChannelScale, computed by the backend.
struct DeviceChannelScale : ChannelScale {
  static constexpr bool runs_on_devices = true;

  template <tepui::Shape In, class Backend, class T>
  static void forward(tepui::nn::Pass<Backend>& pass, tepui::nn::Forward<T> at) {
    const auto samples = static_cast<std::size_t>(pass.batch);
    pass.backend.for_each(samples * In.size(),
                          ScaleChannels<T>{In.channels, at.parameters, at.x, at.y});
  }
  template <tepui::Shape In, class Backend, class T>
  static void backward(tepui::nn::Pass<Backend>& pass, tepui::nn::Backward<T> at) {
    const auto samples = static_cast<std::size_t>(pass.batch);
    const std::size_t pixels = samples * In.pixels();
    pass.backend.for_each(
        In.channels, AddScaleGradient<T>{In.channels, pixels, at.x, at.dy, at.gradient}, pixels);
    if (at.dx == nullptr) return;
    pass.backend.for_each(samples * In.size(),
                          ScaleChannels<T>{In.channels, at.parameters, at.dy, at.dx});
  }
};

}  // namespace my
