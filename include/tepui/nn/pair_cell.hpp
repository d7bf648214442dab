#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "tepui/core/types.hpp"
#include "tepui/nn/cell.hpp"
#include "tepui/nn/detail/cell_plan.hpp"
#include "tepui/nn/detail/graph_edges.hpp"
#include "tepui/nn/detail/planned.hpp"
#include "tepui/nn/explain.hpp"
#include "tepui/nn/pair_layer.hpp"

namespace tepui::nn {

/// @brief A cell of two inputs: a graph whose output is some of its nodes, their channels one after
/// the other.
///
/// Node 0 is First of the first input and node 1 Second of the second; every later node is the sum
/// of the edges into it. Edges are listed by target node. Which shapes the edges see depends on
/// what First and Second give, so they are compiled once for cells that differ in their inputs
/// only.
/// @tparam Edges types<Edge<From, To, L>...>
/// @tparam Nodes the nodes of the output
template <class First, class Second, class Edges, std::size_t... Nodes>
struct PairCell;

template <class First, class Second, class... Edges, std::size_t... Nodes>
struct PairCell<First, Second, types<Edges...>, Nodes...> {
  static constexpr bool runs_on_devices = true;
  static_assert(Layer<First> && Layer<Second>,
                "PairCell: what the inputs go through must be layers; see nn/layer.hpp");
  static_assert(sizeof...(Edges) > 0 && sizeof...(Nodes) > 0,
                "PairCell: at least one edge and one node of the output are needed");

  using Children = types<First, Second, typename Edges::Op...>;
  template <class NewFirst, class NewSecond, class... New>
  using WithChildren =
      PairCell<NewFirst, NewSecond, types<typename Edges::template WithOp<New>...>, Nodes...>;

  static constexpr std::size_t edges = sizeof...(Edges);
  static constexpr std::size_t nodes = std::max({Edges::to...}) + 1;

 private:
  static constexpr std::array<std::size_t, edges> from{Edges::from...};
  static constexpr std::array<std::size_t, edges> to{Edges::to...};
  static constexpr bool sorted_and_complete() {
    std::size_t node = 1;
    for (const std::size_t target : to) {
      if (target != node && target != node + 1) return false;
      node = target;
    }
    return to[0] == 2;
  }
  static_assert(sorted_and_complete(),
                "PairCell: list the edges by target node, with at least one edge into every node "
                "but the first two");
  static_assert(((Nodes < nodes) && ...), "PairCell: the output names a node that is not there");

  using Graph = detail::GraphEdges<nodes, Edges...>;
  using Shapes = std::array<Shape, nodes>;
  static constexpr std::array<Shape, 2> inner(Shape in0, Shape in1) {
    return {First::output(in0), Second::output(in1)};
  }

 public:
  static constexpr Rule check(Shape in0, Shape in1) {
    if (First::check(in0) != Rule::fits || Second::check(in1) != Rule::fits) {
      return Rule::an_inner_layer_refuses_its_input;
    }
    Shapes shape{First::output(in0), Second::output(in1)};
    Rule rule = Rule::fits;
    (void)(((rule = check_edge<Edges>(shape), rule == Rule::fits) && ...));
    if (rule != Rule::fits) return rule;
    constexpr std::array listed{Nodes...};
    for (const std::size_t n : listed) {
      if (shape[n].height != shape[listed[0]].height || shape[n].width != shape[listed[0]].width) {
        return Rule::concatenated_parts_must_have_the_same_height_and_width;
      }
    }
    return Rule::fits;
  }
  template <Shape In0, Shape In1, std::size_t Position>
  static constexpr auto explain() {
    if constexpr (First::check(In0) != Rule::fits) {
      return explain_layer<First, In0, 0>();
    } else if constexpr (Second::check(In1) != Rule::fits) {
      return explain_layer<Second, In1, 1>();
    } else if constexpr (check(In0, In1) == Rule::an_inner_layer_refuses_its_input) {
      constexpr std::size_t e = first_misfit(In0, In1);
      using E = type_at<e, Edges...>;
      return explain_layer<typename E::Op, shapes_as_far_as_they_fit(In0, In1)[E::from], e>();
    } else {
      static_assert(diagnostics::LayerRefusesItsInputs<PairCell, In0, In1, check(In0, In1),
                                                       Position>::explained);
    }
  }

