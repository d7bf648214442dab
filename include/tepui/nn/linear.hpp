#pragma once

#include "tepui/nn/layer.hpp"

namespace tepui::nn {

/// @brief Affine map of the flattened input: y = x W + b.
///
/// Input (N, H, W, C) is read as (N, H W C); output (N, 1, 1, Outputs); weight (H W C, Outputs).
template <int Outputs, bool Bias = true>
struct Linear : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static_assert(Outputs > 0, "Linear: at least one output is needed");

  static constexpr Rule check(Shape in) {
    return in.size() > 0 ? Rule::fits : Rule::input_must_have_positive_size;
  }
  static constexpr Shape output(Shape) { return {Outputs, 1, 1}; }
  static constexpr std::size_t parameters(Shape in) {
    return in.size() * Outputs + (Bias ? Outputs : 0);
  }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return Backend::template linear_scratch<static_cast<int>(In.size()), Outputs>();
  }
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    const auto inputs = static_cast<std::int64_t>(in.size());
    std::int64_t macs = inputs * Outputs;
    if (query.rule == cost::Rule::f201 && Bias) macs += Outputs;
    if (query.rule == cost::Rule::thop) macs = (2 * inputs - 1) * Outputs;
    return {
        .params = static_cast<std::int64_t>(parameters(in)), .macs = macs, .activations = Outputs};
  }
  static void describe(Shape in, Description& d) {
    const int inputs = static_cast<int>(in.size());
    d.parameter("weight", ParameterKind::weight, {inputs, Outputs}, inputs);
    if (Bias) d.parameter("bias", ParameterKind::bias, {Outputs}, inputs);
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    constexpr int inputs = static_cast<int>(In.size());
    pass.backend.template linear_forward<inputs, Outputs>(
        pass.batch, at.x, at.parameters, Bias ? at.parameters + In.size() * Outputs : nullptr, at.y,
        at.scratch);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    constexpr int inputs = static_cast<int>(In.size());
    pass.backend.template linear_backward_weights<inputs, Outputs>(
        pass.batch, at.x, at.dy, at.gradient, Bias ? at.gradient + In.size() * Outputs : nullptr,
        at.scratch);
    if (at.dx != nullptr) {
      pass.backend.template linear_backward_data<inputs, Outputs>(pass.batch, at.dy, at.parameters,
                                                                  at.dx, at.scratch);
    }
  }
};

}  // namespace tepui::nn
