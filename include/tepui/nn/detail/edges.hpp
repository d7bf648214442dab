#pragma once

#include <cstddef>
#include <cstdint>

#include "tepui/backend/activation.hpp"
#include "tepui/backend/conv_geometry.hpp"
#include "tepui/nn/layer.hpp"

/// @file
/// What an operation does in a SampleGraph, which goes through a batch a few samples at a time.
///
/// Forward, on the samples of a part (any number of parts at a time, each by one thread):
/// `produce` what must be known of the whole batch, `close` the part; once all are closed `finish`;
/// then `contribute` to the node at the edge's end. Inference needs nothing of the whole batch: it
/// only calls `pass_through`.
///
/// Back: `add_sums` and `close_sums` as soon as the gradient at the edge's end is complete,
/// `finish_sums`, then `consume` it, which gives what the edge adds to the gradient at its start,
/// and `finish`.
///
/// Backends that take whole batches go from edge to edge as from layer to layer: `forward_batch`,
/// `backward_batch`, and `repeat_batch`, which makes the result again from what was saved.
///
/// An edge's code depends on its operation and the shape at its start alone: graphs know edges as
/// ForwardTrip and BackwardTrip, so that all graphs of a program share it.

namespace tepui::nn::detail {

/// How a layer runs as one edge of a SampleGraph; void if it cannot. Of exactly the layers that it
/// is written for: one that derives from them may compute something else.
template <class L>
struct EdgeOf {
  using type = void;
};
template <class L>
using edge_of = typename EdgeOf<L>::type;

/// Some samples of one part of a batch, and room for the calling thread.
template <class T>
struct Group {
  std::size_t first = 0;  ///< sample of the batch
  std::size_t count = 0;
  std::size_t part = 0;
  bool opens = false;  ///< the first samples of their part
  T* dz = nullptr;     ///< room(in) elements a sample, on the way back
  T* dx = nullptr;     ///< likewise
};

/// What lies at the start of an edge, for the samples of a group.
template <class T>
class Source {
 public:
  /// @param room for what is made of x; as large
  Source(const T* x, T* room) : x_(x), room_(room) {}

  [[nodiscard]] const T* x() const { return x_; }
  /// A(x); made once however many edges ask
  /// @param n elements
  template <class Samples, backend::Activation A>
  const T* activated(std::size_t n) {
    if constexpr (A == backend::Activation::none) {
      return x_;
    } else {
      if (held_ != A) Samples::template activate<A>(n, x_, room_);
      held_ = A;
      return room_;
    }
  }

 private:
  const T* x_;
  T* room_;
  backend::Activation held_ = backend::Activation::none;
};

/// Workspace of an edge in elements, for all parts together; it lasts as long as one loop over the
/// batch.
struct EdgeScratch {
  std::size_t forward = 0;   ///< from produce to finish
  std::size_t backward = 0;  ///< from consume to finish
  std::size_t sums = 0;      ///< from add_sums to finish_sums

  [[nodiscard]] friend constexpr EdgeScratch larger(EdgeScratch a, EdgeScratch b) {
    return {a.forward > b.forward ? a.forward : b.forward,
            a.backward > b.backward ? a.backward : b.backward, a.sums > b.sums ? a.sums : b.sums};
  }
};

/// @brief One edge on the way forward; see the top of this file for the order of the calls.
///
/// What is not overridden does nothing: not every edge has everything to do.
template <class Backend, class T>
class ForwardTrip {
 public:
  /// @param at of the edge: its parameters, buffers and what it keeps
  /// @return the trip to go on with, this one or that of the option taken; null: the edge adds
  /// nothing
  virtual ForwardTrip* start(const Pass<Backend>&, const Forward<T>& /*at*/) { return this; }
  /// Whether `produce` makes something.
  [[nodiscard]] virtual bool produces() const { return false; }
  virtual void open(T* /*scratch*/) {}
  virtual void produce(const Group<T>&, Source<T>&) {}
  virtual void close(std::size_t /*part*/, std::size_t /*samples*/) {}
  virtual void finish(const Pass<Backend>&, std::size_t /*grain*/) {}
  virtual void contribute(const Group<T>&, const Source<T>&, T* /*y*/, bool /*add*/) const {}
  /// Before pass_through.
  virtual void open_inference(T* /*scratch*/) {}
  virtual void pass_through(const Group<T>& group, Source<T>& source, T* y, bool add) const {
    contribute(group, source, y, add);
  }

 protected:
  ~ForwardTrip() = default;
};

/// @brief One edge on the way back.
template <class Backend, class T>
class BackwardTrip {
 public:
  /// @return as in ForwardTrip
  virtual BackwardTrip* start(const Pass<Backend>&, const Backward<T>& /*at*/) { return this; }
  /// As contribute on the way forward; only for what is repeatable.
  virtual void repeat(const Group<T>&, T* /*y*/) const {}
  virtual void open_sums(T* /*scratch*/) {}
  virtual void add_sums(const Group<T>&, const T* /*dy*/) {}
  virtual void close_sums(std::size_t /*part*/) {}
  virtual void finish_sums(std::size_t /*parts*/) {}
  virtual void open(T* /*scratch*/) {}
  /// @param dx null: not wanted
  virtual void consume(const Group<T>&, Source<T>&, const T* /*dy*/, T* /*dx*/, bool /*add*/) {}
  virtual void finish(std::size_t /*parts*/) {}

