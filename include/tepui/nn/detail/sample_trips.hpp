#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "tepui/nn/detail/edge_trips.hpp"
#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/detail/sample_plan.hpp"
#include "tepui/nn/layer.hpp"

/// @file
/// The two trips through a SampleGraph.

namespace tepui::nn::detail {

/// What a trip knows of a node.
template <class T>
struct NodeState {
  T* value = nullptr;     ///< of an inner node that is kept
  T* gradient = nullptr;  ///< by an inner node
  bool reached = false;   ///< going back: something flows to it
};
/// What a trip knows of an edge.
struct EdgeState {
  bool active = false;    ///< something flows over it
  bool produces = false;  ///< it makes something that must be known of the whole batch
  bool adds = false;      ///< in inference: another edge has written to its end before
};

/// Room for both, for as long as a trip takes.
template <std::size_t Nodes, std::size_t Edges, class T>
struct SampleStates {
  std::array<NodeState<T>, Nodes> nodes{};
  std::array<EdgeState, Edges> edges{};
};

/// Memory and loops of either trip.
template <class Backend, class T>
class SampleTrip {
 protected:
  using Samples = typename Backend::Samples;

  SampleTrip(const SamplePlan& plan, Pass<Backend>& pass, std::span<NodeState<T>> nodes,
             std::span<EdgeState> edges, T* saved, T* scratch)
      : plan_(plan), pass_(pass), nodes_(nodes), edges_(edges) {
    for (const EdgePlan& edge : plan.edges) saved += edge.saved.at(pass.batch);
    for (std::size_t n = 1; n < last(); ++n) {
      if (!plan.nodes[n].kept) continue;
      nodes[n].value = saved;
      saved += Extent{size(n), 0}.at(pass.batch);
    }
    for (std::size_t place = 0; place < plan.nodes.size(); ++place) {
      for (std::size_t n = 1; n < last(); ++n) {
        if (plan.nodes[n].gradient_place == place) nodes[n].gradient = scratch;
      }
      if (const std::size_t elements = plan.nodes[place].place_size; elements != 0) {
        scratch += Extent{elements, 0}.at(pass.batch);
      }
    }
    edge_scratch_ = scratch;
    rooms_ = scratch + Extent{0, plan.edge_scratch}.at(1);
  }

  [[nodiscard]] std::size_t last() const { return plan_.last(); }
  [[nodiscard]] std::size_t size(std::size_t node) const { return plan_.nodes[node].size; }

  /// Calls `visit(e)` for the active edges from or into a node.
  template <class Visit>
  void for_edges_from(std::size_t node, Visit&& visit) const {
    for (std::size_t e = 0; e < plan_.edges.size(); ++e) {
      if (plan_.edges[e].from == node && edges_[e].active) visit(e);
    }
  }
  template <class Visit>
  void for_edges_into(std::size_t node, Visit&& visit) const {
    for (std::size_t e = 0; e < plan_.edges.size(); ++e) {
      if (plan_.edges[e].to == node && edges_[e].active) visit(e);
    }
  }

  /// Room i of a thread that holds `key`.
  T* room(std::size_t key, std::size_t i) const {
    return rooms_ + (key * plan_.rooms + i) * plan_.room_size;
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
          for (std::size_t s = first; s < end; s += plan_.at_once) {
            body(Group<T>{.first = s,
                          .count = std::min(plan_.at_once, end - s),
                          .part = part,
                          .opens = s == first,
                          .dz = room(key, 2),
                          .dx = room(key, 3)},
                 key);
          }
          close(part, end - first);
        });
  }

  const SamplePlan& plan_;
  Pass<Backend>& pass_;
  std::span<NodeState<T>> nodes_;
  std::span<EdgeState> edges_;
  T* edge_scratch_;
  T* rooms_;
};

/// @tparam Edges SharedForward, or the graph's OwnForward where only inference is wanted
template <class Backend, class T, class Edges>
class SampleForward : SampleTrip<Backend, T> {
  using Base = SampleTrip<Backend, T>;
  using Base::plan_, Base::pass_, Base::nodes_, Base::edges_, Base::last, Base::size;
  using typename Base::Samples;

