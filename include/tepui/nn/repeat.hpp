#pragma once

#include <algorithm>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/depth.hpp"
#include "tepui/nn/explain.hpp"
#include "tepui/nn/layer.hpp"
#include "tepui/nn/peak.hpp"

namespace tepui::nn {

/// @brief The same layer Times over, each with weights of its own; it must keep its shape.
template <int Times, class L>
struct Repeat : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static_assert(Times > 0, "Repeat: at least one repetition is needed");
  static_assert(Layer<L>, "Repeat: the repeated part must be a layer; see nn/layer.hpp");

  using Children = types<L>;
  template <class New>
  using WithChildren = Repeat<Times, New>;

  static constexpr auto times = static_cast<std::size_t>(Times);

  static constexpr Rule check(Shape in) {
    if (L::check(in) != Rule::fits) return Rule::an_inner_layer_refuses_its_input;
    return L::output(in) == in ? Rule::fits : Rule::repeated_layer_must_keep_its_shape;
  }
  template <Shape In>
  static constexpr auto explain() {
    return explain_layer<L, In, 0>();
  }
  static constexpr std::size_t parameters(Shape in) { return times * L::parameters(in); }
  static constexpr std::size_t buffers(Shape in) { return times * L::buffers(in); }
  static constexpr Extent saved(Shape in) {
    Extent sum = L::saved(in);
    for (int i = 1; i < Times; ++i) sum = sum + Extent{in.size(), 0} + L::saved(in);
    return sum;
  }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return gradient(In) + gradient(In) + L::template scratch<In, Backend>();
  }
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    const Cost one = L::cost(in, query);
    return {Times * one.params, Times * one.macs, Times * one.activations};
  }
  template <Shape In>
  static constexpr std::size_t peak(const std::uint8_t* choices, bool keeps_input) {
    const std::size_t first = peak_of<L, In>(choices, keeps_input);
    if (Times == 1 || !keeps_input) return first;
    return std::max(first, In.size() + peak_of<L, In>(choices, false));
  }
  template <Shape In>
  static constexpr int depth(const std::uint8_t* choices) {
    return Times * depth_of<L, In>(choices);
  }
  static void describe(Shape in, Description& d) {
    for (std::size_t i = 0; i < times; ++i) d.scope("", i, [&] { L::describe(in, d); });
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    constexpr Extent saved = L::saved(In);
    constexpr std::size_t parameters = L::parameters(In);
    constexpr std::size_t buffers = L::buffers(In);
    T* const last = at.y;
    for (int i = 0; i < Times; ++i) {
      T* const behind = at.saved + saved.at(pass.batch);
      at.y = i + 1 == Times ? last : behind;
      L::template forward<In>(pass, at);
      at.x = at.y;
      at.saved = behind + Extent{In.size(), 0}.at(pass.batch);
      at.parameters += parameters;
      at.buffers += buffers;
    }
  }

  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    constexpr Extent saved = L::saved(In);
    constexpr std::size_t parameters = L::parameters(In);
    const std::size_t own = saved.at(pass.batch);
    const std::size_t stride = own + Extent{In.size(), 0}.at(pass.batch);
    T* spare = at.scratch;
    T* other = spare + gradient(In).at(pass.batch);
    T* const rest = other + gradient(In).at(pass.batch);
    const T* dy = at.dy;
    for (std::size_t i = times; i-- > 0;) {
      T* const dx = i == 0 ? at.dx : spare;
      L::template backward<In>(
          pass, Backward<T>{.x = i == 0 ? at.x : at.saved + i * stride - (stride - own),
                            .dy = dy,
                            .dx = dx,
                            .parameters = at.parameters + i * parameters,
                            .gradient = at.gradient + i * parameters,
                            .saved = at.saved + i * stride,
                            .scratch = rest});
      dy = dx;
      std::swap(spare, other);
    }
  }

 private:
  static constexpr Extent gradient(Shape in) { return Times > 1 ? Extent{in.size(), 0} : Extent{}; }
};

}  // namespace tepui::nn
