#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/layer.hpp"

/// @file
/// The two trips through a SampleGraph.

namespace tepui::nn::detail {

template <std::size_t N>
using Index = std::integral_constant<std::size_t, N>;

/// Memory and loops of either trip.
template <class Graph, Shape In, class Backend, class T>
class SampleTrip {
 protected:
  using Samples = typename Backend::Samples;
  static constexpr std::size_t last = Graph::last;
  static constexpr auto shapes = Graph::shapes(In);
  static constexpr std::size_t size(std::size_t node) { return shapes[node].size(); }
  static constexpr std::size_t at_once = Graph::template group_size<In, Backend>();

  SampleTrip(Pass<Backend>& pass, T* saved, T* scratch)
      : pass_(pass), flow_(Graph::flows(pass.choices)) {
    Graph::for_edges([&](auto e) {
      saved += Graph::template Op<e>::saved(shapes[Graph::from[e]]).at(pass.batch);
    });
    for (std::size_t n = 1; n < last; ++n) {
      if (!Graph::kept(n)) continue;
      node_[n] = saved;
      saved += Extent{size(n), 0}.at(pass.batch);
    }
    constexpr auto places = Graph::gradient_places();
    std::array<T*, Graph::nodes> place{};
    std::size_t p = 0;
    for (const std::size_t elements : Graph::gradient_sizes(In)) {
      place[p++] = scratch;
      if (elements != 0) scratch += Extent{elements, 0}.at(pass.batch);
    }
    for (std::size_t n = 1; n < last; ++n) gradient_[n] = place[places[n]];
    edge_scratch_ = scratch;
    rooms_ = scratch + Extent{0, Graph::template edge_scratch<In, Backend>()}.at(1);
  }

  bool active(std::size_t e) const { return flow_[e] != Flow::nothing; }

  /// Calls `visit(e)` for the active edges from or into a node; e is an integral constant.
  template <std::size_t Node, class Visit>
  void for_edges_from(Visit&& visit) const {
    Graph::for_edges([&](auto e) {
      if constexpr (Graph::from[e] == Node) {
        if (active(e)) visit(e);
      }
    });
  }
  template <std::size_t Node, class Visit>
  void for_edges_into(Visit&& visit) const {
    Graph::for_edges([&](auto e) {
      if constexpr (Graph::to[e] == Node) {
        if (active(e)) visit(e);
      }
    });
  }

  /// Room i of a thread that holds `key`.
  T* room(std::size_t key, std::size_t i) const {
    return rooms_ + (key * Graph::rooms + i) * Graph::template room_size<In, Backend>();
  }
  /// A loop over the batch: calls `body(group, key)` for the samples of each part, then
  /// `close(part, samples)`.
  /// @param work       multiply-adds of a sample
  /// @param most_parts at most Samples::most_parts
  template <class Body, class Close>
  auto loop(std::size_t work, std::size_t most_parts, Body&& body, Close&& close) const {
    return Samples::for_parts(
        static_cast<std::size_t>(pass_.batch), work, most_parts,
        [&](std::size_t part, std::size_t key, std::size_t first, std::size_t end) {
          for (std::size_t s = first; s < end; s += at_once) {
            body(Group<T>{.first = s,
                          .count = std::min(at_once, end - s),
                          .part = part,
                          .opens = s == first,
                          .dz = room(key, 2),
                          .dx = room(key, 3)},
                 key);
          }
          close(part, end - first);
        });
  }

  Pass<Backend>& pass_;
  std::array<Flow, Graph::edges> flow_;
  std::array<T*, Graph::nodes> node_{};      ///< inner nodes that are kept
  std::array<T*, Graph::nodes> gradient_{};  ///< by the inner nodes
  T* edge_scratch_;
  T* rooms_;
};

template <class Graph, Shape In, class Backend, class T>
class SampleForward : SampleTrip<Graph, In, Backend, T> {
  using Base = SampleTrip<Graph, In, Backend, T>;
  using Base::last, Base::shapes, Base::size, Base::pass_, Base::node_;
  using typename Base::Samples;

 public:
  SampleForward(Pass<Backend>& pass, const Forward<T>& at)
      : Base(pass, at.saved, at.scratch), at_(at) {
    Forward<T> edge = at;
    Graph::for_edges([&](auto e) {
      using Op = typename Graph::template Op<e>;
      constexpr Shape in = shapes[Graph::from[e]];
      if (this->active(e)) std::get<e>(trips_).start(pass, edge);
      edge.parameters += Op::parameters(in);
      edge.buffers += Op::buffers(in);
      edge.saved += Op::saved(in).at(pass.batch);
    });
  }

  void run() {
    if constexpr (only_infers<Backend>) {
      run_at_once();
    } else if (pass_.statistics == Statistics::running && !pass_.keeps) {
      run_at_once();
    } else {
      run_by_nodes();
    }
  }

