#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "tepui/nn/detail/graph_edges.hpp"
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
  static constexpr std::array<Shape, nodes> shapes(Shape in) { return Graph::shapes(inputs(in)); }
  static constexpr Shape output(Shape in) { return shapes(in)[nodes - 1]; }
  /// The inner nodes, then what every edge keeps.
  static constexpr Extent saved(Shape in) { return inner_nodes(in) + Graph::saved(shapes(in)); }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return inner_nodes(In) + Graph::template scratch<inputs(In), Backend>();
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    std::array<T*, nodes> node = placed(In, pass.batch, at.saved);
    node[nodes - 1] = at.y;
    std::array<const T*, nodes> x = readable(node);
    x[0] = at.x;
    std::array<bool, nodes> written{true};
    at.saved += placed_size(In, pass.batch);
    at.scratch += inner_nodes(In).at(pass.batch);
    Graph::template forward<inputs(In)>(pass, at, x, node, written);
    if (!written[nodes - 1]) {
      pass.backend.fill(output(In).size() * static_cast<std::size_t>(pass.batch), T{0}, at.y);
    }
  }

  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    typename Graph::template Reverse<T> state;
    state.x = readable(placed(In, pass.batch, at.saved));
    state.x[0] = at.x;
    state.dx = placed(In, pass.batch, at.scratch);
    state.dx[0] = at.dx;
    state.dy = readable(state.dx);
    state.dy[nodes - 1] = at.dy;
    state.written[nodes - 1] = true;
    at.saved += placed_size(In, pass.batch);
    at.scratch += inner_nodes(In).at(pass.batch);
    Graph::template backward<inputs(In)>(pass, at, state);
    if (at.dx != nullptr && !state.written[0]) {
      pass.backend.fill(In.size() * static_cast<std::size_t>(pass.batch), T{0}, at.dx);
    }
  }

 private:
  using Graph = GraphEdges<Nodes, Edges...>;

  static constexpr std::array<Shape, 1> inputs(Shape in) { return {in}; }
  /// The inner nodes, or their gradients.
  static constexpr Extent inner_nodes(Shape in) {
    const auto shape = shapes(in);
    Extent sum;
    for (std::size_t n = 1; n + 1 < nodes; ++n) sum = sum + Extent{shape[n].size(), 0};
    return sum;
  }
  static constexpr std::size_t placed_size(Shape in, int batch) {
    const auto shape = shapes(in);
    std::size_t sum = 0;
    for (std::size_t n = 1; n + 1 < nodes; ++n) sum += Extent{shape[n].size(), 0}.at(batch);
    return sum;
  }
  /// Pointers to the inner nodes laid out from `base`; the outer two are left empty.
  template <class T>
  static std::array<T*, nodes> placed(Shape in, int batch, T* base) {
    const auto shape = shapes(in);
    std::array<T*, nodes> result{};
    for (std::size_t n = 1; n + 1 < nodes; ++n) {
      result[n] = base;
      base += Extent{shape[n].size(), 0}.at(batch);
    }
    return result;
  }
  template <class T>
  static std::array<const T*, nodes> readable(const std::array<T*, nodes>& node) {
    std::array<const T*, nodes> result{};
    std::copy(node.begin(), node.end(), result.begin());
    return result;
  }
};

}  // namespace tepui::nn::detail