 public:
  SampleForward(const SamplePlan& plan, Pass<Backend>& pass, std::span<NodeState<T>> nodes,
                std::span<EdgeState> edges, const Forward<T>& at, const Edges& trips)
      : Base(plan, pass, nodes, edges, at.saved, at.scratch), at_(at), trips_(trips) {}

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
  void run_by_nodes() {
    for (std::size_t node = 0; node < last(); ++node) run_from(node);
    this->loop(
        plan_.nodes[last()].loop_work, Samples::most_parts,
        [&](const Group<T>& group, std::size_t) {
          complete(last(), group, at_.y + group.first * size(last()), at_.add);
        },
        [](std::size_t, std::size_t) {});
  }
  /// Completes a node and makes what the edges from it need of the whole batch.
  void run_from(std::size_t node) {
    if (!anything_to_do(node)) return;
    T* scratch = this->edge_scratch_;
    this->for_edges_from(node, [&](std::size_t e) {
      trips_.open(e, scratch);
      scratch += plan_.edges[e].scratch.forward;
    });
    const auto parts = this->loop(
        plan_.nodes[node].loop_work, Samples::most_parts,
        [&](const Group<T>& group, std::size_t key) {
          Source<T> source(value(node, group, this->room(key, 0)), this->room(key, 1));
          this->for_edges_from(node, [&](std::size_t e) { trips_.produce(e, group, source); });
        },
        [&](std::size_t part, std::size_t samples) {
          this->for_edges_from(node, [&](std::size_t e) { trips_.close(e, part, samples); });
        });
    this->for_edges_from(node, [&](std::size_t e) { trips_.finish(e, pass_, parts.grain); });
  }
  /// Whether an edge from the node makes something, or needs the node to be kept.
  [[nodiscard]] bool anything_to_do(std::size_t node) const {
    bool result = false;
    this->for_edges_from(node, [&](std::size_t e) {
      result = result || edges_[e].produces || (node != 0 && plan_.nodes[node].kept);
    });
    return result;
  }
  /// @return the node for the samples of a group
  const T* value(std::size_t node, const Group<T>& group, T* room) {
    if (node == 0) return at_.x + group.first * size(0);
    T* const kept = nodes_[node].value;
    T* const target = kept != nullptr ? kept + group.first * size(node) : room;
    complete(node, group, target, false);
    return target;
  }
  /// y = or += the sum of the edges into a node.
  void complete(std::size_t node, const Group<T>& group, T* y, bool add) {
    this->for_edges_into(node, [&](std::size_t e) {
      const std::size_t start = plan_.edges[e].from;
      const T* const x = start == 0 ? at_.x : nodes_[start].value;
      const Source<T> source(x == nullptr ? nullptr : x + group.first * size(start), nullptr);
      trips_.contribute(e, group, source, y, add);
      add = true;
    });
    if (!add) Samples::clear(group.count * size(node), y);
  }

  /// Inference: all nodes of a group, one after the other.
  void run_at_once() {
    T* scratch = this->edge_scratch_;
    for (std::size_t node = 0; node < last(); ++node) {
      this->for_edges_from(node, [&](std::size_t e) { edges_[e].adds = written(e); });
    }
    for (std::size_t e = 0; e < plan_.edges.size(); ++e) {
      if (!edges_[e].active) continue;
      trips_.open_inference(e, scratch);
      scratch += plan_.edges[e].scratch.forward;
    }
    this->loop(
        plan_.all_work, Samples::most_parts,
        [&](const Group<T>& group, std::size_t key) {
          for (std::size_t node = 0; node < last(); ++node) pass_on(node, group, key);
          if (!reached(last()) && !at_.add) {
            Samples::clear(group.count * size(last()), place(last(), group, key));
          }
        },
        [](std::size_t, std::size_t) {});
  }
  void pass_on(std::size_t node, const Group<T>& group, std::size_t key) {
    if (node != 0 && !reached(node)) {
      Samples::clear(group.count * size(node), place(node, group, key));
    }
    const T* const x = node == 0 ? at_.x + group.first * size(0) : place(node, group, key);
    Source<T> source(x, this->room(key, 0));
    this->for_edges_from(node, [&](std::size_t e) {
      trips_.pass_through(e, group, source, place(plan_.edges[e].to, group, key), edges_[e].adds);
    });
  }
  /// Where a node that is not the input is made.
  T* place(std::size_t node, const Group<T>& group, std::size_t key) const {
    return node == last() ? at_.y + group.first * size(node) : this->room(key, node);
  }
  [[nodiscard]] bool reached(std::size_t node) const {
    bool result = false;
    this->for_edges_into(node, [&](std::size_t) { result = true; });
    return result;
  }
  /// Whether something was written to the end of an edge before the edge's turn; those from lower
  /// nodes come first, then those listed first.
  [[nodiscard]] bool written(std::size_t e) const {
    const EdgePlan& edge = plan_.edges[e];
    bool result = edge.to == last() && at_.add;
    this->for_edges_into(edge.to, [&](std::size_t other) {
      const std::size_t from = plan_.edges[other].from;
      result = result || from < edge.from || (from == edge.from && other < e);
    });
    return result;
  }

