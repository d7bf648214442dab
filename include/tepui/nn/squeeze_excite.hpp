#pragma once

#include "tepui/nn/layer.hpp"

namespace tepui::nn {

/// @brief Scales every channel by a gate computed from the means of all channels.
///
/// gate = hard_sigmoid(W2 relu(W1 mean(x) + b1) + b2), W1 (C, Hidden), W2 (Hidden, C).
/// @tparam Hidden channels in between; MobileNetV3 takes C / 4 rounded to a multiple of 8
/// @source J. Hu et al., Squeeze-and-Excitation Networks, CVPR 2018; gate of MobileNetV3
template <int Hidden>
struct SqueezeExcite : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static_assert(Hidden > 0, "SqueezeExcite: at least one hidden channel is needed");

  static constexpr bool in_place = true;
  template <Shape In>
  static constexpr int depth(const std::uint8_t*) {
    return 2;
  }
  static constexpr std::size_t parameters(Shape in) {
    const auto c = static_cast<std::size_t>(in.channels);
    return 2 * c * Hidden + Hidden + c;
  }
  /// means (C), hidden before and after the rectifier (Hidden each), gate before and after (C each)
  static constexpr Extent saved(Shape in) {
    return {3 * static_cast<std::size_t>(in.channels) + 2 * Hidden, 0};
  }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    constexpr Extent gradients{3 * static_cast<std::size_t>(In.channels) + 2 * Hidden + In.size(),
                               0};
    return gradients + max_extent(Backend::template linear_scratch<In.channels, Hidden>(),
                                  Backend::template linear_scratch<Hidden, In.channels>());
  }
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    const std::int64_t c = in.channels;
    const std::int64_t bias = query.rule == cost::Rule::f201 ? Hidden + c : 0;
    return {.params = static_cast<std::int64_t>(parameters(in)),
            .macs = 2 * c * Hidden + bias,
            .activations = Hidden + c};
  }
  static void describe(Shape in, Description& d) {
    const int c = in.channels;
    d.parameter("reduce.weight", ParameterKind::weight, {c, Hidden}, c);
    d.parameter("reduce.bias", ParameterKind::bias, {Hidden}, c);
    d.parameter("expand.weight", ParameterKind::weight, {Hidden, c}, Hidden);
    d.parameter("expand.bias", ParameterKind::bias, {c}, Hidden);
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    const auto n = static_cast<std::size_t>(pass.batch);
    constexpr auto c = static_cast<std::size_t>(In.channels);
    const Parts<In, const T> w(at.parameters);
    const Kept<In, T> k(at.saved, n);
    pass.backend.template global_avg_pool_forward<In>(pass.batch, at.x, k.mean);
    pass.backend.template linear_forward<In.channels, Hidden>(pass.batch, k.mean, w.w1, w.b1,
                                                              k.hidden, at.scratch);
    pass.backend.relu_forward(n * Hidden, k.hidden, k.rectified);
    pass.backend.template linear_forward<Hidden, In.channels>(pass.batch, k.rectified, w.w2, w.b2,
                                                              k.raw_gate, at.scratch);
    pass.backend.hard_sigmoid_forward(n * c, k.raw_gate, k.gate);
    pass.backend.template scale_channels_forward<In>(pass.batch, at.x, k.gate, at.y);
  }

  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    const auto n = static_cast<std::size_t>(pass.batch);
    constexpr auto c = static_cast<std::size_t>(In.channels);
    const Parts<In, const T> w(at.parameters);
    const Parts<In, T> g(at.gradient);
    const Kept<In, T> k(at.saved, n);
    const Kept<In, T> d(at.scratch, n);  // the gradient of everything kept, in the same order
    T* through_mean = at.scratch + n * (3 * c + 2 * Hidden);
    T* rest = at.scratch + Extent{3 * c + 2 * Hidden + In.size(), 0}.at(pass.batch);
    T* dx = at.dx != nullptr ? at.dx : through_mean;

    pass.backend.template scale_channels_backward<In>(pass.batch, at.x, k.gate, at.dy, dx, d.gate);
    pass.backend.hard_sigmoid_backward(n * c, k.raw_gate, d.gate, d.raw_gate);
    pass.backend.template linear_backward_weights<Hidden, In.channels>(
        pass.batch, k.rectified, d.raw_gate, g.w2, g.b2, rest);
    pass.backend.template linear_backward_data<Hidden, In.channels>(pass.batch, d.raw_gate, w.w2,
                                                                    d.rectified, rest);
    pass.backend.relu_backward(n * Hidden, k.hidden, d.rectified, d.hidden);
    pass.backend.template linear_backward_weights<In.channels, Hidden>(pass.batch, k.mean, d.hidden,
                                                                       g.w1, g.b1, rest);
    if (at.dx == nullptr) return;
    pass.backend.template linear_backward_data<In.channels, Hidden>(pass.batch, d.hidden, w.w1,
                                                                    d.mean, rest);
    pass.backend.template global_avg_pool_backward<In>(pass.batch, d.mean, through_mean);
    pass.backend.add(n * In.size(), through_mean, at.dx);
  }

 private:
  template <Shape In, class T>
  struct Parts {
    explicit Parts(T* p)
        : w1(p),
          b1(w1 + static_cast<std::size_t>(In.channels) * Hidden),
          w2(b1 + Hidden),
          b2(w2 + static_cast<std::size_t>(In.channels) * Hidden) {}
    T* w1;
    T* b1;
    T* w2;
    T* b2;
  };
  template <Shape In, class T>
  struct Kept {
    Kept(T* p, std::size_t n)
        : mean(p),
          hidden(mean + n * static_cast<std::size_t>(In.channels)),
          rectified(hidden + n * Hidden),
          raw_gate(rectified + n * Hidden),
          gate(raw_gate + n * static_cast<std::size_t>(In.channels)) {}
    T* mean;
    T* hidden;
    T* rectified;
    T* raw_gate;
    T* gate;
  };
};

}  // namespace tepui::nn
