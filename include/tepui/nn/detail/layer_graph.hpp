#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn::detail {

/// @brief A directed acyclic graph of layers, each of which takes the whole batch before the next
/// one begins: for operations that SampleGraph does not know.
///
/// Nodes and edges are those of Cell.
template <std::size_t Nodes, class... Edges>
struct LayerGraph {
  static constexpr std::size_t nodes = Nodes;
  static constexpr std::size_t edges = sizeof...(Edges);

  /// @return shape of every node
  static constexpr std::array<Shape, nodes> shapes(Shape in) {
    std::array<Shape, nodes> shape{in};
    ((shape[Edges::to] = Edges::Op::output(shape[Edges::from])), ...);
    return shape;
  }
  static constexpr Shape output(Shape in) { return shapes(in)[nodes - 1]; }
  /// The inner nodes, then what every edge keeps.
  static constexpr Extent saved(Shape in) {
    const auto shape = shapes(in);
    Extent sum;
    for (std::size_t n = 1; n + 1 < nodes; ++n) sum = sum + Extent{shape[n].size(), 0};
    ((sum = sum + Edges::Op::saved(shape[Edges::from])), ...);
    return sum;
  }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    Extent most;
    ((most = max_extent(most, Edges::Op::template scratch<shapes(In)[Edges::from], Backend>())),
     ...);
    return node_gradients(In) + one_edge(In) + most;
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    std::array<T*, nodes> node = inner_nodes(In, pass.batch, at.saved);
    node[nodes - 1] = at.y;
    std::array<bool, nodes> written{};
    T* const edge_output = at.scratch + node_gradients(In).at(pass.batch);
    Forward<T> edge = at;
    edge.saved += inner_nodes_size(In, pass.batch);
    edge.scratch = edge_output + one_edge(In).at(pass.batch);
    (forward_edge<In, Edges>(pass, at.x, edge, node, written, edge_output), ...);
    if (!written[nodes - 1]) {
      pass.backend.fill(output(In).size() * static_cast<std::size_t>(pass.batch), T{0}, at.y);
    }
  }

  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    std::array<T*, nodes> node = inner_nodes(In, pass.batch, at.saved);
    std::array<T*, nodes> gradient = inner_nodes(In, pass.batch, at.scratch);
    gradient[0] = at.dx;
    std::array<bool, nodes> written{};
    written[nodes - 1] = true;
    T* const edge_gradient = at.scratch + node_gradients(In).at(pass.batch);
    const Reverse<T> state{at, node, gradient, edge_gradient,
                           edge_gradient + one_edge(In).at(pass.batch)};
    const auto places = placed(In, pass.batch);
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      (backward_edge<In, edges - 1 - Index>(pass, state, places, written), ...);
    }
    (std::make_index_sequence<edges>{});
    if (at.dx != nullptr && !written[0]) {
      pass.backend.fill(In.size() * static_cast<std::size_t>(pass.batch), T{0}, at.dx);
    }
  }

 private:
  struct Place {
    std::size_t parameters = 0;
    std::size_t saved = 0;
  };
  template <class T>
  struct Reverse {
    const Backward<T>& whole;
    const std::array<T*, nodes>& node;
    const std::array<T*, nodes>& gradient;
    T* edge_gradient;
    T* rest;
  };

  /// Gradients of the inner nodes.
  static constexpr Extent node_gradients(Shape in) {
    const auto shape = shapes(in);
    Extent sum;
    for (std::size_t n = 1; n + 1 < nodes; ++n) sum = sum + Extent{shape[n].size(), 0};
    return sum;
  }
  /// Output of one edge going forward, its input gradient going back.
  static constexpr Extent one_edge(Shape in) {
    Extent most;
    for (const Shape s : shapes(in)) most = max_extent(most, Extent{s.size(), 0});
    return most;
  }
  static constexpr std::size_t inner_nodes_size(Shape in, int batch) {
    const auto shape = shapes(in);
    std::size_t sum = 0;
    for (std::size_t n = 1; n + 1 < nodes; ++n) sum += Extent{shape[n].size(), 0}.at(batch);
    return sum;
  }
  /// Pointers to the inner nodes laid out from `base`; the outer two are left empty.
  template <class T>
  static std::array<T*, nodes> inner_nodes(Shape in, int batch, T* base) {
    const auto shape = shapes(in);
    std::array<T*, nodes> result{};
    for (std::size_t n = 1; n + 1 < nodes; ++n) {
      result[n] = base;
      base += Extent{shape[n].size(), 0}.at(batch);
    }
    return result;
  }
  static constexpr std::array<Place, edges> placed(Shape in, int batch) {
    const auto shape = shapes(in);
    std::array<Place, edges> result{};
    Place next{0, inner_nodes_size(in, batch)};
    std::size_t e = 0;
    ((result[e++] = next, next.parameters += Edges::Op::parameters(shape[Edges::from]),
      next.saved += Edges::Op::saved(shape[Edges::from]).at(batch)),
     ...);
    return result;
  }

  template <Shape In, class E, class Backend, class T>
  static void forward_edge(Pass<Backend>& pass, const T* x, Forward<T>& at,
                           const std::array<T*, nodes>& node, std::array<bool, nodes>& written,
                           T* edge_output) {
    using Op = typename E::Op;
    constexpr Shape in = shapes(In)[E::from];
    const std::size_t n = Op::output(in).size() * static_cast<std::size_t>(pass.batch);
    at.x = E::from == 0 ? x : node[E::from];
    T* const target = node[E::to];
    const Flow flow = Op::flow(pass.choices);
    // A source nobody wrote to is zero but holds old numbers; it is cleared before it is read.
    if (flow != Flow::nothing && E::from != 0 && !written[E::from]) {
      pass.backend.fill(in.size() * static_cast<std::size_t>(pass.batch), T{0}, node[E::from]);
      written[E::from] = true;
    }
    if (flow == Flow::passes) {
      written[E::to] ? pass.backend.add(n, at.x, target) : pass.backend.copy(n, at.x, target);
    } else if (flow == Flow::general) {
      at.add = written[E::to] && Op::adds(pass.choices);
      at.y = written[E::to] && !at.add ? edge_output : target;
      Op::template forward<in>(pass, at);
      if (written[E::to] && !at.add) pass.backend.add(n, edge_output, target);
    }
    written[E::to] = written[E::to] || flow != Flow::nothing;
    at.parameters += Op::parameters(in);
    at.buffers += Op::buffers(in);
    at.saved += Op::saved(in).at(pass.batch);
  }

  template <Shape In, std::size_t Index, class Backend, class T>
  static void backward_edge(Pass<Backend>& pass, const Reverse<T>& state,
                            const std::array<Place, edges>& places,
                            std::array<bool, nodes>& written) {
    using E = type_at<Index, Edges...>;
    using Op = typename E::Op;
    constexpr Shape in = shapes(In)[E::from];
    const Flow flow = Op::flow(pass.choices);
    // Nothing flows back from a node without gradient: neither to the input nor to the weights.
    if (flow == Flow::nothing || !written[E::to]) return;
    const std::size_t n = in.size() * static_cast<std::size_t>(pass.batch);
    const T* dy = E::to == nodes - 1 ? state.whole.dy : state.gradient[E::to];
    T* const target = state.gradient[E::from];
    if (flow == Flow::passes) {
      if (target != nullptr) {
        written[E::from] ? pass.backend.add(n, dy, target) : pass.backend.copy(n, dy, target);
      }
    } else {
      const bool more = target != nullptr && written[E::from];
      const bool add = more && Op::adds(pass.choices);
      T* const dx = more && !add ? state.edge_gradient : target;
      Op::template backward<in>(
          pass, Backward<T>{.x = E::from == 0 ? state.whole.x : state.node[E::from],
                            .dy = dy,
                            .dx = dx,
                            .parameters = state.whole.parameters + places[Index].parameters,
                            .gradient = state.whole.gradient + places[Index].parameters,
                            .saved = state.whole.saved + places[Index].saved,
                            .scratch = state.rest,
                            .add = add});
      if (more && !add) pass.backend.add(n, state.edge_gradient, target);
    }
    written[E::from] = true;
  }
};

}  // namespace tepui::nn::detail
