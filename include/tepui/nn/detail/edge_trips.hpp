#pragma once

#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/layer.hpp"

/// @file
/// How the loops of a SampleGraph call its edges. In training they call through pointers: the loops
/// are compiled once for all graphs, and an edge's work once for all graphs that have it, which is
/// what many architectures of one space share. A call is for several samples, so that it costs
/// nothing beside them. Inference alone calls the edges of its graph directly.

namespace tepui::nn::detail {

/// What an edge does on the way forward; see edges.hpp.
template <class Backend, class T>
struct ForwardCalls {
  void (*open)(void* trip, T* scratch);
  void (*open_inference)(void* trip, T* scratch);
  void (*produce)(void* trip, const Group<T>& group, Source<T>& source);
  void (*close)(void* trip, std::size_t part, std::size_t samples);
  void (*finish)(void* trip, const Pass<Backend>& pass, std::size_t grain);
  void (*contribute)(void* trip, const Group<T>& group, const Source<T>& source, T* y, bool add);
  void (*pass_through)(void* trip, const Group<T>& group, Source<T>& source, T* y, bool add);
};
template <class Backend, class T>
struct BackwardCalls {
  void (*repeat)(void* trip, const Group<T>& group, T* y);  ///< null: not repeatable
  void (*open_sums)(void* trip, T* scratch);
  void (*add_sums)(void* trip, const Group<T>& group, const T* dy);
  void (*close_sums)(void* trip, std::size_t part);
  void (*finish_sums)(void* trip, std::size_t parts);
  void (*open)(void* trip, T* scratch);
  void (*consume)(void* trip, const Group<T>& group, Source<T>& source, const T* dy, T* dx,
                  bool add);
  void (*finish)(void* trip, std::size_t parts);
};

/// A started trip of some edge.
template <class Calls>
struct StartedTrip {
  void* trip = nullptr;
  const Calls* calls = nullptr;
};

template <class Trip, class Backend, class T>
struct ForwardCallsOf {
  static Trip& as(void* trip) { return *static_cast<Trip*>(trip); }
  static void open(void* trip, T* scratch) { as(trip).open(scratch); }
  static void open_inference(void* trip, T* scratch) { as(trip).open_inference(scratch); }
  static void produce(void* trip, const Group<T>& group, Source<T>& source) {
    as(trip).produce(group, source);
  }
  static void close(void* trip, std::size_t part, std::size_t samples) {
    as(trip).close(part, samples);
  }
  static void finish(void* trip, const Pass<Backend>& pass, std::size_t grain) {
    as(trip).finish(pass, grain);
  }
  static void contribute(void* trip, const Group<T>& group, const Source<T>& source, T* y,
                         bool add) {
    as(trip).contribute(group, source, y, add);
  }
  static void pass_through(void* trip, const Group<T>& group, Source<T>& source, T* y, bool add) {
    as(trip).pass_through(group, source, y, add);
  }
  static constexpr ForwardCalls<Backend, T> calls{open,   open_inference, produce,     close,
                                                  finish, contribute,     pass_through};
};

template <class Trip, class Backend, class T>
struct BackwardCallsOf {
  static Trip& as(void* trip) { return *static_cast<Trip*>(trip); }
  static void repeat(void* trip, const Group<T>& group, T* y) {
    if constexpr (requires { as(trip).repeat(group, y); }) as(trip).repeat(group, y);
  }
  static void open_sums(void* trip, T* scratch) { as(trip).open_sums(scratch); }
  static void add_sums(void* trip, const Group<T>& group, const T* dy) {
    as(trip).add_sums(group, dy);
  }
  static void close_sums(void* trip, std::size_t part) { as(trip).close_sums(part); }
  static void finish_sums(void* trip, std::size_t parts) { as(trip).finish_sums(parts); }
  static void open(void* trip, T* scratch) { as(trip).open(scratch); }
  static void consume(void* trip, const Group<T>& group, Source<T>& source, const T* dy, T* dx,
                      bool add) {
    as(trip).consume(group, source, dy, dx, add);
  }
  static void finish(void* trip, std::size_t parts) { as(trip).finish(parts); }
  static constexpr BackwardCalls<Backend, T> calls{repeat,      open_sums, add_sums, close_sums,
                                                   finish_sums, open,      consume,  finish};
};

/// Starts an edge's trip; a decision point starts, and is called as, the option that runs.
template <class Trip, class Backend, class T>
StartedTrip<ForwardCalls<Backend, T>> start_trip(Trip& trip, const Pass<Backend>& pass,
                                                 const Forward<T>& at) {
  if constexpr (requires { trip.start_chosen(pass, at); }) {
    return trip.start_chosen(pass, at);
  } else {
    trip.start(pass, at);
    return {&trip, &ForwardCallsOf<Trip, Backend, T>::calls};
  }
}
template <class Trip, class Backend, class T>
StartedTrip<BackwardCalls<Backend, T>> start_trip(Trip& trip, const Pass<Backend>& pass,
                                                  const Backward<T>& at) {
  if constexpr (requires { trip.start_chosen(pass, at); }) {
    return trip.start_chosen(pass, at);
  } else {
    trip.start(pass, at);
    return {&trip, &BackwardCallsOf<Trip, Backend, T>::calls};
  }
}

/// The edges of any graph, by number.
template <class Backend, class T>
class SharedForward {
 public:
  explicit SharedForward(const StartedTrip<ForwardCalls<Backend, T>>* edges) : edges_(edges) {}

  void open(std::size_t e, T* scratch) const { edges_[e].calls->open(edges_[e].trip, scratch); }
  void open_inference(std::size_t e, T* scratch) const {
    edges_[e].calls->open_inference(edges_[e].trip, scratch);
  }
  void produce(std::size_t e, const Group<T>& group, Source<T>& source) const {
    edges_[e].calls->produce(edges_[e].trip, group, source);
  }
  void close(std::size_t e, std::size_t part, std::size_t samples) const {
    edges_[e].calls->close(edges_[e].trip, part, samples);
  }
  void finish(std::size_t e, const Pass<Backend>& pass, std::size_t grain) const {
    edges_[e].calls->finish(edges_[e].trip, pass, grain);
  }
  void contribute(std::size_t e, const Group<T>& group, const Source<T>& source, T* y,
                  bool add) const {
    edges_[e].calls->contribute(edges_[e].trip, group, source, y, add);
  }
  void pass_through(std::size_t e, const Group<T>& group, Source<T>& source, T* y, bool add) const {
    edges_[e].calls->pass_through(edges_[e].trip, group, source, y, add);
  }

 private:
  const StartedTrip<ForwardCalls<Backend, T>>* edges_;
};

/// The edges of one graph, by number: for inference, which only passes through.
/// @tparam Trips a tuple
template <class Trips>
class OwnForward {
 public:
  explicit OwnForward(Trips& trips) : trips_(trips) {}

  template <class T>
  void open_inference(std::size_t e, T* scratch) const {
    visit(e, [&](auto& trip) { trip.open_inference(scratch); });
  }
  template <class T>
  void pass_through(std::size_t e, const Group<T>& group, Source<T>& source, T* y, bool add) const {
    visit(e, [&](auto& trip) { trip.pass_through(group, source, y, add); });
  }

 private:
  template <class Visit>
  void visit(std::size_t e, Visit&& visit) const {
    [&]<std::size_t... Number>(std::index_sequence<Number...>) {
      ((Number == e ? visit(std::get<Number>(trips_)) : void()), ...);
    }
    (std::make_index_sequence<std::tuple_size_v<Trips>>{});
  }
  Trips& trips_;
};

}  // namespace tepui::nn::detail
