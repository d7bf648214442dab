#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/detail/edge_trips.hpp"
#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/detail/sample_plan.hpp"
#include "tepui/nn/detail/sample_trips.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn::detail {

/// One edge of a SampleGraph.
/// @tparam Operation as edges.hpp says
template <std::size_t From, std::size_t To, class Operation>
struct SampleEdge {
  static constexpr std::size_t from = From;
  static constexpr std::size_t to = To;
  using Op = Operation;
};

/// @brief A directed acyclic graph of operations that goes through a batch a few samples at a time.
///
/// Node 0 is the input, the last node the output, every other node the sum of the edges into it;
/// edges are listed by target. There is one loop over the batch for each node: it completes the
/// node and does, while that is in the cache, everything for which the node is needed. Nothing
/// else makes a loop end but statistics of the whole batch. Inference has none and takes all nodes
/// in one loop.
///
/// A node that one cheap edge leads to is not kept: whoever needs it makes it again.
template <std::size_t Nodes, class... Edges>
struct SampleGraph {
  static constexpr std::size_t nodes = Nodes;
  static constexpr std::size_t edges = sizeof...(Edges);
  static constexpr std::size_t last = nodes - 1;
  static constexpr std::array<std::size_t, edges> from{Edges::from...};
  static constexpr std::array<std::size_t, edges> to{Edges::to...};

