#pragma once

#include <cstddef>
#include <new>
#include <type_traits>

#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/layer.hpp"

/// @file
/// The code that networks share. Each piece hangs on a class template of its own and is no inline
/// function, so that all networks of a file use one copy, and so that a file can leave it to
/// another one: `extern template struct PartCode<...>;`.

namespace tepui::nn::detail {

/// An operation as the edge of a graph.
template <class Operation>
struct AsEdge {};

/// The trips of a layer at an input shape.
template <class Part, Shape In, class Backend, class T>
struct PartCode {
  static void forward(Pass<Backend>& pass, const Forward<T>& at);
  static void backward(Pass<Backend>& pass, const Backward<T>& at);
};
template <class Part, Shape In, class Backend, class T>
[[gnu::noinline]] void PartCode<Part, In, Backend, T>::forward(Pass<Backend>& pass,
                                                               const Forward<T>& at) {
  Part::template forward<In>(pass, at);
}
template <class Part, Shape In, class Backend, class T>
[[gnu::noinline]] void PartCode<Part, In, Backend, T>::backward(Pass<Backend>& pass,
                                                                const Backward<T>& at) {
  Part::template backward<In>(pass, at);
}

/// The trips of an edge at the shape at its start: makes them in memory of the caller's, who need
/// not destroy them.
template <class Operation, Shape In, class Backend, class T>
struct PartCode<AsEdge<Operation>, In, Backend, T> {
  using ForwardType = typename Operation::template Forward<In, Backend, T>;
  using BackwardType = typename Operation::template Backward<In, Backend, T>;
  static constexpr std::size_t forward_size = sizeof(ForwardType);  ///< bytes of what is made
  static constexpr std::size_t backward_size = sizeof(BackwardType);

  static ForwardTrip<Backend, T>* forward(void* room);
  static BackwardTrip<Backend, T>* backward(void* room);
};
template <class Operation, Shape In, class Backend, class T>
[[gnu::noinline]] ForwardTrip<Backend, T>* PartCode<AsEdge<Operation>, In, Backend, T>::forward(
    void* room) {
  static_assert(std::is_trivially_destructible_v<ForwardType>);
  return ::new (room) ForwardType;
}
template <class Operation, Shape In, class Backend, class T>
[[gnu::noinline]] BackwardTrip<Backend, T>* PartCode<AsEdge<Operation>, In, Backend, T>::backward(
    void* room) {
  static_assert(std::is_trivially_destructible_v<BackwardType>);
  return ::new (room) BackwardType;
}

/// Stands where a list of parts has ended.
template <std::size_t Number>
struct NoPart {};
template <std::size_t Number, Shape In, class Backend, class T>
struct PartCode<NoPart<Number>, In, Backend, T> {};

}  // namespace tepui::nn::detail
