#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tepui/backend/backend.hpp"

namespace tepui::nn::detail {

/// The loss of a batch where the backend leaves it.
template <class Backend>
struct LossPlace {
  struct Type {
    double loss = 0;  ///< summed over the samples
    int correct = 0;
  };
};
template <class Backend>
requires backend::on_device<Backend>
struct LossPlace<Backend> {
  using Type = typename Backend::LossSum;
};
template <class Backend>
using LossOf = typename LossPlace<Backend>::Type;

/// Brings what a caller has in the processor's memory to where the backend computes, and back.
/// On the processor that is the same place.
template <class T, class Backend>
class Staging {
 public:
  static const T* images(const Backend&, const T* from, std::size_t) { return from; }
  static const T* weights(const Backend&, const T* from, std::size_t) { return from; }
  static const std::uint16_t* labels(const Backend&, const std::uint16_t* from, std::size_t) {
    return from;
  }
  static T* gradient(const Backend&, std::span<T> room) { return room.data(); }
  static void fetch_gradient(std::span<T>) {}
  static const T* scores(const Backend&, const T* from, std::size_t) { return from; }
  LossOf<Backend>* loss(const Backend&) { return &loss_; }
  LossOf<Backend> fetch_loss() const { return loss_; }

 private:
  LossOf<Backend> loss_;
};

template <class T, class Backend>
requires backend::on_device<Backend>
class Staging<T, Backend> {
 public:
  const T* images(const Backend& backend, const T* from, std::size_t count) {
    return bring(backend, images_, from, count);
  }
  const T* weights(const Backend& backend, const T* from, std::size_t count) {
    return from == nullptr ? nullptr : bring(backend, weights_, from, count);
  }
  T* gradient(const Backend& backend, std::span<T> room) {
    make_room(backend, gradient_, room.size());
    return gradient_.data();
  }
  void fetch_gradient(std::span<T> to) {
    (void)gradient_.data();  // kernels have written to it since
    std::copy_n(constant(gradient_).span().begin(), to.size(), to.begin());
  }
  const T* scores(const Backend& backend, const T* from, std::size_t count) {
    scores_.resize(count);
    backend.device().copy_out(scores_.data(), from, count * sizeof(T));
    return scores_.data();
  }
  const std::uint16_t* labels(const Backend& backend, const std::uint16_t* from,
                              std::size_t count) {
    return bring(backend, labels_, from, count);
  }
  /// Where kernels leave the losses of some batches.
  LossOf<Backend>* loss(const Backend& backend, std::size_t batches = 1) {
    make_room(backend, losses_, batches);
    return losses_.data();
  }
  LossOf<Backend> fetch_loss() const { return losses_.span().front(); }
  std::span<const LossOf<Backend>> fetch_losses() const { return losses_.span(); }

 private:
  template <class E>
  using Memory = typename Backend::template Buffer<E>;

  template <class E>
  static const Memory<E>& constant(const Memory<E>& memory) {
    return memory;
  }
  template <class E>
  static void make_room(const Backend& backend, Memory<E>& memory, std::size_t count) {
    if (memory.size() < count) memory = backend.template uninitialized<E>(count);
  }
  template <class E>
  static const E* bring(const Backend& backend, Memory<E>& memory, const E* from,
                        std::size_t count) {
    make_room(backend, memory, count);
    backend.device().copy_in(memory.data(), from, count * sizeof(E));
    return constant(memory).data();
  }

  Memory<T> images_, weights_, gradient_;
  Memory<std::uint16_t> labels_;
  Memory<LossOf<Backend>> losses_;
  std::vector<T> scores_;
};

}  // namespace tepui::nn::detail