 private:
  template <std::size_t E>
  static constexpr std::size_t scratch_of = Graph::template edge_sizes<In, Backend>()[E].forward;

  void run_by_nodes() {
    [&]<std::size_t... N>(std::index_sequence<N...>) { (run_from<N>(), ...); }
    (std::make_index_sequence<last>{});
    this->loop(
        Graph::loop_work(In, last), Samples::most_parts,
        [&](const Group<T>& group, std::size_t) {
          complete<last>(group, at_.y + group.first * size(last), at_.add);
        },
        [](std::size_t, std::size_t) {});
  }
  /// Completes a node and makes what the edges from it need of the whole batch.
  template <std::size_t Node>
  void run_from() {
    if (!anything_to_do<Node>()) return;
    T* scratch = this->edge_scratch_;
    this->template for_edges_from<Node>([&](auto e) {
      std::get<e>(trips_).open(scratch);
      scratch += scratch_of<e>;
    });
    const auto parts = this->loop(
        Graph::loop_work(In, Node), Samples::most_parts,
        [&](const Group<T>& group, std::size_t key) {
          Source<T> source(value<Node>(group, this->room(key, 0)), this->room(key, 1));
          this->template for_edges_from<Node>(
              [&](auto e) { std::get<e>(trips_).produce(group, source); });
        },
        [&](std::size_t part, std::size_t samples) {
          this->template for_edges_from<Node>(
              [&](auto e) { std::get<e>(trips_).close(part, samples); });
        });
    this->template for_edges_from<Node>(
        [&](auto e) { std::get<e>(trips_).finish(pass_, parts.grain); });
  }
  /// Whether an edge from the node makes something, or needs the node to be kept.
  template <std::size_t Node>
  bool anything_to_do() const {
    const auto produces = Graph::produces(pass_.choices);
    bool result = false;
    this->template for_edges_from<Node>(
        [&](auto e) { result = result || produces[e] || (Node != 0 && Graph::kept(Node)); });
    return result;
  }
  /// @return the node for the samples of a group
  template <std::size_t Node>
  const T* value(const Group<T>& group, T* room) {
    if constexpr (Node == 0) {
      return at_.x + group.first * size(0);
    } else {
      T* const target = Graph::kept(Node) ? node_[Node] + group.first * size(Node) : room;
      complete<Node>(group, target, false);
      return target;
    }
  }
  /// y = or += the sum of the edges into a node.
  template <std::size_t Node>
  void complete(const Group<T>& group, T* y, bool add) {
    this->template for_edges_into<Node>([&](auto e) {
      constexpr std::size_t start = Graph::from[e];
      const T* const x = start == 0 ? at_.x : node_[start];
      const Source<T> source(x == nullptr ? nullptr : x + group.first * size(start), nullptr);
      std::get<e>(trips_).contribute(group, source, y, add);
      add = true;
    });
    if (!add) Samples::clear(group.count * size(Node), y);
  }

  /// Inference: all nodes of a group, one after the other.
  void run_at_once() {
    T* scratch = this->edge_scratch_;
    Graph::for_edges([&](auto e) {
      if (!this->active(e)) return;
      std::get<e>(trips_).open_inference(scratch);
      scratch += scratch_of<e>;
    });
    this->loop(
        Graph::all_work(In), Samples::most_parts,
        [&](const Group<T>& group, std::size_t key) {
          std::array<T*, Graph::nodes> node{};
          std::array<bool, Graph::nodes> written{};
          for (std::size_t n = 1; n < last; ++n) node[n] = this->room(key, n);
          node[last] = at_.y + group.first * size(last);
          written[last] = at_.add;
          [&]<std::size_t... N>(std::index_sequence<N...>) {
            (pass_on<N>(group, this->room(key, 0), node, written), ...);
          }
          (std::make_index_sequence<last>{});
          if (!written[last]) Samples::clear(group.count * size(last), node[last]);
        },
        [](std::size_t, std::size_t) {});
  }
  template <std::size_t Node>
  void pass_on(const Group<T>& group, T* activated, const std::array<T*, Graph::nodes>& node,
               std::array<bool, Graph::nodes>& written) {
    if constexpr (Node != 0) {
      if (!written[Node]) Samples::clear(group.count * size(Node), node[Node]);
    }
    Source<T> source(Node == 0 ? at_.x + group.first * size(0) : node[Node], activated);
    this->template for_edges_from<Node>([&](auto e) {
      constexpr std::size_t end = Graph::to[e];
      std::get<e>(trips_).pass_through(group, source, node[end], written[end]);
      written[end] = true;
    });
  }

  template <class Edges>
  struct TripsOf;
  template <std::size_t... E>
  struct TripsOf<std::index_sequence<E...>> {
    using type = std::tuple<
        typename Graph::template Op<E>::template Forward<shapes[Graph::from[E]], Backend, T>...>;
  };