  /// @return shape of every node
  static constexpr Shapes shapes(Shape in0, Shape in1) { return Graph::shapes(inner(in0, in1)); }
  static constexpr Shape output(Shape in0, Shape in1) {
    const Shapes shape = shapes(in0, in1);
    constexpr std::array listed{Nodes...};
    return {(shape[Nodes].channels + ...), shape[listed[0]].height, shape[listed[0]].width};
  }
  static constexpr std::size_t parameters(Shape in0, Shape in1) {
    return First::parameters(in0) + Second::parameters(in1) + Graph::parameters(shapes(in0, in1));
  }
  static constexpr std::size_t buffers(Shape in0, Shape in1) {
    return First::buffers(in0) + Second::buffers(in1) + Graph::buffers(shapes(in0, in1));
  }
  static constexpr Extent saved(Shape in0, Shape in1) {
    return all_nodes(shapes(in0, in1)) + First::saved(in0) + Second::saved(in1) +
           Graph::saved(shapes(in0, in1));
  }
  template <Shape In0, Shape In1, class Backend>
  static constexpr Extent scratch() {
    return all_nodes(shapes(In0, In1)) +
           max_extent(max_extent(First::template scratch<In0, Backend>(),
                                 Second::template scratch<In1, Backend>()),
                      Graph::template scratch<inner(In0, In1), Backend>());
  }
  static constexpr Cost cost(Shape in0, Shape in1, const cost::Query& query) {
    const Shapes shape = shapes(in0, in1);
    return First::cost(in0, query) + Second::cost(in1, query) +
           (Edges::Op::cost(shape[Edges::from], query) + ...);
  }
  /// @param keeps0, keeps1 whether an input is needed afterwards
  template <Shape In0, Shape In1>
  static constexpr std::size_t peak(const std::uint8_t* choices, bool keeps0, bool keeps1) {
    const std::size_t kept0 = keeps0 ? In0.size() : 0;
    const std::size_t kept1 = keeps1 ? In1.size() : 0;
    const std::size_t first = peak_of<First, In0>(choices, keeps0) + In1.size();
    const std::size_t second =
        kept0 + First::output(In0).size() + peak_of<Second, In1>(choices, keeps1);
    const auto table = plan<In0, In1>(choices);
    return std::max({first, second, kept0 + kept1 + detail::cell_peak(table, nullptr, false)});
  }
  /// @param before0, before1 depth of the inputs
  /// @return depth of the output
  template <Shape In0, Shape In1>
  static constexpr int depth(const std::uint8_t* choices, int before0, int before1) {
    const int before[] = {before0 + depth_of<First, In0>(choices),
                          before1 + depth_of<Second, In1>(choices)};
    return detail::cell_depth(plan<In0, In1>(choices), nullptr, before);
  }
  static void describe(Shape in0, Shape in1, Description& d) {
    const Shapes shape = shapes(in0, in1);
    d.scope("input0", [&] { First::describe(in0, d); });
    d.scope("input1", [&] { Second::describe(in1, d); });
    (d.scope("edge", Edges::from, Edges::to, [&] { Edges::Op::describe(shape[Edges::from], d); }),
     ...);
  }

  template <Shape In0, Shape In1, class Backend, class T>
  static void forward(Pass<Backend>& pass, PairForward<T> at) {
    constexpr Shapes shape = shapes(In0, In1);
    const std::array<T*, nodes> node = placed(shape, pass.batch, at.saved);
    Forward<T> part{.parameters = at.parameters,
                    .buffers = at.buffers,
                    .saved = at.saved + placed_size(shape, pass.batch),
                    .scratch = at.scratch};
    part.x = at.x0;
    part.y = node[0];
    First::template forward<In0>(pass, part);
    part.parameters += First::parameters(In0);
    part.buffers += First::buffers(In0);
    part.saved += First::saved(In0).at(pass.batch);
    part.x = at.x1;
    part.y = node[1];
    Second::template forward<In1>(pass, part);
    part.parameters += Second::parameters(In1);
    part.buffers += Second::buffers(In1);
    part.saved += Second::saved(In1).at(pass.batch);

    std::array<bool, nodes> written{true, true};
    Graph::template forward<inner(In0, In1)>(pass, part, readable(node), node, written);
    constexpr Shape out = output(In0, In1);
    const std::size_t rows = pixels(out, pass.batch);
    constexpr auto all = static_cast<std::size_t>(out.channels);
    T* y = at.y;
    for (const std::size_t n : {Nodes...}) {
      const auto channels = static_cast<std::size_t>(shape[n].channels);
      if (!written[n]) pass.backend.fill(rows * channels, T{0}, node[n]);
      pass.backend.copy_rows(rows, channels, static_cast<const T*>(node[n]), channels, y, all);
      y += channels;
    }
  }

