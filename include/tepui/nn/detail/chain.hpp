#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn::detail {

/// One trip of a layer: a function by itself, which all networks share that have the layer at this
/// shape.
template <class L, Shape In, class Backend, class T>
[[gnu::noinline]] void forward_layer(Pass<Backend>& pass, const Forward<T>& at) {
  L::template forward<In>(pass, at);
}
template <class L, Shape In, class Backend, class T>
[[gnu::noinline]] void backward_layer(Pass<Backend>& pass, const Backward<T>& at) {
  L::template backward<In>(pass, at);
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
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    // Scratch first holds gradients on the way back; going forward all of it is the layers'.
    T* const last = at.y;
    const bool add = std::exchange(at.add, false);
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      (forward_one<In, Index>(pass, at, last, add), ...);
    }
    (std::index_sequence_for<L...>{});
  }

  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    constexpr Extent gradient = gradient_extent(In);
    const std::array<Place, count> places = placed(links<In>, pass.batch);
    T* spare = at.scratch;
    T* other = spare + gradient.at(pass.batch);
    T* const rest = other + gradient.at(pass.batch);
    const T* dy = at.dy;
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      (backward_one<In, count - 1 - Index>(pass, at, places, dy, spare, other, rest), ...);
    }
    (std::index_sequence_for<L...>{});
  }

 private:
  struct Place {
    std::size_t parameters = 0;
    std::size_t saved = 0;
    std::size_t input = 0;  ///< where in `saved` the layer's input is kept (not for the first)
  };

  /// A layer at the shape that it has here. Constants, so that no compiler has to work them out of
  /// the trips.
  struct Link {
    Shape in;
    std::size_t parameters = 0;
    std::size_t buffers = 0;
    Extent saved;
    Extent output;
  };
  template <Shape In>
  static constexpr std::array<Link, count> links = [] {
    std::array<Link, count> result{};
    Shape in = In;
    std::size_t i = 0;
    ((result[i++] = {in, L::parameters(in), L::buffers(in), L::saved(in),
                     Extent{L::output(in).size(), 0}},
      in = L::output(in)),
     ...);
    return result;
  }();

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
  static std::array<Place, count> placed(const std::array<Link, count>& links, int batch) {
    std::array<Place, count> result{};
    Place next;
    for (std::size_t i = 0; i < count; ++i) {
      result[i] = next;
      next.parameters += links[i].parameters;
      next.input = next.saved + links[i].saved.at(batch);
      next.saved = next.input + links[i].output.at(batch);
    }
    return result;
  }

  /// Runs layer I and moves `at` on to the next one.
  template <Shape In, std::size_t Index, class Backend, class T>
  static void forward_one(Pass<Backend>& pass, Forward<T>& at, T* last, bool add) {
    using Current = type_at<Index, L...>;
    constexpr Link link = links<In>[Index];
    T* const behind = at.saved + link.saved.at(pass.batch);
    at.y = Index + 1 == count ? last : behind;
    at.add = Index + 1 == count && add;
    forward_layer<Current, link.in>(pass, at);
    at.x = at.y;
    at.saved = behind + link.output.at(pass.batch);
    at.parameters += link.parameters;
    at.buffers += link.buffers;
  }

  template <Shape In, std::size_t Index, class Backend, class T>
  static void backward_one(Pass<Backend>& pass, const Backward<T>& whole,
                           const std::array<Place, count>& places, const T*& dy, T*& spare,
                           T*& other, T* rest) {
    using Current = type_at<Index, L...>;
    constexpr Link link = links<In>[Index];
    const Place& place = places[Index];
    T* const dx = Index == 0 ? whole.dx : spare;
    backward_layer<Current, link.in>(
        pass, Backward<T>{.x = Index == 0 ? whole.x : whole.saved + place.input,
                          .dy = dy,
                          .dx = dx,
                          .parameters = whole.parameters + place.parameters,
                          .gradient = whole.gradient + place.parameters,
                          .saved = whole.saved + place.saved,
                          .scratch = rest,
                          .add = Index == 0 && whole.add});
    dy = dx;
    std::swap(spare, other);
  }
};

}  // namespace tepui::nn::detail