  /// @return shape of every node
  static constexpr std::array<Shape, nodes> shapes(Shape in) {
    std::array<Shape, nodes> shape{in};
    ((shape[Edges::to] = Edges::Op::output(shape[Edges::from])), ...);
    return shape;
  }
  static constexpr Shape output(Shape in) { return shapes(in)[last]; }
  static constexpr std::size_t parameters(Shape in) {
    const auto shape = shapes(in);
    return (Edges::Op::parameters(shape[Edges::from]) + ...);
  }
  static constexpr std::size_t buffers(Shape in) {
    const auto shape = shapes(in);
    return (Edges::Op::buffers(shape[Edges::from]) + ...);
  }
  /// What the edges keep, then the nodes that are kept.
  static constexpr Extent saved(Shape in) {
    const auto shape = shapes(in);
    Extent sum;
    ((sum = sum + Edges::Op::saved(shape[Edges::from])), ...);
    for (std::size_t n = 1; n < last; ++n) {
      if (kept(n)) sum = sum + Extent{shape[n].size(), 0};
    }
    return sum;
  }
  /// Gradients of the inner nodes, workspaces of the edges, rooms.
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    static_assert(
        requires { typename Backend::Samples; },
        "network: convolutions with a batch norm behind them, and cells, need the "
        "backend's Samples; derive from backend::Cpu or see its Samples");
    Extent sum;
    for (const std::size_t size : gradient_sizes(In)) {
      if (size != 0) sum = sum + Extent{size, 0};
    }
    return sum + Extent{0, edge_scratch<In, Backend>()} +
           Extent{0, rooms * Backend::Samples::most_parts * room_size<In, Backend>()};
  }
  static constexpr bool adds(const std::uint8_t* /*choices*/) { return true; }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    SampleStates<nodes, edges, T> state;
    set_flow(pass.choices, state.edges);
    std::tuple<typename Edges::Op::template Forward<shapes(In)[Edges::from], Backend, T>...> trips;
    if constexpr (only_infers<Backend>) {
      start<In>(pass, at, state.edges,
                [&](auto e, const Forward<T>& edge) { std::get<e>(trips).start(pass, edge); });
      SampleForward<Backend, T, OwnForward<decltype(trips)>>(
          plan<In, Backend>, pass, state.nodes, state.edges, at, OwnForward<decltype(trips)>(trips))
          .run();
    } else {
      std::array<StartedTrip<ForwardCalls<Backend, T>>, edges> started;
      start<In>(pass, at, state.edges, [&](auto e, const Forward<T>& edge) {
        started[e] = start_trip(std::get<e>(trips), pass, edge);
      });
      SampleForward<Backend, T, SharedForward<Backend, T>>(
          plan<In, Backend>, pass, state.nodes, state.edges, at,
          SharedForward<Backend, T>(started.data()))
          .run();
    }
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    SampleStates<nodes, edges, T> state;
    set_flow(pass.choices, state.edges);
    std::tuple<typename Edges::Op::template Backward<shapes(In)[Edges::from], Backend, T>...> trips;
    std::array<StartedTrip<BackwardCalls<Backend, T>>, edges> started;
    SampleBackward<Backend, T> trip(plan<In, Backend>, pass, state.nodes, state.edges, at,
                                    started.data());
    start<In>(pass, at, state.edges, [&](auto e, const Backward<T>& edge) {
      started[e] = start_trip(std::get<e>(trips), pass, edge);
    });
    trip.run();
  }

 private:
  static void set_flow(const std::uint8_t* choices, std::array<EdgeState, edges>& state) {
    std::size_t e = 0;
    ((state[e].active = Edges::Op::flow(choices) != Flow::nothing,
      state[e].produces = Edges::Op::produces(choices), ++e),
     ...);
  }
  /// Calls `begin(e, at)` for each active edge in order with where the edge finds its data; e is an
  /// integral constant.
  template <Shape In, class Backend, class At, class Begin>
  static void start(Pass<Backend>& pass, At at, const std::array<EdgeState, edges>& state,
                    Begin&& begin) {
    const auto start_one = [&](auto e) {
      constexpr EdgePlan edge = edge_plans<In, Backend>[e];
      if (state[e].active) begin(e, at);
      pass_over(at, edge.parameters, edge.buffers);
      at.saved += edge.saved.at(pass.batch);
    };
    [&]<std::size_t... E>(std::index_sequence<E...>) {
      (start_one(std::integral_constant<std::size_t, E>{}), ...);
    }
    (std::make_index_sequence<edges>{});
  }

  // What the trips need to know.

  /// Rooms of a thread: all inner nodes and an activated one in inference; a node, that activated,
  /// and two gradients on the way back.
  static constexpr std::size_t rooms = std::max<std::size_t>(4, nodes - 1);

  static constexpr bool kept(std::size_t node) {
    std::size_t into = 0;
    bool repeatable = true;
    bool read = false;
    std::size_t e = 0;
    ((into += to[e] == node ? 1u : 0u, repeatable &= to[e] != node || Edges::Op::repeatable,
      read |= from[e] == node && Edges::Op::reads_source, ++e),
     ...);
    return into != 1 || !repeatable || read;
  }

  /// Where the gradient of each inner node lies. Two share a place if one is used up before the
  /// other is begun: that of node n is made by loop n and used until the loop of the first node
  /// that leads to n.
  static constexpr std::array<std::size_t, nodes> gradient_places() {
    std::array<std::size_t, nodes> place{};
    std::array<std::size_t, nodes> used_until{};
    used_until.fill(nodes);
    for (std::size_t n = last; n-- > 1;) {
      std::size_t p = 0;
      while (used_until[p] <= n) ++p;
      place[n] = p;
      used_until[p] = n;
      for (std::size_t e = 0; e < edges; ++e) {
        if (to[e] == n) used_until[p] = std::min(used_until[p], from[e]);
      }
    }
    return place;
  }
  static constexpr std::array<std::size_t, nodes> gradient_sizes(Shape in) {
    const auto shape = shapes(in);
    const auto place = gradient_places();
    std::array<std::size_t, nodes> size{};
    for (std::size_t n = 1; n < last; ++n) {
      size[place[n]] = std::max(size[place[n]], shape[n].size());
    }
    return size;
  }

  // Workspace of the edges in each loop.

  template <Shape In, class Backend>
  static constexpr std::array<EdgeScratch, edges> edge_sizes() {
    return {Edges::Op::template scratch<shapes(In)[Edges::from], Backend>()...};
  }
  template <Shape In, class Backend>
  static constexpr std::size_t edge_scratch() {
    const auto size = edge_sizes<In, Backend>();
    std::size_t most = 0;
    std::size_t inference = 0;
    for (std::size_t n = 0; n < nodes; ++n) {
      std::size_t forward = 0;
      std::size_t backward = 0;
      for (std::size_t e = 0; e < edges; ++e) {
        if (from[e] == n) forward += size[e].forward;
        if (from[e] == n) backward += size[e].backward;
        if (to[e] == n) backward += size[e].sums;
      }
      inference += forward;
      most = std::max({most, forward, backward});
    }
    return std::max(most, inference);
  }
  /// Parts of a loop that goes back: as many as weight gradients are summed by.
  template <Shape In, class Backend>
  static constexpr std::size_t most_parts() {
    return std::min({Edges::Op::template most_parts<shapes(In)[Edges::from], Backend>()...});
  }
  /// Elements of the largest thing a room holds, for one sample.
  static constexpr std::size_t room_elements(Shape in) {
    const auto shape = shapes(in);
    std::size_t most = 0;
    for (const Shape s : shape) most = std::max(most, s.size());
    return std::max({most, Edges::Op::room(shape[Edges::from])...});
  }
  template <Shape In, class Backend>
  static constexpr std::size_t group_size() {
    return Backend::Samples::at_once(room_elements(In));
  }
  template <Shape In, class Backend>
  static constexpr std::size_t room_size() {
    return group_size<In, Backend>() * room_elements(In);
  }
  /// Multiply-adds of a sample in all loops together.
  static constexpr std::size_t all_work(Shape in) {
    const auto shape = shapes(in);
    return (Edges::Op::work(shape[Edges::from]) + ...);
  }
  /// Multiply-adds of a sample in the loop of node n.
  static constexpr std::size_t loop_work(Shape in, std::size_t n) {
    const auto shape = shapes(in);
    std::size_t sum = 8 * shape[n].size();
    std::size_t e = 0;
    ((sum += from[e] == n || to[e] == n ? Edges::Op::work(shape[from[e]]) : 0, ++e), ...);
    return sum;
  }

  template <Shape In, class Backend>
  static constexpr std::array<EdgePlan, edges> planned_edges() {
    constexpr auto shape = shapes(In);
    return {EdgePlan{Edges::from, Edges::to, Edges::Op::parameters(shape[Edges::from]),
                     Edges::Op::buffers(shape[Edges::from]), Edges::Op::saved(shape[Edges::from]),
                     Edges::Op::template scratch<shape[Edges::from], Backend>()}...};
  }
  static constexpr std::array<NodePlan, nodes> planned_nodes(Shape in) {
    const auto shape = shapes(in);
    const auto place = gradient_places();
    const auto place_size = gradient_sizes(in);
    std::array<NodePlan, nodes> result{};
    for (std::size_t n = 0; n < nodes; ++n) {
      result[n] = {shape[n].size(), kept(n), place[n], place_size[n], loop_work(in, n)};
    }
    return result;
  }
  template <Shape In>
  static constexpr std::array<NodePlan, nodes> node_plans = planned_nodes(In);
  template <Shape In, class Backend>
  static constexpr std::array<EdgePlan, edges> edge_plans = planned_edges<In, Backend>();
  template <Shape In, class Backend>
  static constexpr SamplePlan plan{.nodes = node_plans<In>,
                                   .edges = edge_plans<In, Backend>,
                                   .all_work = all_work(In),
                                   .most_parts = most_parts<In, Backend>(),
                                   .at_once = group_size<In, Backend>(),
                                   .rooms = rooms,
                                   .room_size = room_size<In, Backend>(),
                                   .edge_scratch = edge_scratch<In, Backend>()};
};

}  // namespace tepui::nn::detail
