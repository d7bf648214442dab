#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tepui/core/types.hpp"
#include "tepui/nn/depth.hpp"
#include "tepui/nn/detail/branches.hpp"
#include "tepui/nn/explain.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/layer.hpp"
#include "tepui/nn/peak.hpp"

namespace tepui::nn {

/// @brief Sum of two branches over the same input: Main(x) + Shortcut(x).
template <class Main, class Shortcut = Identity>
struct Residual : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static_assert(Layer<Main> && Layer<Shortcut>,
                "Residual: both branches must be layers; see nn/layer.hpp");

  using Children = types<Main, Shortcut>;
  /// What runs it.
  using Trips = typename detail::BranchTrips<Main, Shortcut>::type;
  template <class... New>
  using WithChildren = Residual<New...>;

  static constexpr Rule check(Shape in) {
    if (Main::check(in) != Rule::fits || Shortcut::check(in) != Rule::fits) {
      return Rule::an_inner_layer_refuses_its_input;
    }
    return Main::output(in) == Shortcut::output(in) ? Rule::fits
                                                    : Rule::both_branches_must_give_the_same_shape;
  }
  template <Shape In>
  static constexpr auto explain() {
    if constexpr (Main::check(In) != Rule::fits) {
      return explain_layer<Main, In, 0>();
    } else {
      return explain_layer<Shortcut, In, 1>();
    }
  }
  static constexpr Shape output(Shape in) { return Main::output(in); }
  static constexpr std::size_t parameters(Shape in) {
    return Main::parameters(in) + Shortcut::parameters(in);
  }
  static constexpr std::size_t buffers(Shape in) {
    return Main::buffers(in) + Shortcut::buffers(in);
  }
  static constexpr Extent saved(Shape in) { return Trips::saved(in); }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return Trips::template scratch<In, Backend>();
  }
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    return Main::cost(in, query) + Shortcut::cost(in, query);
  }
  /// The main branch first, then the shortcut, which is added to it.
  template <Shape In>
  static constexpr std::size_t peak(const std::uint8_t* choices, bool keeps_input) {
    const Flow shortcut = Shortcut::flow(choices);
    const bool input_waits = keeps_input || shortcut != Flow::nothing;
    const std::size_t main = peak_of<Main, In>(choices, input_waits);
    if (shortcut == Flow::nothing) return main;
    const std::size_t beside = Main::output(In).size();
    if (shortcut == Flow::passes) return std::max(main, beside + In.size());
    return std::max(main, beside + peak_of<Shortcut, In>(choices, keeps_input));
  }
  template <Shape In>
  static constexpr int depth(const std::uint8_t* choices) {
    return std::max(depth_of<Main, In>(choices), depth_of<Shortcut, In>(choices));
  }
  static void describe(Shape in, Description& d) {
    d.scope("main", [&] { Main::describe(in, d); });
    d.scope("shortcut", [&] { Shortcut::describe(in, d); });
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    Trips::template forward<In>(pass, at);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    Trips::template backward<In>(pass, at);
  }
};

}  // namespace tepui::nn
