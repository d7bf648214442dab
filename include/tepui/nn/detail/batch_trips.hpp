#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/detail/graph_plan.hpp"
#include "tepui/nn/detail/sample_trips.hpp"
#include "tepui/nn/layer.hpp"

/// @file
/// The two trips through a SampleGraph on a backend that takes whole batches: one edge after the
/// other. Compiled once, for all graphs of a program.

namespace tepui::nn::detail {

/// An edge as functions of whole batches; see edges.hpp.
template <class Backend, class T>
struct BatchEdge {
  bool (*active)(const std::uint8_t* choices) = nullptr;
  void (*forward)(Pass<Backend>& pass, const Forward<T>& at) = nullptr;
  void (*repeat)(Pass<Backend>& pass, const Forward<T>& at) = nullptr;
  void (*backward)(Pass<Backend>& pass, const Backward<T>& at) = nullptr;
};
template <class Operation, Shape In, class Backend, class T>
inline constexpr BatchEdge<Backend, T> batch_edge{
    [](const std::uint8_t* choices) { return Operation::active(choices); },
    [](Pass<Backend>& pass, const Forward<T>& at) {
      Operation::template forward_batch<In>(pass, at);
    },
    [](Pass<Backend>& pass, const Forward<T>& at) {
      if constexpr (Operation::repeatable) Operation::template repeat_batch<In>(pass, at);
    },
    [](Pass<Backend>& pass, const Backward<T>& at) {
      Operation::template backward_batch<In>(pass, at);
    }};

/// What both trips know.
/// Saved: what the edges keep, then the nodes that are kept. Scratch: gradients of the inner nodes,
/// the nodes that are not kept, an edge's workspace.
template <class Backend, class T>
class BatchTrip {
 protected:
  BatchTrip(const GraphPlan& plan, std::span<const BatchEdge<Backend, T>> edges,
            Pass<Backend>& pass, T* saved, T* scratch)
      : plan_(plan), edges_(edges), pass_(pass), last_(plan.nodes.size() - 1), saved_(saved) {
    for (const PlannedEdge& edge : plan.edges) saved += edge.saved.at(pass.batch);
    for (const std::size_t elements : plan.gradient_places) {
      if (elements != 0) scratch += Extent{elements, 0}.at(pass.batch);
    }
    for (std::size_t n = 1; n < last_; ++n) {
      T*& place = plan.nodes[n].kept ? saved : scratch;
      node_[n] = place;
      place += Extent{size(n), 0}.at(pass.batch);
    }
    scratch_ = scratch;
  }

  [[nodiscard]] std::size_t size(std::size_t node) const { return plan_.nodes[node].size; }
  [[nodiscard]] std::size_t elements(std::size_t node) const {
    return size(node) * static_cast<std::size_t>(pass_.batch);
  }

  const GraphPlan& plan_;
  std::span<const BatchEdge<Backend, T>> edges_;
  Pass<Backend>& pass_;
  std::size_t last_;
  T* saved_;
  T* scratch_ = nullptr;
  std::array<T*, most_graph_nodes> node_{};  ///< the inner ones
};

template <class Backend, class T>
class BatchForward : BatchTrip<Backend, T> {
  using Base = BatchTrip<Backend, T>;
  using Base::plan_, Base::edges_, Base::pass_, Base::last_, Base::node_;

 public:
  BatchForward(const GraphPlan& plan, std::span<const BatchEdge<Backend, T>> edges,
               Pass<Backend>& pass, const Forward<T>& at)
      : Base(plan, edges, pass, at.saved, at.scratch), at_(at) {
    node_[last_] = at.y;
    if (at.add) written_.add(last_);
  }