  Forward<T> at_;
  typename TripsOf<std::make_index_sequence<Graph::edges>>::type trips_;
};

template <class Graph, Shape In, class Backend, class T>
class SampleBackward : SampleTrip<Graph, In, Backend, T> {
  using Base = SampleTrip<Graph, In, Backend, T>;
  using Base::last, Base::shapes, Base::size, Base::pass_, Base::node_, Base::gradient_;
  using typename Base::Samples;

 public:
  SampleBackward(Pass<Backend>& pass, const Backward<T>& at)
      : Base(pass, at.saved, at.scratch), at_(at) {
    reached_[last] = true;
    for (std::size_t e = Graph::edges; e-- > 0;) {
      // nothing flows back from a node that nobody needs
      if (!reached_[Graph::to[e]]) this->flow_[e] = Flow::nothing;
      if (this->active(e)) reached_[Graph::from[e]] = true;
    }
    Backward<T> edge = at;
    Graph::for_edges([&](auto e) {
      using Op = typename Graph::template Op<e>;
      constexpr Shape in = shapes[Graph::from[e]];
      if (this->active(e)) std::get<e>(trips_).start(pass, edge);
      edge.parameters += Op::parameters(in);
      edge.gradient += Op::parameters(in);
      edge.saved += Op::saved(in).at(pass.batch);
    });
  }

  void run() {
    run_from<last>();
    [&]<std::size_t... N>(std::index_sequence<N...>) { (run_from<last - 1 - N>(), ...); }
    (std::make_index_sequence<last>{});
    if (reached_[0] || at_.dx == nullptr || at_.add) return;
    pass_.backend.fill(size(0) * static_cast<std::size_t>(pass_.batch), T{0}, at_.dx);
  }

 private:
  static constexpr auto sizes = Graph::template edge_sizes<In, Backend>();

  /// Takes the gradient back over the edges from a node, which completes the node's own; then sums
  /// what the edges into it need of that over the whole batch.
  template <std::size_t Node>
  void run_from() {
    if (!reached_[Node]) return;
    T* scratch = this->edge_scratch_;
    this->template for_edges_from<Node>([&](auto e) {
      std::get<e>(trips_).open(scratch);
      scratch += sizes[e].backward;
    });
    this->template for_edges_into<Node>([&](auto e) {
      std::get<e>(trips_).open_sums(scratch);
      scratch += sizes[e].sums;
    });
    const auto parts = this->loop(
        Graph::loop_work(In, Node), Graph::template most_parts<In, Backend>(),
        [&](const Group<T>& group, std::size_t key) {
          T* const dx = Node == last ? nullptr : target<Node>(group);
          if constexpr (Node != last) {
            Source<T> source(value<Node>(group, this->room(key, 0)), this->room(key, 1));
            bool add = Node == 0 && at_.add;
            this->template for_edges_from<Node>([&](auto e) {
              std::get<e>(trips_).consume(group, source, gradient<Graph::to[e]>(group), dx, add);
              add = true;
            });
          }
          const T* const dy = Node == last ? gradient<Node>(group) : dx;
          this->template for_edges_into<Node>(
              [&](auto e) { std::get<e>(trips_).add_sums(group, dy); });
        },
        [&](std::size_t part, std::size_t) {
          this->template for_edges_into<Node>(
              [&](auto e) { std::get<e>(trips_).close_sums(part); });
        });
    this->template for_edges_from<Node>([&](auto e) { std::get<e>(trips_).finish(parts.count); });
    this->template for_edges_into<Node>(
        [&](auto e) { std::get<e>(trips_).finish_sums(parts.count); });
  }

  /// @return the gradient by a node for the samples of a group, complete
  template <std::size_t Node>
  const T* gradient(const Group<T>& group) const {
    return (Node == last ? at_.dy : gradient_[Node]) + group.first * size(Node);
  }
  /// @return where it goes; null: not wanted
  template <std::size_t Node>
  T* target(const Group<T>& group) const {
    T* const whole = Node == 0 ? at_.dx : gradient_[Node];
    return whole == nullptr ? nullptr : whole + group.first * size(Node);
  }
  /// @return the node for the samples of a group, made again if it was not kept
  template <std::size_t Node>
  const T* value(const Group<T>& group, T* room) {
    if constexpr (Node == 0) {
      return at_.x + group.first * size(0);
    } else if constexpr (Graph::kept(Node)) {
      return node_[Node] + group.first * size(Node);
    } else {
      this->template for_edges_into<Node>([&](auto e) { std::get<e>(trips_).repeat(group, room); });
      return room;
    }
  }

  template <class Edges>
  struct TripsOf;
  template <std::size_t... E>
  struct TripsOf<std::index_sequence<E...>> {
    using type = std::tuple<
        typename Graph::template Op<E>::template Backward<shapes[Graph::from[E]], Backend, T>...>;
  };

  Backward<T> at_;
  std::array<bool, Graph::nodes> reached_{};
  typename TripsOf<std::make_index_sequence<Graph::edges>>::type trips_;
};

}  // namespace tepui::nn::detail