  const Forward<T>& at_;
  Edges trips_;
};

template <class Backend, class T>
class SampleBackward : SampleTrip<Backend, T> {
  using Base = SampleTrip<Backend, T>;
  using Base::plan_, Base::pass_, Base::nodes_, Base::edges_, Base::last, Base::size;
  using typename Base::Samples;
  using Started = StartedTrip<BackwardCalls<Backend, T>>;

 public:
  /// Finds out which edges something flows back over; they are to be started before run.
  SampleBackward(const SamplePlan& plan, Pass<Backend>& pass, std::span<NodeState<T>> nodes,
                 std::span<EdgeState> edges, const Backward<T>& at, const Started* trips)
      : Base(plan, pass, nodes, edges, at.saved, at.scratch), at_(at), trips_(trips) {
    nodes[last()].reached = true;
    for (std::size_t e = plan.edges.size(); e-- > 0;) {
      // nothing flows back from a node that nobody needs
      if (!nodes[plan.edges[e].to].reached) edges[e].active = false;
      if (edges[e].active) nodes[plan.edges[e].from].reached = true;
    }
  }

  void run() {
    for (std::size_t node = plan_.nodes.size(); node-- > 0;) run_from(node);
    if (nodes_[0].reached || at_.dx == nullptr || at_.add) return;
    pass_.backend.fill(size(0) * static_cast<std::size_t>(pass_.batch), T{0}, at_.dx);
  }

 private:
  /// Takes the gradient back over the edges from a node, which completes the node's own; then sums
  /// what the edges into it need of that over the whole batch.
  void run_from(std::size_t node) {
    if (!nodes_[node].reached) return;
    T* scratch = this->edge_scratch_;
    this->for_edges_from(node, [&](std::size_t e) {
      trips_[e].calls->open(trips_[e].trip, scratch);
      scratch += plan_.edges[e].scratch.backward;
    });
    this->for_edges_into(node, [&](std::size_t e) {
      trips_[e].calls->open_sums(trips_[e].trip, scratch);
      scratch += plan_.edges[e].scratch.sums;
    });
    const auto parts = this->loop(
        plan_.nodes[node].loop_work, plan_.most_parts,
        [&](const Group<T>& group, std::size_t key) {
          const T* const dy = node == last() ? gradient(node, group) : take_back(node, group, key);
          this->for_edges_into(
              node, [&](std::size_t e) { trips_[e].calls->add_sums(trips_[e].trip, group, dy); });
        },
        [&](std::size_t part, std::size_t) {
          this->for_edges_into(
              node, [&](std::size_t e) { trips_[e].calls->close_sums(trips_[e].trip, part); });
        });
    this->for_edges_from(
        node, [&](std::size_t e) { trips_[e].calls->finish(trips_[e].trip, parts.count); });
    this->for_edges_into(
        node, [&](std::size_t e) { trips_[e].calls->finish_sums(trips_[e].trip, parts.count); });
  }
  /// Sums what the edges from a node give to its gradient, for the samples of a group.
  /// @return the gradient; null: not wanted
  const T* take_back(std::size_t node, const Group<T>& group, std::size_t key) {
    T* const whole = node == 0 ? at_.dx : nodes_[node].gradient;
    T* const dx = whole == nullptr ? nullptr : whole + group.first * size(node);
    Source<T> source(value(node, group, this->room(key, 0)), this->room(key, 1));
    bool add = node == 0 && at_.add;
    this->for_edges_from(node, [&](std::size_t e) {
      trips_[e].calls->consume(trips_[e].trip, group, source, gradient(plan_.edges[e].to, group),
                               dx, add);
      add = true;
    });
    return dx;
  }
  /// @return the gradient by a node for the samples of a group, complete
  const T* gradient(std::size_t node, const Group<T>& group) const {
    return (node == last() ? at_.dy : nodes_[node].gradient) + group.first * size(node);
  }
  /// @return the node for the samples of a group, made again if it was not kept
  const T* value(std::size_t node, const Group<T>& group, T* room) {
    if (node == 0) return at_.x + group.first * size(0);
    if (plan_.nodes[node].kept) return nodes_[node].value + group.first * size(node);
    this->for_edges_into(
        node, [&](std::size_t e) { trips_[e].calls->repeat(trips_[e].trip, group, room); });
    return room;
  }

  const Backward<T>& at_;
  const Started* trips_;
};

}  // namespace tepui::nn::detail
