#pragma once

#include <cstddef>
#include <type_traits>

#include "tepui/core/types.hpp"
#include "tepui/nn/detail/fuse.hpp"
#include "tepui/nn/detail/sample_graph.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn::detail {

/// @brief The sum of two branches, each of which takes the whole batch.
template <class Main, class Shortcut>
struct Branches {
  static constexpr Shape output(Shape in) { return Main::output(in); }
  static constexpr Extent saved(Shape in) { return Main::saved(in) + Shortcut::saved(in); }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return branch(In) + max_extent(Main::template scratch<In, Backend>(),
                                   Shortcut::template scratch<In, Backend>());
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

/// A run of edges, and one more from its beginning to its end.
template <class Numbers, class Run, class Shortcut>
struct BypassedRun;
template <std::size_t... Number, class... E, class Shortcut>
struct BypassedRun<std::index_sequence<Number...>, types<E...>, Shortcut> {
  using type = SampleGraph<sizeof...(E) + 1, SampleEdge<Number, Number + 1, E>...,
                           SampleEdge<0, sizeof...(E), Shortcut>>;
};

/// What runs a Residual: one graph where both branches can be edges of one.
template <class Main, class Shortcut>
struct BranchTrips {
  using type = Branches<Main, Shortcut>;
};
template <class... L, class Shortcut>
requires(!std::is_same_v<typename Sequential<L...>::Run, types<>> &&
         all_edges<Shortcut>) struct BranchTrips<Sequential<L...>, Shortcut> {
  using Run = typename Sequential<L...>::Run;
  using type =
      typename BypassedRun<std::make_index_sequence<Run::size>, Run, edge_of<Shortcut>>::type;
};

}  // namespace tepui::nn::detail
