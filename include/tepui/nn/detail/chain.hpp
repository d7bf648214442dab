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
template <class Backend, class T>
struct ChainStep {
  std::size_t parameters = 0;
  std::size_t buffers = 0;
  Extent saved;
  Extent output;
  void (*forward)(Pass<Backend>& pass, const Forward<T>& at) = nullptr;
  void (*backward)(Pass<Backend>& pass, const Backward<T>& at) = nullptr;
};

/// Runs the layers one after the other, for all chains of a program.
template <class Backend, class T>
void run_chain_forward(std::span<const ChainStep<Backend, T>> steps, Pass<Backend>& pass,
                       Forward<T> at) {
  // Scratch first holds gradients on the way back; going forward all of it is the layers'.
  T* const last = at.y;
  const bool add = at.add;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const ChainStep<Backend, T>& step = steps[i];
    T* const behind = at.saved + step.saved.at(pass.batch);
    const bool ends = i + 1 == steps.size();
    at.y = ends ? last : behind;
    at.add = ends && add;
    step.forward(pass, at);
    at.x = at.y;
    at.saved = behind + step.output.at(pass.batch);
    at.parameters += step.parameters;
    at.buffers += step.buffers;
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
void run_chain_backward(std::span<const ChainStep<Backend, T>> steps, Extent gradient,
                        std::span<ChainPlace> places, Pass<Backend>& pass,
                        const Backward<T>& whole) {
  ChainPlace next;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    places[i] = next;
    next.parameters += steps[i].parameters;
    next.input = next.saved + steps[i].saved.at(pass.batch);
    next.saved = next.input + steps[i].output.at(pass.batch);
  }
  T* spare = whole.scratch;
  T* other = spare + gradient.at(pass.batch);
  T* const rest = other + gradient.at(pass.batch);
  const T* dy = whole.dy;
  for (std::size_t i = steps.size(); i-- > 0;) {
    const ChainPlace& place = places[i];
    T* const dx = i == 0 ? whole.dx : spare;
    steps[i].backward(pass, Backward<T>{.x = i == 0 ? whole.x : whole.saved + place.input,
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
    run_chain_forward<Backend, T>(steps<In, Backend, T>, pass, at);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, const Backward<T>& at) {
    constexpr Extent gradient = gradient_extent(In);
    std::array<ChainPlace, count> places;
    run_chain_backward<Backend, T>(steps<In, Backend, T>, gradient, places, pass, at);
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
  template <Shape In, class Backend, class T, std::size_t... Index>
  static constexpr std::array<ChainStep<Backend, T>, count> make_steps(
      std::index_sequence<Index...>) {
    constexpr const auto& shape = shapes_of<In>;
    return {ChainStep<Backend, T>{L::parameters(shape[Index]), L::buffers(shape[Index]),
                                  L::saved(shape[Index]), Extent{shape[Index + 1].size(), 0},
                                  &PartCode<L, shapes_of<In>[Index], Backend, T>::forward,
                                  &PartCode<L, shapes_of<In>[Index], Backend, T>::backward}...};
  }
  template <Shape In, class Backend, class T>
  static constexpr std::array<ChainStep<Backend, T>, count> steps =
      make_steps<In, Backend, T>(std::index_sequence_for<L...>{});
};

}  // namespace tepui::nn::detail
