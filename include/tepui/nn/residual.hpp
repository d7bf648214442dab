#pragma once

#include "tepui/core/types.hpp"
#include "tepui/nn/explain.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn {

/// @brief Sum of two branches over the same input: Main(x) + Shortcut(x).
template <class Main, class Shortcut = Identity>
struct Residual : LayerDefaults {
  static_assert(Layer<Main> && Layer<Shortcut>,
                "Residual: both branches must be layers; see nn/layer.hpp");

  using Children = types<Main, Shortcut>;
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
  static constexpr Extent saved(Shape in) { return Main::saved(in) + Shortcut::saved(in); }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return branch(In) + max_extent(Main::template scratch<In, Backend>(),
                                   Shortcut::template scratch<In, Backend>());
  }
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    return Main::cost(in, query) + Shortcut::cost(in, query);
  }
  static void describe(Shape in, Description& d) {
    d.scope("main", [&] { Main::describe(in, d); });
    d.scope("shortcut", [&] { Shortcut::describe(in, d); });
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    const std::size_t n = output(In).size() * static_cast<std::size_t>(pass.batch);
    T* const branch_output = at.scratch;
    at.scratch += branch(In).at(pass.batch);
    Main::template forward<In>(pass, at);
    const bool add = Shortcut::adds(pass.choices);
    switch (Shortcut::flow(pass.choices)) {
      case Flow::nothing:
        break;
      case Flow::passes:
        pass.backend.add(n, at.x, at.y);
        break;
      case Flow::general:
        Shortcut::template forward<In>(
            pass, Forward<T>{.x = at.x,
                             .y = add ? at.y : branch_output,
                             .parameters = at.parameters + Main::parameters(In),
                             .buffers = at.buffers + Main::buffers(In),
                             .saved = at.saved + Main::saved(In).at(pass.batch),
                             .scratch = at.scratch,
                             .add = add});
        if (!add) pass.backend.add(n, branch_output, at.y);
    }
  }

  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    const std::size_t n = In.size() * static_cast<std::size_t>(pass.batch);
    T* const branch_gradient = at.scratch;
    at.scratch += branch(In).at(pass.batch);
    Main::template backward<In>(pass, at);
    const bool add = Shortcut::adds(pass.choices);
    switch (Shortcut::flow(pass.choices)) {
      case Flow::nothing:
        break;
      case Flow::passes:
        if (at.dx != nullptr) pass.backend.add(n, at.dy, at.dx);
        break;
      case Flow::general:
        Shortcut::template backward<In>(
            pass, Backward<T>{.x = at.x,
                              .dy = at.dy,
                              .dx = at.dx == nullptr || add ? at.dx : branch_gradient,
                              .parameters = at.parameters + Main::parameters(In),
                              .gradient = at.gradient + Main::parameters(In),
                              .saved = at.saved + Main::saved(In).at(pass.batch),
                              .scratch = at.scratch,
                              .add = at.dx != nullptr && add});
        if (at.dx != nullptr && !add) pass.backend.add(n, branch_gradient, at.dx);
    }
  }

 private:
  /// Holds the second branch's output going forward and its input gradient going back.
  static constexpr Extent branch(Shape in) {
    return max_extent(Extent{output(in).size(), 0}, Extent{in.size(), 0});
  }
};

}  // namespace tepui::nn
