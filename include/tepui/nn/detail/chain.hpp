#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/detail/part_code.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn::detail {

/// A layer of a chain at the shape that it has there.
struct ChainLink {
  std::size_t parameters = 0;
  std::size_t buffers = 0;
  Extent saved;
  Extent output;
};
template <class Backend, class T>
using ForwardFunction = void (*)(Pass<Backend>& pass, const Forward<T>& at);
template <class Backend, class T>
using BackwardFunction = void (*)(Pass<Backend>& pass, const Backward<T>& at);

/// Runs the layers one after the other, for all chains of a program.
template <class Backend, class T>
void run_chain_forward(std::span<const ChainLink> links,
                       std::span<const ForwardFunction<Backend, T>> layers, Pass<Backend>& pass,
                       Forward<T> at) {
  // Scratch first holds gradients on the way back; going forward all of it is the layers'.
  T* const last = at.y;
  const bool add = at.add;
  for (std::size_t i = 0; i < links.size(); ++i) {
    const ChainLink& link = links[i];
    T* const behind = at.saved + link.saved.at(pass.batch);
    const bool ends = i + 1 == links.size();
    at.y = ends ? last : behind;
    at.add = ends && add;
    layers[i](pass, at);
    at.x = at.y;
    at.saved = behind + link.output.at(pass.batch);
    at.parameters += link.parameters;
    at.buffers += link.buffers;
  }
}

/// Where a layer of a chain finds its data on the way back.
struct ChainPlace {
  std::size_t parameters = 0;
  std::size_t saved = 0;
  std::size_t input = 0;  ///< where in `saved` the layer's input is kept (not for the first)
};

/// @param gradient of the largest shape between two layers
/// @param places   room for one each
template <class Backend, class T>
void run_chain_backward(std::span<const ChainLink> links,
                        std::span<const BackwardFunction<Backend, T>> layers, Extent gradient,
                        std::span<ChainPlace> places, Pass<Backend>& pass,
                        const Backward<T>& whole) {
  ChainPlace next;
  for (std::size_t i = 0; i < links.size(); ++i) {
    places[i] = next;
    next.parameters += links[i].parameters;
    next.input = next.saved + links[i].saved.at(pass.batch);
    next.saved = next.input + links[i].output.at(pass.batch);
  }
  T* spare = whole.scratch;
  T* other = spare + gradient.at(pass.batch);
  T* const rest = other + gradient.at(pass.batch);
  const T* dy = whole.dy;
  for (std::size_t i = links.size(); i-- > 0;) {
    const ChainPlace& place = places[i];
    T* const dx = i == 0 ? whole.dx : spare;
    layers[i](pass, Backward<T>{.x = i == 0 ? whole.x : whole.saved + place.input,
                                .dy = dy,
                                .dx = dx,
                                .parameters = whole.parameters + place.parameters,
                                .gradient = whole.gradient + place.parameters,
                                .saved = whole.saved + place.saved,
                                .scratch = rest,
                                .add = i == 0 && whole.add});
    dy = dx;
    std::swap(spare, other);
  }
}

/// Layers one after the other, once it is known that they fit: memory and both trips.
template <class... L>
struct Chain {
  static constexpr std::size_t count = sizeof...(L);

  /// @return input shape of every layer, then the output shape of the last
  static constexpr std::array<Shape, count + 1> shapes(Shape in) {
    std::array<Shape, count + 1> result{in};
    std::size_t i = 0;
    ((in = L::output(in), result[++i] = in), ...);
    return result;
  }
  /// Every layer's own, and the output of all but the last.
  static constexpr Extent saved(Shape in) {
    Extent sum;
    std::size_t i = 0;
    ((sum = sum + L::saved(in), in = L::output(in),
      sum = sum + (++i < count ? Extent{in.size(), 0} : Extent{})),
     ...);
    return sum;
  }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return gradient_extent(In) + gradient_extent(In) +
           inner_scratch<In, Backend>(std::index_sequence_for<L...>{});
  }
  /// The last layer writes the output, the first one the gradient by the input.
  static constexpr bool adds(const std::uint8_t* choices) {
    return type_at<0, L...>::adds(choices) && type_at<count - 1, L...>::adds(choices);
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, const Forward<T>& at) {
    run_chain_forward<Backend, T>(links<In>, forwards<In, Backend, T>, pass, at);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, const Backward<T>& at) {
    constexpr Extent gradient = gradient_extent(In);
    std::array<ChainPlace, count> places;
    run_chain_backward<Backend, T>(links<In>, backwards<In, Backend, T>, gradient, places, pass,
                                   at);
  }

 private:
  /// One buffer as large as the largest shape between two layers.
  static constexpr Extent gradient_extent(Shape in) {
    const auto all = shapes(in);
    Extent most;
    for (std::size_t i = 1; i < count; ++i) most = max_extent(most, Extent{all[i].size(), 0});
    return most;
  }
  template <Shape In, class Backend, std::size_t... Index>
  static constexpr Extent inner_scratch(std::index_sequence<Index...>) {
    Extent most;
    ((most = max_extent(most, L::template scratch<shapes(In)[Index], Backend>())), ...);
    return most;
  }
  template <Shape In>
  static constexpr std::array<Shape, count + 1> shapes_of = shapes(In);
  template <Shape In>
  static constexpr std::array<ChainLink, count> links = [] {
    std::array<ChainLink, count> result{};
    std::size_t i = 0;
    Shape in = In;
    ((result[i++] = {L::parameters(in), L::buffers(in), L::saved(in),
                     Extent{L::output(in).size(), 0}},
      in = L::output(in)),
     ...);
    return result;
  }();
  template <Shape In, class Backend, class T, std::size_t... Index>
  static constexpr std::array<ForwardFunction<Backend, T>, count> all_forwards(
      std::index_sequence<Index...>) {
    return {&PartCode<L, shapes_of<In>[Index], Backend, T>::forward...};
  }
  template <Shape In, class Backend, class T, std::size_t... Index>
  static constexpr std::array<BackwardFunction<Backend, T>, count> all_backwards(
      std::index_sequence<Index...>) {
    return {&PartCode<L, shapes_of<In>[Index], Backend, T>::backward...};
  }
  // (Two tables: what only infers compiles no way back.)
  template <Shape In, class Backend, class T>
  static constexpr std::array<ForwardFunction<Backend, T>, count> forwards =
      all_forwards<In, Backend, T>(std::index_sequence_for<L...>{});
  template <Shape In, class Backend, class T>
  static constexpr std::array<BackwardFunction<Backend, T>, count> backwards =
      all_backwards<In, Backend, T>(std::index_sequence_for<L...>{});
};

}  // namespace tepui::nn::detail
