#pragma once

#include <array>
#include <string>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/explain.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn {

/// @brief An operation on the way from one node of a cell to a later one.
template <int From, int To, class Operation>
struct Edge {
  static_assert(0 <= From && From < To, "Edge: an edge runs from an earlier node to a later one");
  static_assert(Layer<Operation>, "Edge: the operation must be a layer; see nn/layer.hpp");
  static constexpr auto from = static_cast<std::size_t>(From);
  static constexpr auto to = static_cast<std::size_t>(To);
  using Op = Operation;
  template <class New>
  using WithOp = Edge<From, To, New>;
};

/// @brief A directed acyclic graph of operations: a node is the sum of the edges into it.
///
/// Node 0 is the input and node Nodes - 1 the output. Edges are listed by target node, so that
/// every node is complete before it is read.
template <int Nodes, class... Edges>
struct Cell : LayerDefaults {
  using Children = types<typename Edges::Op...>;
  template <class... New>
  using WithChildren = Cell<Nodes, typename Edges::template WithOp<New>...>;

  static constexpr std::size_t edges = sizeof...(Edges);
  static constexpr auto nodes = static_cast<std::size_t>(Nodes);

 private:
  static constexpr std::array<std::size_t, edges> from{Edges::from...};
  static constexpr std::array<std::size_t, edges> to{Edges::to...};
  static constexpr bool sorted_and_complete() {
    std::size_t node = 0;
    for (std::size_t e = 0; e < edges; ++e) {
      if (to[e] != node && to[e] != node + 1) return false;
      node = to[e];
    }
    return node == nodes - 1 && to[0] == 1;
  }
  static_assert(
      Nodes >= 2 && sorted_and_complete(),
      "Cell: list the edges by target node, with at least one edge into every node but the first");

 public:
  static constexpr Rule check(Shape in) {
    std::array<Shape, nodes> shape{in};
    Rule rule = Rule::fits;
    (void)(((rule = check_edge<Edges>(shape), rule == Rule::fits) && ...));
    return rule;
  }
  template <Shape In>
  static constexpr auto explain() {
    constexpr std::size_t first = first_misfit(In);
    return explain_layer<typename type_at<first, Edges...>::Op, shapes(In)[from[first]], first>();
  }

  /// @return shape of every node
  static constexpr std::array<Shape, nodes> shapes(Shape in) {
    std::array<Shape, nodes> shape{in};
    (place_edge<Edges>(shape), ...);
    return shape;
  }
  static constexpr Shape output(Shape in) { return shapes(in)[nodes - 1]; }
  static constexpr std::size_t parameters(Shape in) {
    const auto shape = shapes(in);
    return (Edges::Op::parameters(shape[Edges::from]) + ...);
  }
  static constexpr std::size_t buffers(Shape in) {
    const auto shape = shapes(in);
    return (Edges::Op::buffers(shape[Edges::from]) + ...);
  }
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
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    const auto shape = shapes(in);
    return (Edges::Op::cost(shape[Edges::from], query) + ...);
  }
  static void describe(Shape in, Description& d) {
    const auto shape = shapes(in);
    const std::array<int, edges> paths = path_counts(d.choices());
    bool connected = false;
    for (const int count : paths) connected = connected || count > 0;
    d.cell_connected(connected);
    std::size_t e = 0;
    ((d.scope("edge" + std::to_string(Edges::from) + "_" + std::to_string(Edges::to),
              [&] { d.on_paths(paths[e], [&] { Edges::Op::describe(shape[Edges::from], d); }); }),
      ++e),
     ...);
  }
  /// @return for every edge the number of live input-to-output paths through it
  static constexpr std::array<int, edges> path_counts(const std::uint8_t* choices) {
    const std::array<Flow, edges> flow{Edges::Op::flow(choices)...};
    std::array<int, nodes> into{1};
    std::array<int, nodes> out_of{};
    out_of[nodes - 1] = 1;
    for (std::size_t e = 0; e < edges; ++e) {
      if (flow[e] != Flow::nothing) into[to[e]] += into[from[e]];
    }
    for (std::size_t e = edges; e-- > 0;) {
      if (flow[e] != Flow::nothing) out_of[from[e]] += out_of[to[e]];
    }
    std::array<int, edges> result{};
    for (std::size_t e = 0; e < edges; ++e) {
      if (flow[e] != Flow::nothing) result[e] = into[from[e]] * out_of[to[e]];
    }
    return result;
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

  template <class E>
  static constexpr Rule check_edge(std::array<Shape, nodes>& shape) {
    const Shape in = shape[E::from];
    if (E::Op::check(in) != Rule::fits) return Rule::an_inner_layer_refuses_its_input;
    const Shape out = E::Op::output(in);
    if (shape[E::to] == Shape{}) shape[E::to] = out;
    return shape[E::to] == out ? Rule::fits : Rule::edges_into_a_node_must_give_the_same_shape;
  }
  template <class E>
  static constexpr void place_edge(std::array<Shape, nodes>& shape) {
    if (shape[E::to] == Shape{} && E::Op::check(shape[E::from]) == Rule::fits) {
      shape[E::to] = E::Op::output(shape[E::from]);
    }
  }
  static constexpr std::size_t first_misfit(Shape in) {
    std::array<Shape, nodes> shape{in};
    std::size_t e = 0;
    (void)(((check_edge<Edges>(shape) == Rule::fits && (++e, true)) && ...));
    return e < edges ? e : edges - 1;
  }
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

}  // namespace tepui::nn
