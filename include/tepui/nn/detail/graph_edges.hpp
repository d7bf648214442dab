#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn::detail {

/// @brief The edges of a directed acyclic graph of layers, each of which takes the whole batch
/// before the next one begins. Where the nodes lie is the caller's business.
///
/// Edges are listed by target node. The first nodes are inputs: `In`, an array of their shapes.
template <std::size_t Nodes, class... Edges>
struct GraphEdges {
  static constexpr std::size_t nodes = Nodes;
  static constexpr std::size_t edges = sizeof...(Edges);
  using Shapes = std::array<Shape, nodes>;

  /// @return shape of every node
  template <std::size_t Inputs>
  static constexpr Shapes shapes(const std::array<Shape, Inputs>& in) {
    Shapes shape{};
    std::copy(in.begin(), in.end(), shape.begin());
    ((shape[Edges::to] = Edges::Op::output(shape[Edges::from])), ...);
    return shape;
  }
  static constexpr std::size_t parameters(const Shapes& shape) {
    return (Edges::Op::parameters(shape[Edges::from]) + ...);
  }
  static constexpr std::size_t buffers(const Shapes& shape) {
    return (Edges::Op::buffers(shape[Edges::from]) + ...);
  }
  static constexpr Extent saved(const Shapes& shape) {
    Extent sum;
    ((sum = sum + Edges::Op::saved(shape[Edges::from])), ...);
    return sum;
  }
  template <auto In, class Backend>
  static constexpr Extent scratch() {
    constexpr Shapes shape = shapes(In);
    Extent most;
    ((most = max_extent(most, Edges::Op::template scratch<shape[Edges::from], Backend>())), ...);
    return one_edge(In) + most;
  }

  /// @param at      of the first edge; x and y mean nothing
  /// @param x       where the nodes are read
  /// @param node    where the sums of the others than the inputs go; the same memory as x
  /// @param written which nodes hold their values; afterwards those that an edge led to, the others
  ///                being zero and holding anything
  template <auto In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at, const std::array<const T*, nodes>& x,
                      const std::array<T*, nodes>& node, std::array<bool, nodes>& written) {
    T* const edge_output = at.scratch;
    at.scratch += one_edge(In).at(pass.batch);
    (forward_edge<In, Edges>(pass, at, x, node, written, edge_output), ...);
  }

  /// What the way back needs of the nodes.
  template <class T>
  struct Reverse {
    std::array<const T*, nodes> x{};    ///< their values
    std::array<const T*, nodes> dy{};   ///< their gradients, as edges read them
    std::array<T*, nodes> dx{};         ///< and as edges add to them; null: not wanted
    std::array<bool, nodes> written{};  ///< which gradients hold something; the others are zero
  };
  /// @param at of the first edge; x, dy and dx mean nothing
  template <auto In, class Backend, class T>
  static void backward(Pass<Backend>& pass, const Backward<T>& at, Reverse<T>& state) {
    const auto places = placed(shapes(In), pass.batch);
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      (backward_edge<In, edges - 1 - Index>(pass, at, state, places), ...);
    }
    (std::make_index_sequence<edges>{});
  }

 private:
  struct Place {
    std::size_t parameters = 0;
    std::size_t saved = 0;
  };

  /// Output of one edge going forward, its input gradient going back.
  template <std::size_t Inputs>
  static constexpr Extent one_edge(const std::array<Shape, Inputs>& in) {
    Extent most;
    for (const Shape s : shapes(in)) most = max_extent(most, Extent{s.size(), 0});
    return most;
  }
  static constexpr std::array<Place, edges> placed(const Shapes& shape, int batch) {
    std::array<Place, edges> result{};
    Place next;
    std::size_t e = 0;
    ((result[e++] = next, next.parameters += Edges::Op::parameters(shape[Edges::from]),
      next.saved += Edges::Op::saved(shape[Edges::from]).at(batch)),
     ...);
    return result;
  }

  template <auto In, class E, class Backend, class T>
  static void forward_edge(Pass<Backend>& pass, Forward<T>& at,
                           const std::array<const T*, nodes>& x, const std::array<T*, nodes>& node,
                           std::array<bool, nodes>& written, T* edge_output) {
    using Op = typename E::Op;
    constexpr Shape in = shapes(In)[E::from];
    const std::size_t n = Op::output(in).size() * static_cast<std::size_t>(pass.batch);
    at.x = x[E::from];
    T* const target = node[E::to];
    const Flow flow = Op::flow(pass.choices);
    // A source nobody wrote to is zero but holds old numbers; it is cleared before it is read.
    if (flow != Flow::nothing && !written[E::from]) {
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

  template <auto In, std::size_t Index, class Backend, class T>
  static void backward_edge(Pass<Backend>& pass, const Backward<T>& at, Reverse<T>& state,
                            const std::array<Place, edges>& places) {
    using E = type_at<Index, Edges...>;
    using Op = typename E::Op;
    constexpr Shape in = shapes(In)[E::from];
    const Flow flow = Op::flow(pass.choices);
    // Nothing flows back from a node without gradient: neither to the input nor to the weights.
    if (flow == Flow::nothing || !state.written[E::to]) return;
    const std::size_t n = in.size() * static_cast<std::size_t>(pass.batch);
    const T* const dy = state.dy[E::to];
    T* const target = state.dx[E::from];
    const bool more = target != nullptr && state.written[E::from];
    if (flow == Flow::passes) {
      if (target != nullptr) {
        more ? pass.backend.add(n, dy, target) : pass.backend.copy(n, dy, target);
      }
    } else {
      T* const edge_gradient = at.scratch;
      const bool add = more && Op::adds(pass.choices);
      T* const dx = more && !add ? edge_gradient : target;
      Op::template backward<in>(pass,
                                Backward<T>{.x = state.x[E::from],
                                            .dy = dy,
                                            .dx = dx,
                                            .parameters = at.parameters + places[Index].parameters,
                                            .gradient = at.gradient + places[Index].parameters,
                                            .saved = at.saved + places[Index].saved,
                                            .scratch = at.scratch + one_edge(In).at(pass.batch),
                                            .add = add});
      if (more && !add) pass.backend.add(n, edge_gradient, target);
    }
    state.written[E::from] = true;
  }
};

}  // namespace tepui::nn::detail
