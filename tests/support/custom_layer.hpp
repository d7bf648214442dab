#pragma once

#include <cstddef>
#include <cstdint>

#include "tepui/nn/layer.hpp"

/// @file
/// A layer in a user's own file; docs/layers.md explains it.

namespace my {

/// Multiplies every channel by a number that is learnt: y = g_c x, g (C).
struct ChannelScale : tepui::nn::LayerDefaults {
  static constexpr std::size_t parameters(tepui::Shape in) {
    return static_cast<std::size_t>(in.channels);
  }
  static constexpr tepui::Cost cost(tepui::Shape in, const tepui::cost::Query&) {
    return {.params = in.channels, .macs = static_cast<std::int64_t>(in.size())};
  }
  static void describe(tepui::Shape in, tepui::nn::Description& d) {
    d.parameter("scale", tepui::ParameterKind::norm_weight, {in.channels}, 0);
  }

  template <tepui::Shape In, class Backend, class T>
  static void forward(tepui::nn::Pass<Backend>& pass, tepui::nn::Forward<T> at) {
    const std::size_t n = In.size() * static_cast<std::size_t>(pass.batch);
    for (std::size_t i = 0; i < n; ++i) at.y[i] = at.parameters[i % In.channels] * at.x[i];
  }
  template <tepui::Shape In, class Backend, class T>
  static void backward(tepui::nn::Pass<Backend>& pass, tepui::nn::Backward<T> at) {
    const std::size_t n = In.size() * static_cast<std::size_t>(pass.batch);
    for (std::size_t i = 0; i < n; ++i) {
      at.gradient[i % In.channels] += at.dy[i] * at.x[i];                          // added
      if (at.dx != nullptr) at.dx[i] = at.parameters[i % In.channels] * at.dy[i];  // overwritten
    }
  }
};

}  // namespace my
