#pragma once

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn {

namespace detail {

/// What every convolution shares once its geometry on an input is known.
template <class Derived, bool Bias>
struct Convolution : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static constexpr Rule check(Shape in) {
    if (in.channels <= 0 || in.height <= 0 || in.width <= 0) {
      return Rule::input_must_have_positive_size;
    }
    const auto g = Derived::geometry(in);
    if (in.channels % g.groups != 0 || g.out_channels % g.groups != 0) {
      return Rule::channels_must_divide_by_groups;
    }
    if (g.extent() > in.height + 2 * g.padding || g.extent() > in.width + 2 * g.padding) {
      return Rule::kernel_is_larger_than_the_padded_input;
    }
    return Rule::fits;
  }
  static constexpr Shape output(Shape in) { return Derived::geometry(in).out(); }
  static constexpr std::size_t parameters(Shape in) {
    const auto g = Derived::geometry(in);
    return g.weights() + (Bias ? static_cast<std::size_t>(g.out_channels) : 0);
  }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return Backend::template conv2d_scratch<Derived::geometry(In)>();
  }
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    const auto g = Derived::geometry(in);
    const auto pixels = static_cast<std::int64_t>(g.out().pixels());
    const auto outputs = static_cast<std::int64_t>(g.out().size());
    const bool bias_counts = Bias && query.rule == cost::Rule::f201;
    return {.params = static_cast<std::int64_t>(parameters(in)),
            .macs = static_cast<std::int64_t>(g.weights()) * pixels + (bias_counts ? outputs : 0),
            .activations = outputs};
  }
  static void describe(Shape in, Description& d) {
    const auto g = Derived::geometry(in);
    const int fan_in = g.kernel * g.kernel * g.in_per_group();
    d.parameter("weight", ParameterKind::weight,
                {g.kernel, g.kernel, g.in_per_group(), g.out_channels}, fan_in);
    if (Bias) d.parameter("bias", ParameterKind::bias, {g.out_channels}, fan_in);
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    constexpr auto g = Derived::geometry(In);
    pass.backend.template conv2d_forward<g>(pass.batch, at.x, at.parameters,
                                            Bias ? at.parameters + g.weights() : nullptr, at.y,
                                            at.scratch);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    constexpr auto g = Derived::geometry(In);
    pass.backend.template conv2d_backward_weights<g>(pass.batch, at.x, at.dy, at.gradient,
                                                     Bias ? at.gradient + g.weights() : nullptr,
                                                     at.scratch);
    if (at.dx != nullptr) {
      pass.backend.template conv2d_backward_data<g>(pass.batch, at.dy, at.parameters, at.dx,
                                                    at.scratch);
    }
  }
};

}  // namespace detail

/// Padding that keeps height and width at stride 1 (odd kernels): dilation * (kernel - 1) / 2.
inline constexpr int same_padding = -1;

/// As many output channels as the input has.
inline constexpr int same_channels = -1;

/// @brief Two-dimensional convolution (cross-correlation), any stride, padding, dilation and
/// groups.
///
/// Input (N, H, W, Cin), output (N, Ho, Wo, OutChannels) with
/// Ho = floor((H + 2 Padding - Dilation (Kernel - 1) - 1) / Stride) + 1.
/// Weight (Kernel, Kernel, Cin / Groups, OutChannels); no bias unless asked for, as is usual before
/// a normalisation.
/// @tparam OutChannels same_channels: as many as the input has, whatever that is
template <int OutChannels, int Kernel, int Stride = 1, int Padding = same_padding, int Dilation = 1,
          int Groups = 1, bool Bias = false>
struct Conv2d
    : detail::Convolution<Conv2d<OutChannels, Kernel, Stride, Padding, Dilation, Groups, Bias>,
                          Bias> {
  static_assert((OutChannels > 0 || OutChannels == same_channels) && Kernel > 0 && Stride > 0 &&
                    Dilation > 0 && Groups > 0 && Padding >= same_padding,
                "Conv2d: channels, kernel, stride, dilation and groups must be at least 1, padding "
                "at least 0");

  static constexpr backend::ConvGeometry geometry(Shape in) {
    return {.in = in,
            .out_channels = OutChannels == same_channels ? in.channels : OutChannels,
            .kernel = Kernel,
            .stride = Stride,
            .padding = Padding == same_padding ? Dilation * (Kernel - 1) / 2 : Padding,
            .dilation = Dilation,
            .groups = Groups};
  }
};

/// @brief Convolution of every channel with its own kernel: as many groups and outputs as inputs.
template <int Kernel, int Stride = 1, int Padding = same_padding, int Dilation = 1,
          bool Bias = false>
struct DepthwiseConv2d
    : detail::Convolution<DepthwiseConv2d<Kernel, Stride, Padding, Dilation, Bias>, Bias> {
  static_assert(
      Kernel > 0 && Stride > 0 && Dilation > 0 && Padding >= same_padding,
      "DepthwiseConv2d: kernel, stride and dilation must be at least 1, padding at least 0");

  static constexpr backend::ConvGeometry geometry(Shape in) {
    return {.in = in,
            .out_channels = in.channels,
            .kernel = Kernel,
            .stride = Stride,
            .padding = Padding == same_padding ? Dilation * (Kernel - 1) / 2 : Padding,
            .dilation = Dilation,
            .groups = in.channels};
  }
};

}  // namespace tepui::nn