 protected:
  ~BackwardTrip() = default;
};

/// An edge without weights or sums over the batch.
struct PlainEdge {
  static constexpr bool repeatable = false;   ///< contribute costs little and needs no source
  static constexpr bool reads_source = true;  ///< contribute reads what lies at the start
  static constexpr std::size_t parameters(Shape) { return 0; }
  static constexpr std::size_t buffers(Shape) { return 0; }
  static constexpr Extent saved(Shape) { return {}; }
  static constexpr std::size_t room(Shape) { return 0; }
  static constexpr std::size_t work(Shape in) { return 8 * in.size(); }
  static constexpr Shape output(Shape in) { return in; }
  template <Shape In, class Backend>
  static constexpr EdgeScratch scratch() {
    return {};
  }
  template <Shape In, class Backend>
  static constexpr std::size_t most_parts() {
    return Backend::Samples::most_parts;
  }
  static constexpr bool active(const std::uint8_t* /*choices*/) { return true; }
  template <Shape In, class Backend>
  static constexpr Extent batch_scratch() {
    return {};
  }
};

/// Output equals input.
struct PassEdge : PlainEdge {
  template <Shape In, class Backend, class T>
  static void forward_batch(Pass<Backend>& pass, const nn::Forward<T>& at) {
    const std::size_t n = In.size() * static_cast<std::size_t>(pass.batch);
    at.add ? pass.backend.add(n, at.x, at.y) : pass.backend.copy(n, at.x, at.y);
  }
  template <Shape In, class Backend, class T>
  static void backward_batch(Pass<Backend>& pass, const nn::Backward<T>& at) {
    if (at.dx == nullptr) return;
    const std::size_t n = In.size() * static_cast<std::size_t>(pass.batch);
    at.add ? pass.backend.add(n, at.dy, at.dx) : pass.backend.copy(n, at.dy, at.dx);
  }
  template <Shape In, class Backend, class T>
  struct Forward final : ForwardTrip<Backend, T> {
    void contribute(const Group<T>& group, const Source<T>& source, T* y, bool add) const override {
      Backend::Samples::copy(group.count * In.size(), source.x(), y, add);
    }
  };
  template <Shape In, class Backend, class T>
  struct Backward final : BackwardTrip<Backend, T> {
    void consume(const Group<T>& group, Source<T>&, const T* dy, T* dx, bool add) override {
      if (dx != nullptr) Backend::Samples::copy(group.count * In.size(), dy, dx, add);
    }
  };
};

/// Output is zero: the graph leaves the edge out.
struct NothingEdge : PlainEdge {
  static constexpr bool active(const std::uint8_t* /*choices*/) { return false; }
  template <Shape In, class Backend, class T>
  static void forward_batch(Pass<Backend>&, const nn::Forward<T>&) {}
  template <Shape In, class Backend, class T>
  static void backward_batch(Pass<Backend>&, const nn::Backward<T>&) {}
  template <Shape In, class Backend, class T>
  struct Forward final : ForwardTrip<Backend, T> {
    ForwardTrip<Backend, T>* start(const Pass<Backend>&, const nn::Forward<T>&) override {
      return nullptr;
    }
  };
  template <Shape In, class Backend, class T>
  struct Backward final : BackwardTrip<Backend, T> {
    BackwardTrip<Backend, T>* start(const Pass<Backend>&, const nn::Backward<T>&) override {
      return nullptr;
    }
  };
};

/// @tparam Pool an average pool
template <class Pool>
struct AvgPoolEdge : PlainEdge {
  static constexpr Shape output(Shape in) { return Pool::output(in); }
  template <Shape In, class Backend, class T>
  static void forward_batch(Pass<Backend>& pass, const nn::Forward<T>& at) {
    Pool::template forward<In>(pass, at);
  }
  template <Shape In, class Backend, class T>
  static void backward_batch(Pass<Backend>& pass, const nn::Backward<T>& at) {
    Pool::template backward<In>(pass, at);
  }

  template <Shape In, class Backend, class T>
  struct Forward final : ForwardTrip<Backend, T> {
    void contribute(const Group<T>& group, const Source<T>& source, T* y, bool add) const override {
      Backend::Samples::template avg_pool<Pool::geometry(In)>(group.count, source.x(), y, add);
    }
  };
  template <Shape In, class Backend, class T>
  struct Backward final : BackwardTrip<Backend, T> {
    void consume(const Group<T>& group, Source<T>&, const T* dy, T* dx, bool add) override {
      if (dx == nullptr) return;
      Backend::Samples::template avg_pool_gradient<Pool::geometry(In)>(group.count, dy, dx, add);
    }
  };
};

}  // namespace tepui::nn::detail
