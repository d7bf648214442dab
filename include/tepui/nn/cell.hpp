#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/detail/cell_plan.hpp"
#include "tepui/nn/detail/chooses.hpp"
#include "tepui/nn/detail/fuse.hpp"
#include "tepui/nn/detail/layer_graph.hpp"
#include "tepui/nn/detail/planned.hpp"
#include "tepui/nn/detail/sample_graph.hpp"
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

namespace detail {

/// What runs a Cell: a SampleGraph if it knows all of the operations.
template <bool Known, std::size_t Nodes, class... Edges>
struct CellTrips {
  using type = LayerGraph<Nodes, Edges...>;
};
template <std::size_t Nodes, class... Edges>
struct CellTrips<true, Nodes, Edges...> {
  using type =
      SampleGraph<Nodes, SampleEdge<Edges::from, Edges::to, edge_of<typename Edges::Op>>...>;
};

struct DescribedEdge {
  std::size_t from = 0;
  std::size_t to = 0;
  LayerFunctions layer;
};

/// Describes the edges of a cell.
/// @param paths of each edge, as count_paths tells
/// @param shape of every node; that of the first is known
inline void describe_edges(std::span<const DescribedEdge> all, std::span<const int> paths,
                           std::span<Shape> shape, Description& d) {
  bool connected = false;
  for (const int count : paths) connected = connected || count > 0;
  d.cell_connected(connected);
  for (std::size_t e = 0; e < all.size(); ++e) {
    const DescribedEdge& edge = all[e];
    shape[edge.to] = edge.layer.output(shape[edge.from]);
    d.scope("edge", edge.from, edge.to,
            [&] { d.on_paths(paths[e], [&] { edge.layer.describe(shape[edge.from], d); }); });
  }
}

/// @return for every edge of a cell the number of live input-to-output paths through it
template <std::size_t Nodes, std::size_t Edges>
[[gnu::noinline]] constexpr std::array<int, Edges> count_paths(
    const std::array<Flow, Edges>& flow, const std::array<std::size_t, Edges>& from,
    const std::array<std::size_t, Edges>& to) {
  std::array<int, Nodes> into{1};
  std::array<int, Nodes> out_of{};
  out_of[Nodes - 1] = 1;
  for (std::size_t e = 0; e < Edges; ++e) {
    if (flow[e] != Flow::nothing) into[to[e]] += into[from[e]];
  }
  for (std::size_t e = Edges; e-- > 0;) {
    if (flow[e] != Flow::nothing) out_of[from[e]] += out_of[to[e]];
  }
  std::array<int, Edges> result{};
  for (std::size_t e = 0; e < Edges; ++e) {
    if (flow[e] != Flow::nothing) result[e] = into[from[e]] * out_of[to[e]];
  }
  return result;
}

}  // namespace detail

/// @brief A directed acyclic graph of operations: a node is the sum of the edges into it.
///
/// Node 0 is the input and node Nodes - 1 the output. Edges are listed by target node, so that
/// every node is complete before it is read.
template <int Nodes, class... Edges>
struct Cell : LayerDefaults {
  static constexpr bool runs_on_devices = true;
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

  static constexpr bool known =
      detail::all_edges<typename Edges::Op...> && nodes <= detail::most_graph_nodes;

 public:
  /// What runs it.
  using Trips = typename detail::CellTrips<known, nodes, Edges...>::type;

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
  static constexpr Extent saved(Shape in) { return Trips::saved(in); }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return Trips::template scratch<In, Backend>();
  }
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    const auto shape = shapes(in);
    return (Edges::Op::cost(shape[Edges::from], query) + ...);
  }
  template <Shape In>
  static constexpr std::size_t peak(const std::uint8_t* choices, bool keeps_input) {
    if constexpr (one_table) {
      if (choices != nullptr) return detail::cell_peak(table_of_options<In>, choices, keeps_input);
    }
    return detail::cell_peak(table_at<In, false>(choices), nullptr, keeps_input);
  }
  template <Shape In>
  static constexpr int depth(const std::uint8_t* choices) {
    if constexpr (one_table) {
      if (choices != nullptr) return detail::cell_depth(table_of_options<In>, choices);
    }
    return detail::cell_depth(table_at<In, false>(choices), nullptr);
  }
  static void describe(Shape in, Description& d) {
    static constexpr std::array<detail::DescribedEdge, edges> all{
        detail::DescribedEdge{Edges::from, Edges::to, detail::functions_of<typename Edges::Op>}...};
    std::array<Shape, nodes> shape{in};
    detail::describe_edges(all, path_counts(d.choices()), shape, d);
  }
  /// @return for every edge the number of live input-to-output paths through it
  static constexpr std::array<int, edges> path_counts(const std::uint8_t* choices) {
    const std::array<Flow, edges> flow{Edges::Op::flow(choices)...};
    return detail::count_paths<nodes>(flow, from, to);
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    Trips::template forward<In>(pass, at);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    Trips::template backward<In>(pass, at);
  }

 private:
  using Table =
      detail::CellTable<nodes, edges,
                        std::max({std::size_t{1}, detail::options_of<typename Edges::Op>()...})>;

  /// Whether one table serves all encodings: no operation decides more than which option it is.
  static constexpr bool one_table =
      ((!detail::chooses<typename Edges::Op>() || detail::is_flat_choice<typename Edges::Op>()) &&
       ...);
  /// @tparam AllOptions a column for every option, or one for what runs with `choices`
  template <Shape In, bool AllOptions>
  static constexpr Table table_at(const std::uint8_t* choices) {
    const auto shape = shapes(In);
    Table table;
    table.output[nodes - 1] = true;
    for (std::size_t n = 0; n < nodes; ++n) table.sizes[n] = shape[n].size();
    std::size_t e = 0;
    (plan_edge<Edges, In, AllOptions>(table, e++, choices), ...);
    return table;
  }
  template <class E, Shape In, bool AllOptions>
  static constexpr void plan_edge(Table& table, std::size_t e, const std::uint8_t* choices) {
    constexpr Shape from_shape = shapes(In)[E::from];
    table.from[e] = E::from;
    table.to[e] = E::to;
    if constexpr (AllOptions && detail::is_flat_choice<typename E::Op>()) {
      table.decision[e] = static_cast<int>(E::Op::decision);
      plan_options<from_shape>(table.options[e], typename E::Op::Children{});
    } else {
      table.decision[e] = -1;
      table.options[e][0] = detail::planned<typename E::Op, from_shape>(choices);
    }
  }
  template <Shape In, class... Option>
  static constexpr void plan_options(detail::PlannedOption* options, types<Option...>) {
    std::size_t i = 0;
    ((options[i++] = detail::planned<Option, In>(nullptr)), ...);
  }
  template <Shape In>
  static constexpr Table table_of_options = table_at<In, true>(nullptr);

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
};

}  // namespace tepui::nn
