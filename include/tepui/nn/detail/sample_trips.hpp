#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/detail/graph_plan.hpp"
#include "tepui/nn/layer.hpp"

/// @file
/// The two trips through a SampleGraph: compiled once, for all graphs of a program.

namespace tepui::nn::detail {

/// Most nodes that the trips go through.
inline constexpr std::size_t most_graph_nodes = 64;

/// One bit for each node.
class NodeSet {
 public:
  [[nodiscard]] bool has(std::size_t node) const { return (bits_ >> node & 1) != 0; }
  void add(std::size_t node) { bits_ |= std::uint64_t{1} << node; }

 private:
  std::uint64_t bits_ = 0;
};

/// Makes the trip of one of a graph's edges.
template <class Trip>
struct TripMaker {
  Trip* (*make)(void* room) = nullptr;
  std::size_t size = 0;  ///< bytes
};
inline constexpr std::size_t trip_alignment = 64;

/// @return bytes that the trips of a graph take
template <class Trip>
constexpr std::size_t room_for(std::span<const TripMaker<Trip>> makers) {
  std::size_t bytes = 0;
  for (const auto& maker : makers) {
    bytes += (maker.size + trip_alignment - 1) / trip_alignment * trip_alignment;
  }
  return bytes;
}

/// What a trip through a graph works with while it lasts: the caller's.
template <class T, class Trip>
struct TripMemory {
  std::span<const TripMaker<Trip>> makers;
  std::byte* room;         ///< room_for(makers)
  std::span<Trip*> trips;  ///< one for each edge
  std::span<T*> node;      ///< one for each node

  void make() const {
    std::byte* next = room;
    for (std::size_t e = 0; e < makers.size(); ++e) {
      trips[e] = makers[e].make(next);
      next += room_for<Trip>(makers.subspan(e, 1));
    }
  }
};

/// Memory and loops of either trip.
/// @tparam Trip ForwardTrip or BackwardTrip
template <class Backend, class T, class Trip>
class SampleTrip {
 protected:
  using Samples = typename Backend::Samples;

  /// @param node  one each, which is used while the trip lasts
  /// @param saved what the edges keep, then the nodes that are kept
  SampleTrip(const GraphPlan& plan, Pass<Backend>& pass, std::span<Trip*> trips, std::span<T*> node,
             T* saved)
      : plan_(plan), pass_(pass), trips_(trips), node_(node), last_(plan.nodes.size() - 1) {
    for (const PlannedEdge& edge : plan.edges) saved += edge.saved.at(pass.batch);
    for (std::size_t n = 0; n <= last_; ++n) {
      node_[n] = nullptr;
      if (n == 0 || n == last_ || !plan.nodes[n].kept) continue;
      node_[n] = saved;
      saved += Extent{size(n), 0}.at(pass.batch);
    }
  }
  /// @param scratch gradients of the inner nodes, workspaces of the edges, rooms
  void place_scratch(T* scratch) {
    for (const std::size_t elements : plan_.gradient_places) {
      if (elements != 0) scratch += Extent{elements, 0}.at(pass_.batch);
    }
    edge_scratch_ = scratch;
    rooms_ = scratch + Extent{0, plan_.edge_scratch}.at(1);
  }

  std::size_t size(std::size_t node) const { return plan_.nodes[node].size; }