  template <Shape In0, Shape In1, class Backend, class T>
  static void backward(Pass<Backend>& pass, PairBackward<T> at) {
    constexpr Shapes shape = shapes(In0, In1);
    constexpr Shape out = output(In0, In1);
    typename Graph::template Reverse<T> state;
    state.x = readable(placed(shape, pass.batch, at.saved));
    state.dx = placed(shape, pass.batch, at.scratch);
    state.dy = readable(state.dx);
    const std::size_t rows = pixels(out, pass.batch);
    constexpr auto all = static_cast<std::size_t>(out.channels);
    const T* dy = at.dy;
    for (const std::size_t n : {Nodes...}) {
      const auto channels = static_cast<std::size_t>(shape[n].channels);
      pass.backend.copy_rows(rows, channels, dy, all, state.dx[n], channels);
      state.written[n] = true;
      dy += channels;
    }

    Backward<T> part{.parameters = at.parameters,
                     .gradient = at.gradient,
                     .saved = at.saved + placed_size(shape, pass.batch),
                     .scratch = at.scratch + placed_size(shape, pass.batch)};
    Backward<T> edge = part;
    edge.parameters += First::parameters(In0) + Second::parameters(In1);
    edge.gradient += First::parameters(In0) + Second::parameters(In1);
    edge.saved += First::saved(In0).at(pass.batch) + Second::saved(In1).at(pass.batch);
    Graph::template backward<inner(In0, In1)>(pass, edge, state);

    part.x = at.x0;
    part.dx = at.dx0;
    input_backward<First, In0>(pass, part, state.dy[0], state.written[0]);
    part.parameters += First::parameters(In0);
    part.gradient += First::parameters(In0);
    part.saved += First::saved(In0).at(pass.batch);
    part.x = at.x1;
    part.dx = at.dx1;
    input_backward<Second, In1>(pass, part, state.dy[1], state.written[1]);
  }

 private:
  template <Shape In0, Shape In1>
  static constexpr detail::CellTable<nodes, edges, 1> plan(const std::uint8_t* choices) {
    constexpr Shapes shape = shapes(In0, In1);
    detail::CellTable<nodes, edges, 1> table;
    table.inputs = 2;
    ((table.output[Nodes] = true), ...);
    for (std::size_t n = 0; n < nodes; ++n) table.sizes[n] = shape[n].size();
    std::size_t e = 0;
    ((table.from[e] = Edges::from, table.to[e] = Edges::to, table.decision[e] = -1,
      table.options[e++][0] =
          detail::planned<typename Edges::Op, shapes(In0, In1)[Edges::from]>(choices)),
     ...);
    return table;
  }
  template <class E>
  static constexpr Rule check_edge(Shapes& shape) {
    const Shape in = shape[E::from];
    if (E::Op::check(in) != Rule::fits) return Rule::an_inner_layer_refuses_its_input;
    const Shape out = E::Op::output(in);
    if (shape[E::to] == Shape{}) shape[E::to] = out;
    return shape[E::to] == out ? Rule::fits : Rule::edges_into_a_node_must_give_the_same_shape;
  }
  static constexpr Shapes shapes_as_far_as_they_fit(Shape in0, Shape in1) {
    Shapes shape{First::output(in0), Second::output(in1)};
    (void)(((check_edge<Edges>(shape) == Rule::fits) && ...));
    return shape;
  }
  static constexpr std::size_t first_misfit(Shape in0, Shape in1) {
    Shapes shape{First::output(in0), Second::output(in1)};
    std::size_t e = 0;
    (void)(((check_edge<Edges>(shape) == Rule::fits && (++e, true)) && ...));
    return e < edges ? e : edges - 1;
  }

  /// All nodes, or their gradients.
  static constexpr Extent all_nodes(const Shapes& shape) {
    Extent sum;
    for (const Shape s : shape) sum = sum + Extent{s.size(), 0};
    return sum;
  }
  static constexpr std::size_t placed_size(const Shapes& shape, int batch) {
    std::size_t sum = 0;
    for (const Shape s : shape) sum += Extent{s.size(), 0}.at(batch);
    return sum;
  }
  template <class T>
  static std::array<T*, nodes> placed(const Shapes& shape, int batch, T* base) {
    std::array<T*, nodes> result{};
    for (std::size_t n = 0; n < nodes; ++n) {
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
  static constexpr std::size_t pixels(Shape shape, int batch) {
    return static_cast<std::size_t>(shape.pixels()) * static_cast<std::size_t>(batch);
  }
  /// @param flows whether a gradient came to the node
  template <class L, Shape In, class Backend, class T>
  static void input_backward(Pass<Backend>& pass, Backward<T> at, const T* dy, bool flows) {
    if (flows) {
      at.dy = dy;
      L::template backward<In>(pass, at);
    } else if (at.dx != nullptr) {
      pass.backend.fill(In.size() * static_cast<std::size_t>(pass.batch), T{0}, at.dx);
    }
  }
};

}  // namespace tepui::nn
