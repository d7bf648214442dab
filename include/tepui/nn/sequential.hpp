#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/depth.hpp"
#include "tepui/nn/detail/chain.hpp"
#include "tepui/nn/detail/fuse.hpp"
#include "tepui/nn/explain.hpp"
#include "tepui/nn/layer.hpp"
#include "tepui/nn/peak.hpp"

namespace tepui::nn {

namespace detail {

/// Describes layers one after the other, by their numbers.
inline void describe_all(std::span<const LayerFunctions> layers, Shape in, Description& d) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    d.scope("", i, [&] { layers[i].describe(in, d); });
    in = layers[i].output(in);
  }
}

}  // namespace detail

/// @brief Layers one after the other.
template <class... L>
struct Sequential : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static_assert(sizeof...(L) > 0, "Sequential: at least one layer is needed");
  static_assert((Layer<L> && ...), "Sequential: every part must be a layer; see nn/layer.hpp");

  using Children = types<L...>;
  template <class... New>
  using WithChildren = Sequential<New...>;

  static constexpr std::size_t count = sizeof...(L);

 private:
  using Parts = typename detail::Fused<types<>, types<>, L...>::type;

 public:
  /// What runs it.
  using Trips = typename detail::ChainOf<Parts>::type;
  /// If the whole is one run of layers that are computed together, its edges; else types<>.
  using Run = typename detail::RunOf<Parts>::type;

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
  static constexpr Shape output(Shape in) {
    ((in = L::output(in)), ...);
    return in;
  }
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
  static constexpr Extent saved(Shape in) { return Trips::saved(in); }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return Trips::template scratch<In, Backend>();
  }
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    Cost sum;
    ((sum += L::cost(in, query), in = L::output(in)), ...);
    return sum;
  }
  template <Shape In>
  static constexpr std::size_t peak(const std::uint8_t* choices, bool keeps_input) {
    return peak_of_parts<In>(choices, keeps_input, std::index_sequence_for<L...>{});
  }
  template <Shape In>
  static constexpr int depth(const std::uint8_t* choices) {
    return depth_of_parts<In>(choices, std::index_sequence_for<L...>{});
  }
  static constexpr bool adds(const std::uint8_t* choices) { return Trips::adds(choices); }
  static void describe(Shape in, Description& d) {
    static constexpr std::array<detail::LayerFunctions, count> layers{detail::functions_of<L>...};
    detail::describe_all(layers, in, d);
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    Trips::template forward<In>(pass, at);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    Trips::template backward<In>(pass, at);
  }

 private:
  template <Shape In>
  static constexpr std::array<Shape, count + 1> shapes_from = shapes(In);

  template <Shape In, std::size_t... Part>
  static constexpr std::size_t peak_of_parts(const std::uint8_t* choices, bool keeps_input,
                                             std::index_sequence<Part...>) {
    std::size_t most = keeps_input ? fixed_peak<In, true> : fixed_peak<In, false>;
    const auto consider = [&]<class P, std::size_t Position>() {
      if constexpr (detail::chooses<P>()) {
        // Of all options the largest: where even that is no more, the encoding does not matter.
        constexpr std::size_t bound = peak_of_part<P, In, Position>(nullptr, true);
        if (bound <= most) return;
        most = std::max(most, peak_of_part<P, In, Position>(choices, keeps_input));
      }
    };
    (consider.template operator()<L, Part>(), ...);
    return most;
  }
  /// Beside all parts but the first, which counts it itself, the input waits if it is kept.
  template <class Part, Shape In, std::size_t Position>
  static constexpr std::size_t peak_of_part(const std::uint8_t* choices, bool keeps_input) {
    if (Position == 0) return peak_of<Part, In>(choices, keeps_input);
    return (keeps_input ? In.size() : 0) + peak_of<Part, shapes_from<In>[Position]>(choices, false);
  }
  /// Of the parts that do not depend on an encoding.
  template <Shape In, bool KeepsInput>
  static constexpr std::size_t fixed_peak = []<std::size_t... Part>(std::index_sequence<Part...>) {
    return std::max(
        {std::size_t{0},
         (detail::chooses<L>() ? 0 : peak_of_part<L, In, Part>(nullptr, KeepsInput))...});
  }
  (std::index_sequence_for<L...>{});
  template <Shape In, std::size_t... Part>
  static constexpr int depth_of_parts(const std::uint8_t* choices, std::index_sequence<Part...>) {
    int sum = fixed_depth<In>;
    ((detail::chooses<L>() ? (void)(sum += depth_of<L, shapes_from<In>[Part]>(choices)) : (void)0),
     ...);
    return sum;
  }
  template <Shape In>
  static constexpr int fixed_depth = []<std::size_t... Part>(std::index_sequence<Part...>) {
    return (0 + ... + (detail::chooses<L>() ? 0 : depth_of<L, shapes_from<In>[Part]>(nullptr)));
  }
  (std::index_sequence_for<L...>{});
  static constexpr std::size_t first_misfit(Shape in) {
    std::size_t i = 0;
    (void)(((L::check(in) == Rule::fits && (in = L::output(in), ++i, true)) && ...));
    return i < count ? i : count - 1;
  }
};

namespace detail {

template <class... L>
struct EdgeOf<Sequential<L...>> {
  using type = typename OnlyEdge<typename Sequential<L...>::Run>::type;
};

}  // namespace detail
}  // namespace tepui::nn