  /// Calls `visit(trip, edge)` for the active edges from or into a node.
  template <class Visit>
  void for_edges_from(std::size_t node, Visit&& visit) const {
    for (std::size_t e = 0; e < trips_.size(); ++e) {
      if (trips_[e] != nullptr && plan_.edges[e].from == node) visit(*trips_[e], plan_.edges[e]);
    }
  }
  template <class Visit>
  void for_edges_into(std::size_t node, Visit&& visit) const {
    for (std::size_t e = 0; e < trips_.size(); ++e) {
      if (trips_[e] != nullptr && plan_.edges[e].to == node) visit(*trips_[e], plan_.edges[e]);
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

  const GraphPlan& plan_;
  Pass<Backend>& pass_;
  std::span<Trip*> trips_;  ///< null: the edge adds nothing
  std::span<T*> node_;      ///< inner nodes that are kept
  std::size_t last_;
  T* edge_scratch_ = nullptr;
  T* rooms_ = nullptr;
};

template <class Backend, class T>
class SampleForward : SampleTrip<Backend, T, ForwardTrip<Backend, T>> {
  using Trip = ForwardTrip<Backend, T>;
  using Base = SampleTrip<Backend, T, Trip>;
  using Base::last_, Base::size, Base::pass_, Base::plan_, Base::node_, Base::trips_;
  using typename Base::Samples;

 public:
  SampleForward(const GraphPlan& plan, Pass<Backend>& pass, const Forward<T>& at,
                std::span<Trip*> trips, std::span<T*> node)
      : Base(plan, pass, trips, node, at.saved), at_(at) {
    this->place_scratch(at.scratch);
    Forward<T> edge = at;
    for (std::size_t e = 0; e < trips_.size(); ++e) {
      trips_[e] = trips_[e]->start(pass, edge);
      edge.parameters += plan.edges[e].parameters;
      edge.buffers += plan.edges[e].buffers;
      edge.saved += plan.edges[e].saved.at(pass.batch);
    }
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
  void run_by_nodes() {
    for (std::size_t n = 0; n < last_; ++n) run_from(n);
    this->loop(
        plan_.nodes[last_].loop_work, Samples::most_parts,
        [&](const Group<T>& group, std::size_t) {
          complete(last_, group, at_.y + group.first * size(last_), at_.add);
        },
        [](std::size_t, std::size_t) {});
  }
  /// Completes a node and makes what the edges from it need of the whole batch.
  void run_from(std::size_t node) {
    if (!anything_to_do(node)) return;
    T* scratch = this->edge_scratch_;
    this->for_edges_from(node, [&](Trip& trip, const PlannedEdge& edge) {
      trip.open(scratch);
      scratch += edge.scratch.forward;
    });
    const auto parts = this->loop(
        plan_.nodes[node].loop_work, Samples::most_parts,
        [&](const Group<T>& group, std::size_t key) {
          Source<T> source(value(node, group, this->room(key, 0)), this->room(key, 1));
          this->for_edges_from(
              node, [&](Trip& trip, const PlannedEdge&) { trip.produce(group, source); });
        },
        [&](std::size_t part, std::size_t samples) {
          this->for_edges_from(node,
                               [&](Trip& trip, const PlannedEdge&) { trip.close(part, samples); });
        });
    this->for_edges_from(node,
                         [&](Trip& trip, const PlannedEdge&) { trip.finish(pass_, parts.grain); });
  }
  /// Whether an edge from the node makes something, or needs the node to be kept.
  bool anything_to_do(std::size_t node) const {
    bool result = false;
    this->for_edges_from(node, [&](const Trip& trip, const PlannedEdge&) {
      result = result || trip.produces() || node_[node] != nullptr;
    });
    return result;
  }
  /// @return the node for the samples of a group
  const T* value(std::size_t node, const Group<T>& group, T* room) const {
    if (node == 0) return at_.x + group.first * size(0);
    T* const target = node_[node] != nullptr ? node_[node] + group.first * size(node) : room;
    complete(node, group, target, false);
    return target;
  }
  /// y = or += the sum of the edges into a node.
  void complete(std::size_t node, const Group<T>& group, T* y, bool add) const {
    this->for_edges_into(node, [&](const Trip& trip, const PlannedEdge& edge) {
      const T* const x = edge.from == 0 ? at_.x : node_[edge.from];
      const Source<T> source(x == nullptr ? nullptr : x + group.first * size(edge.from), nullptr);
      trip.contribute(group, source, y, add);
      add = true;
    });
    if (!add) Samples::clear(group.count * size(node), y);
  }

  /// Inference: all nodes of a group, one after the other.
  void run_at_once() {
    T* scratch = this->edge_scratch_;
    for (std::size_t e = 0; e < trips_.size(); ++e) {
      if (trips_[e] == nullptr) continue;
      trips_[e]->open_inference(scratch);
      scratch += plan_.edges[e].scratch.forward;
    }
    this->loop(
        plan_.all_work, Samples::most_parts,
        [&](const Group<T>& group, std::size_t key) {
          const auto node = [&](std::size_t n) {
            return n == last_ ? at_.y + group.first * size(n) : this->room(key, n);
          };
          NodeSet written;
          if (at_.add) written.add(last_);
          const auto complete = [&](std::size_t n) {
            if (!written.has(n)) Samples::clear(group.count * size(n), node(n));
          };
          for (std::size_t n = 0; n < last_; ++n) {
            if (n != 0) complete(n);
            Source<T> source(n == 0 ? at_.x + group.first * size(0) : node(n), this->room(key, 0));
            this->for_edges_from(n, [&](const Trip& trip, const PlannedEdge& edge) {
              trip.pass_through(group, source, node(edge.to), written.has(edge.to));
              written.add(edge.to);
            });
          }
          complete(last_);
        },
        [](std::size_t, std::size_t) {});
  }

  Forward<T> at_;
};

template <class Backend, class T>
class SampleBackward : SampleTrip<Backend, T, BackwardTrip<Backend, T>> {
  using Trip = BackwardTrip<Backend, T>;
  using Base = SampleTrip<Backend, T, Trip>;
  using Base::last_, Base::size, Base::pass_, Base::plan_, Base::node_, Base::trips_;
  using typename Base::Samples;

 public:
  /// @param gradient like node
  SampleBackward(const GraphPlan& plan, Pass<Backend>& pass, const Backward<T>& at,
                 std::span<Trip*> trips, std::span<T*> node, std::span<T*> gradient)
      : Base(plan, pass, trips, node, at.saved), at_(at), gradient_(gradient) {
    place_gradients(at.scratch);
    this->place_scratch(at.scratch);
    Backward<T> edge = at;
    for (const PlannedEdge& planned : plan.edges) {
      edge.parameters += planned.parameters;
      edge.gradient += planned.parameters;
      edge.saved += planned.saved.at(pass.batch);
    }
    reached_.add(last_);
    for (std::size_t e = trips_.size(); e-- > 0;) {
      const PlannedEdge& planned = plan.edges[e];
      edge.parameters -= planned.parameters;
      edge.gradient -= planned.parameters;
      edge.saved -= planned.saved.at(pass.batch);
      // nothing flows back from a node that nobody needs
      trips_[e] = reached_.has(planned.to) ? trips_[e]->start(pass, edge) : nullptr;
      if (trips_[e] != nullptr) reached_.add(planned.from);
    }
  }

  void run() {
    for (std::size_t n = last_ + 1; n-- > 0;) run_from(n);
    if (reached_.has(0) || at_.dx == nullptr || at_.add) return;
    pass_.backend.fill(size(0) * static_cast<std::size_t>(pass_.batch), T{0}, at_.dx);
  }

 private:
  /// The way in and the way out are the caller's: their gradients are at_.dx and at_.dy.
  void place_gradients(T* scratch) {
    gradient_[0] = at_.dx;
    gradient_[last_] = nullptr;
    for (std::size_t p = 0; p < plan_.gradient_places.size(); ++p) {
      for (std::size_t n = 1; n < last_; ++n) {
        if (plan_.nodes[n].gradient == p) gradient_[n] = scratch;
      }
      const std::size_t elements = plan_.gradient_places[p];
      if (elements != 0) scratch += Extent{elements, 0}.at(pass_.batch);
    }
  }

  /// Takes the gradient back over the edges from a node, which completes the node's own; then sums
  /// what the edges into it need of that over the whole batch.
  void run_from(std::size_t node) {
    if (!reached_.has(node)) return;
    T* scratch = this->edge_scratch_;
    this->for_edges_from(node, [&](Trip& trip, const PlannedEdge& edge) {
      trip.open(scratch);
      scratch += edge.scratch.backward;
    });
    this->for_edges_into(node, [&](Trip& trip, const PlannedEdge& edge) {
      trip.open_sums(scratch);
      scratch += edge.scratch.sums;
    });
    const auto parts = this->loop(
        plan_.nodes[node].loop_work, plan_.most_parts,
        [&](const Group<T>& group, std::size_t key) {
          T* const dx = target(node, group);
          if (node != last_) {
            Source<T> source(value(node, group, this->room(key, 0)), this->room(key, 1));
            bool add = node == 0 && at_.add;
            this->for_edges_from(node, [&](Trip& trip, const PlannedEdge& edge) {
              trip.consume(group, source, gradient(edge.to, group), dx, add);
              add = true;
            });
          }
          const T* const dy = node == last_ ? gradient(node, group) : dx;
          this->for_edges_into(node,
                               [&](Trip& trip, const PlannedEdge&) { trip.add_sums(group, dy); });
        },
        [&](std::size_t part, std::size_t) {
          this->for_edges_into(node,
                               [&](Trip& trip, const PlannedEdge&) { trip.close_sums(part); });
        });
    this->for_edges_from(node, [&](Trip& trip, const PlannedEdge&) { trip.finish(parts.count); });
    this->for_edges_into(node,
                         [&](Trip& trip, const PlannedEdge&) { trip.finish_sums(parts.count); });
  }

  /// @return the gradient by a node for the samples of a group, complete
  const T* gradient(std::size_t node, const Group<T>& group) const {
    return (node == last_ ? at_.dy : gradient_[node]) + group.first * size(node);
  }
  /// @return where it goes; null: not wanted
  T* target(std::size_t node, const Group<T>& group) const {
    return gradient_[node] == nullptr ? nullptr : gradient_[node] + group.first * size(node);
  }
  /// @return the node for the samples of a group, made again if it was not kept
  const T* value(std::size_t node, const Group<T>& group, T* room) const {
    if (node == 0) return at_.x + group.first * size(0);
    if (node_[node] != nullptr) return node_[node] + group.first * size(node);
    this->for_edges_into(node,
                         [&](const Trip& trip, const PlannedEdge&) { trip.repeat(group, room); });
    return room;
  }

  Backward<T> at_;
  std::span<T*> gradient_;  ///< by the nodes
  NodeSet reached_;
};

/// Either trip as a function by itself, so that graphs hold no copies of it.
template <class Backend, class T>
[[gnu::noinline]] void run_forward(const GraphPlan& plan, Pass<Backend>& pass, const Forward<T>& at,
                                   const TripMemory<T, ForwardTrip<Backend, T>>& memory) {
  memory.make();
  SampleForward<Backend, T>(plan, pass, at, memory.trips, memory.node).run();
}
/// @param gradient one for each node
template <class Backend, class T>
[[gnu::noinline]] void run_backward(const GraphPlan& plan, Pass<Backend>& pass,
                                    const Backward<T>& at,
                                    const TripMemory<T, BackwardTrip<Backend, T>>& memory,
                                    std::span<T*> gradient) {
  memory.make();
  SampleBackward<Backend, T>(plan, pass, at, memory.trips, memory.node, gradient).run();
}

}  // namespace tepui::nn::detail
