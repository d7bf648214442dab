#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "tepui/nn/detail/batch_trips.hpp"
#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/detail/graph_plan.hpp"
#include "tepui/nn/detail/part_code.hpp"
#include "tepui/nn/detail/sample_trips.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn::detail {

/// A backend that goes through a batch a few samples at a time; the others take whole batches.
template <class Backend>
concept TakesSamples = requires {
  typename Backend::Samples;
};

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
  static_assert(Nodes <= most_graph_nodes);
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
    constexpr const GraphPlan& all = plan<In, Backend>;
    Extent sum;
    for (const std::size_t size : all.gradient_places) {
      if (size != 0) sum = sum + Extent{size, 0};
    }
    if constexpr (TakesSamples<Backend>) {
      return sum + Extent{0, all.edge_scratch} +
             Extent{0, rooms * Backend::Samples::most_parts * all.room_size};
    } else {
      for (std::size_t n = 1; n < last; ++n) {
        if (!kept(n)) sum = sum + Extent{shapes_of<In>[n].size(), 0};
      }
      Extent most;
      ((most = max_extent(
            most, Edges::Op::template batch_scratch<shapes_of<In>[Edges::from], Backend>())),
       ...);
      return sum + most;
    }
  }
  static constexpr bool adds(const std::uint8_t* /*choices*/) { return true; }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, const Forward<T>& at) {
    if constexpr (TakesSamples<Backend>) {
      using Trip = ForwardTrip<Backend, T>;
      constexpr auto& makers = forward_makers<In, Backend, T>;
      alignas(trip_alignment) std::byte room[room_for<Trip>(makers)];
      std::array<Trip*, edges> trips;
      std::array<T*, nodes> node;
      run_forward<Backend, T>(plan<In, Backend>, pass, at, {makers, room, trips, node});
    } else {
      BatchForward<Backend, T>(plan<In, Backend>, batch_edges<In, Backend, T>, pass, at).run();
    }
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, const Backward<T>& at) {
    if constexpr (TakesSamples<Backend>) {
      using Trip = BackwardTrip<Backend, T>;
      constexpr auto& makers = backward_makers<In, Backend, T>;
      alignas(trip_alignment) std::byte room[room_for<Trip>(makers)];
      std::array<Trip*, edges> trips;
      std::array<T*, nodes> node;
      std::array<T*, nodes> gradient;
      run_backward<Backend, T>(plan<In, Backend>, pass, at, {makers, room, trips, node}, gradient);
    } else {
      BatchBackward<Backend, T>(plan<In, Backend>, batch_edges<In, Backend, T>, pass, at).run();
    }
  }

 private:
  template <Shape In>
  static constexpr std::array<Shape, nodes> shapes_of = shapes(In);
  template <class Edge, Shape In, class Backend, class T>
  using CodeOf = PartCode<AsEdge<typename Edge::Op>, shapes_of<In>[Edge::from], Backend, T>;
  template <Shape In, class Backend, class T>
  static constexpr std::array<TripMaker<ForwardTrip<Backend, T>>, edges> forward_makers{
      TripMaker<ForwardTrip<Backend, T>>{&CodeOf<Edges, In, Backend, T>::forward,
                                         CodeOf<Edges, In, Backend, T>::forward_size}...};
  template <Shape In, class Backend, class T>
  static constexpr std::array<TripMaker<BackwardTrip<Backend, T>>, edges> backward_makers{
      TripMaker<BackwardTrip<Backend, T>>{&CodeOf<Edges, In, Backend, T>::backward,
                                          CodeOf<Edges, In, Backend, T>::backward_size}...};

  template <Shape In, class Backend, class T>
  static constexpr std::array<BatchEdge<Backend, T>, edges> batch_edges{
      batch_edge<typename Edges::Op, shapes_of<In>[Edges::from], Backend, T>...};

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

  /// Elements of the largest thing a room holds, for one sample.
  static constexpr std::size_t room_elements(Shape in) {
    const auto shape = shapes(in);
    std::size_t most = 0;
    for (const Shape s : shape) most = std::max(most, s.size());
    return std::max({most, Edges::Op::room(shape[Edges::from])...});
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

  template <class Operation, Shape In, class Backend>
  static constexpr EdgeScratch scratch_of() {
    if constexpr (TakesSamples<Backend>) {
      return Operation::template scratch<In, Backend>();
    } else {
      return {};
    }
  }
  template <Shape In, class Backend>
  static constexpr std::array<PlannedEdge, edges> planned_edges{PlannedEdge{
      Edges::from, Edges::to, Edges::Op::parameters(shapes_of<In>[Edges::from]),
      Edges::Op::buffers(shapes_of<In>[Edges::from]), Edges::Op::saved(shapes_of<In>[Edges::from]),
      scratch_of<typename Edges::Op, shapes_of<In>[Edges::from], Backend>()}...};
  /// Workspace of the edges in the loop that needs most.
  template <Shape In, class Backend>
  static constexpr std::size_t edge_scratch() {
    std::size_t most = 0;
    std::size_t inference = 0;
    for (std::size_t n = 0; n < nodes; ++n) {
      std::size_t forward = 0;
      std::size_t backward = 0;
      for (const PlannedEdge& edge : planned_edges<In, Backend>) {
        if (edge.from == n) forward += edge.scratch.forward;
        if (edge.from == n) backward += edge.scratch.backward;
        if (edge.to == n) backward += edge.scratch.sums;
      }
      inference += forward;
      most = std::max({most, forward, backward});
    }
    return std::max(most, inference);
  }
  template <Shape In>
  static constexpr std::array<PlannedNode, nodes> planned_nodes = [] {
    std::array<PlannedNode, nodes> result{};
    constexpr auto place = gradient_places();
    for (std::size_t n = 0; n < nodes; ++n) {
      result[n] = {shapes_of<In>[n].size(), kept(n), place[n], loop_work(In, n)};
    }
    return result;
  }();
  template <Shape In>
  static constexpr std::array<std::size_t, nodes> gradient_sizes_of = gradient_sizes(In);
  template <Shape In, class Backend>
  static constexpr GraphPlan plan = [] {
    GraphPlan result{.edges = planned_edges<In, Backend>,
                     .nodes = planned_nodes<In>,
                     .gradient_places = gradient_sizes_of<In>};
    if constexpr (TakesSamples<Backend>) {
      result.all_work = all_work(In);
      result.most_parts =
          std::min({Edges::Op::template most_parts<shapes_of<In>[Edges::from], Backend>()...});
      result.edge_scratch = edge_scratch<In, Backend>();
      result.at_once = Backend::Samples::at_once(room_elements(In));
      result.room_size = result.at_once * room_elements(In);
      result.rooms = rooms;
    }
    return result;
  }();
};

}  // namespace tepui::nn::detail
