#pragma once

#include <array>
#include <string>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/explain.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn {

/// @brief Layers one after the other.
template <class... L>
struct Sequential : LayerDefaults {
  static_assert(sizeof...(L) > 0, "Sequential: at least one layer is needed");
  static_assert((Layer<L> && ...), "Sequential: every part must be a layer; see nn/layer.hpp");

  using Children = types<L...>;
  template <class... New>
  using WithChildren = Sequential<New...>;

  static constexpr std::size_t count = sizeof...(L);

  static constexpr Rule check(Shape in) {
    Rule rule = Rule::fits;
    (void)(((rule = L::check(in), rule == Rule::fits && (in = L::output(in), true)) && ...));
    return rule == Rule::fits ? Rule::fits : Rule::an_inner_layer_refuses_its_input;
  }
  template <Shape In>
  static constexpr auto explain() {
    constexpr std::size_t first = first_misfit(In);
    return explain_layer<type_at<first, L...>, shapes(In)[first], first>();
  }

  /// @return input shape of every layer, then the output shape of the last
  static constexpr std::array<Shape, count + 1> shapes(Shape in) {
    std::array<Shape, count + 1> result{in};
    std::size_t i = 0;
    (void)(((L::check(in) == Rule::fits && (in = L::output(in), result[++i] = in, true)) && ...));
    return result;
  }
  static constexpr Shape output(Shape in) { return shapes(in)[count]; }
  static constexpr std::size_t parameters(Shape in) {
    std::size_t sum = 0;
    ((sum += L::parameters(in), in = L::output(in)), ...);
    return sum;
  }
  static constexpr std::size_t buffers(Shape in) {
    std::size_t sum = 0;
    ((sum += L::buffers(in), in = L::output(in)), ...);
    return sum;
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
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    Cost sum;
    ((sum += L::cost(in, query), in = L::output(in)), ...);
    return sum;
  }
  static void describe(Shape in, Description& d) {
    std::size_t i = 0;
    ((d.scope(std::to_string(i++), [&] { L::describe(in, d); }), in = L::output(in)), ...);
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    // Scratch first holds gradients on the way back; going forward all of it is the layers'.
    T* const last = at.y;
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      (forward_one<In, Index>(pass, at, last), ...);
    }
    (std::index_sequence_for<L...>{});
  }

  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    std::array<Place, count> places = placed(In, pass.batch);
    T* spare = at.scratch;
    T* other = spare + gradient_extent(In).at(pass.batch);
    T* const rest = other + gradient_extent(In).at(pass.batch);
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

  static constexpr std::size_t first_misfit(Shape in) {
    std::size_t i = 0;
    (void)(((L::check(in) == Rule::fits && (in = L::output(in), ++i, true)) && ...));
    return i < count ? i : count - 1;
  }
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
  static constexpr std::array<Place, count> placed(Shape in, int batch) {
    std::array<Place, count> result{};
    Place next;
    std::size_t i = 0;
    ((result[i].parameters = next.parameters, result[i].saved = next.saved,
      result[i].input = next.input, next.parameters += L::parameters(in),
      next.saved += L::saved(in).at(batch), in = L::output(in), next.input = next.saved,
      next.saved += Extent{in.size(), 0}.at(batch), ++i),
     ...);
    return result;
  }

  /// Runs layer I and moves `at` on to the next one.
  template <Shape In, std::size_t Index, class Backend, class T>
  static void forward_one(Pass<Backend>& pass, Forward<T>& at, T* last) {
    using Current = type_at<Index, L...>;
    constexpr Shape in = shapes(In)[Index];
    T* const behind = at.saved + Current::saved(in).at(pass.batch);
    at.y = Index + 1 == count ? last : behind;
    Current::template forward<in>(pass, at);
    at.x = at.y;
    at.saved = behind + Extent{Current::output(in).size(), 0}.at(pass.batch);
    at.parameters += Current::parameters(in);
    at.buffers += Current::buffers(in);
  }

  template <Shape In, std::size_t Index, class Backend, class T>
  static void backward_one(Pass<Backend>& pass, const Backward<T>& whole,
                           const std::array<Place, count>& places, const T*& dy, T*& spare,
                           T*& other, T* rest) {
    using Current = type_at<Index, L...>;
    constexpr Shape in = shapes(In)[Index];
    const Place& place = places[Index];
    T* const dx = Index == 0 ? whole.dx : spare;
    Current::template backward<in>(
        pass, Backward<T>{.x = Index == 0 ? whole.x : whole.saved + place.input,
                          .dy = dy,
                          .dx = dx,
                          .parameters = whole.parameters + place.parameters,
                          .gradient = whole.gradient + place.parameters,
                          .saved = whole.saved + place.saved,
                          .scratch = rest});
    dy = dx;
    std::swap(spare, other);
  }
};

}  // namespace tepui::nn