  void run() {
    Forward<T> edge = at_;
    edge.saved = this->saved_;
    edge.scratch = this->scratch_;
    for (std::size_t e = 0; e < edges_.size(); ++e) {
      const PlannedEdge& planned = plan_.edges[e];
      if (edges_[e].active(pass_.choices)) {
        edge.x = planned.from == 0 ? at_.x : complete(planned.from);
        edge.y = node_[planned.to];
        edge.add = written_.has(planned.to);
        edges_[e].forward(pass_, edge);
        written_.add(planned.to);
      }
      edge.parameters += planned.parameters;
      edge.buffers += planned.buffers;
      edge.saved += planned.saved.at(pass_.batch);
    }
    complete(last_);
  }

 private:
  /// @return a node, which is zero where no edge led to it
  const T* complete(std::size_t node) {
    if (!written_.has(node)) pass_.backend.fill(this->elements(node), T{0}, node_[node]);
    written_.add(node);
    return node_[node];
  }

  Forward<T> at_;
  NodeSet written_;
};

template <class Backend, class T>
class BatchBackward : BatchTrip<Backend, T> {
  using Base = BatchTrip<Backend, T>;
  using Base::plan_, Base::edges_, Base::pass_, Base::last_, Base::node_;

 public:
  BatchBackward(const GraphPlan& plan, std::span<const BatchEdge<Backend, T>> edges,
                Pass<Backend>& pass, const Backward<T>& at)
      : Base(plan, edges, pass, at.saved, at.scratch), at_(at) {
    T* scratch = at.scratch;
    for (std::size_t p = 0; p < plan.gradient_places.size(); ++p) {
      for (std::size_t n = 1; n < last_; ++n) {
        if (plan.nodes[n].gradient == p) gradient_[n] = scratch;
      }
      const std::size_t elements = plan.gradient_places[p];
      if (elements != 0) scratch += Extent{elements, 0}.at(pass.batch);
    }
    gradient_[0] = at.dx;
    if (at.add) written_.add(0);
  }

  void run() {
    repeat_nodes();
    Backward<T> edge = end_of_edges();
    for (std::size_t e = edges_.size(); e-- > 0;) {
      const PlannedEdge& planned = plan_.edges[e];
      edge.parameters -= planned.parameters;
      edge.gradient -= planned.parameters;
      edge.saved -= planned.saved.at(pass_.batch);
      // nothing flows back from a node that nobody needs
      const bool reached = planned.to == last_ || written_.has(planned.to);
      if (!reached || !edges_[e].active(pass_.choices)) continue;
      edge.x = planned.from == 0 ? at_.x : node_[planned.from];
      edge.dy = planned.to == last_ ? at_.dy : gradient_[planned.to];
      edge.dx = gradient_[planned.from];
      edge.add = written_.has(planned.from);
      edges_[e].backward(pass_, edge);
      written_.add(planned.from);
    }
    if (written_.has(0) || at_.dx == nullptr) return;
    pass_.backend.fill(this->elements(0), T{0}, at_.dx);
  }

 private:
  /// Makes the nodes again that were not kept: each has one edge into it.
  void repeat_nodes() {
    Forward<T> edge{.parameters = at_.parameters, .saved = this->saved_};
    for (std::size_t e = 0; e < edges_.size(); ++e) {
      const PlannedEdge& planned = plan_.edges[e];
      if (planned.to != last_ && !plan_.nodes[planned.to].kept) {
        edge.y = node_[planned.to];
        edges_[e].repeat(pass_, edge);
      }
      edge.parameters += planned.parameters;
      edge.saved += planned.saved.at(pass_.batch);
    }
  }
  Backward<T> end_of_edges() const {
    Backward<T> edge = at_;
    edge.saved = this->saved_;
    edge.scratch = this->scratch_;
    for (const PlannedEdge& planned : plan_.edges) {
      edge.parameters += planned.parameters;
      edge.gradient += planned.parameters;
      edge.saved += planned.saved.at(pass_.batch);
    }
    return edge;
  }

  Backward<T> at_;
  std::array<T*, most_graph_nodes> gradient_{};
  NodeSet written_;  ///< whose gradients hold something
};

}  // namespace tepui::nn::detail
