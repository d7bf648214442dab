#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/depth.hpp"
#include "tepui/nn/explain.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/layer.hpp"
#include "tepui/nn/pair_layer.hpp"
#include "tepui/nn/peak.hpp"

namespace tepui::nn {

/// @brief Layers of two inputs, each of which takes the outputs of the two before it.
///
/// The first takes (x, Start(x)), the second (Start(x), output of the first), the third the outputs
/// of the first two; the output is that of the last.
/// @tparam Start a layer; Identity: the first takes x twice
/// @tparam L     layers of two inputs, for example PairCell
template <class Start, class... L>
struct PairChain : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static_assert(Layer<Start>, "PairChain: the start must be a layer; see nn/layer.hpp");
  static_assert(sizeof...(L) > 0, "PairChain: at least one layer of two inputs is needed");
  static_assert((PairLayer<L> && ...),
                "PairChain: every part must be a layer of two inputs; see nn/pair_layer.hpp");

  using Children = types<Start, L...>;
  template <class NewStart, class... New>
  using WithChildren = PairChain<NewStart, New...>;

  static constexpr std::size_t count = sizeof...(L);

 private:
  /// x, Start(x), then the outputs.
  using Shapes = std::array<Shape, count + 2>;

 public:
  static constexpr Rule check(Shape in) {
    return first_misfit(in) == count + 1 ? Rule::fits : Rule::an_inner_layer_refuses_its_input;
  }
  template <Shape In>
  static constexpr auto explain() {
    constexpr std::size_t first = first_misfit(In);
    if constexpr (first == 0) {
      return explain_layer<Start, In, 0>();
    } else {
      constexpr Shapes shape = shapes_as_far_as_they_fit(In);
      return type_at<first - 1, L...>::template explain<shape[first - 1], shape[first], first>();
    }
  }
  static constexpr Shape output(Shape in) { return shapes(in)[count + 1]; }
  static constexpr std::size_t parameters(Shape in) {
    const Shapes shape = shapes(in);
    std::size_t i = 0;
    std::size_t sum = Start::parameters(in);
    ((sum += L::parameters(shape[i], shape[i + 1]), ++i), ...);
    return sum;
  }
  static constexpr std::size_t buffers(Shape in) {
    const Shapes shape = shapes(in);
    std::size_t i = 0;
    std::size_t sum = Start::buffers(in);
    ((sum += L::buffers(shape[i], shape[i + 1]), ++i), ...);
    return sum;
  }
  /// What Start keeps and gives, then what every layer keeps and gives, but for the last output.
  static constexpr Extent saved(Shape in) {
    const Shapes shape = shapes(in);
    Extent sum = Start::saved(in) + Extent{shape[1].size(), 0};
    std::size_t i = 0;
    ((sum = sum + L::saved(shape[i], shape[i + 1]) +
            (i + 1 < count ? Extent{shape[i + 2].size(), 0} : Extent{}),
      ++i),
     ...);
    return sum;
  }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return gradient(In) + gradient(In) + gradient(In) + gradient(In) +
           inner_scratch<In, Backend>(std::index_sequence_for<L...>{});
  }
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    const Shapes shape = shapes(in);
    Cost sum = Start::cost(in, query);
    std::size_t i = 0;
    ((sum += L::cost(shape[i], shape[i + 1], query), ++i), ...);
    return sum;
  }
  template <Shape In>
  static constexpr std::size_t peak(const std::uint8_t* choices, bool keeps_input) {
    return peak_along<In>(choices, keeps_input, std::index_sequence_for<L...>{});
  }
  template <Shape In>
  static constexpr int depth(const std::uint8_t* choices) {
    return depth_along<In>(choices, std::index_sequence_for<L...>{});
  }
  static void describe(Shape in, Description& d) {
    const Shapes shape = shapes(in);
    d.scope("start", [&] { Start::describe(in, d); });
    std::size_t i = 0;
    ((d.scope("", i, [&] { L::describe(shape[i], shape[i + 1], d); }), ++i), ...);
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    T* const behind = at.saved + Start::saved(In).at(pass.batch);
    Forward<T> start = at;
    start.y = behind;
    Start::template forward<In>(pass, start);
    PairForward<T> next{.x0 = at.x,
                        .x1 = behind,
                        .y = at.y,
                        .parameters = at.parameters + Start::parameters(In),
                        .buffers = at.buffers + Start::buffers(In),
                        .saved = behind + Extent{Start::output(In).size(), 0}.at(pass.batch),
                        .scratch = at.scratch};
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      (forward_one<In, Index>(pass, next, at.y), ...);
    }
    (std::index_sequence_for<L...>{});
  }

  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    const std::size_t room = gradient(In).at(pass.batch);
    Reverse<T> state{.whole = at,
                     .x = {at.x},
                     .gradient = {at.scratch, at.scratch + room, at.scratch + 2 * room},
                     .dy = at.dy,
                     .spare = at.scratch + 3 * room,
                     .rest = at.scratch + 4 * room};
    const std::array<Place, count + 1> places = placed(In, pass.batch);
    for (std::size_t i = 0; i < count; ++i) state.x[i + 1] = at.saved + places[i].output;
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      (backward_one<In, count - 1 - Index>(pass, state, places), ...);
    }
    (std::index_sequence_for<L...>{});
    // What came to Start(x) lies in its slot; what came to x itself is in at.dx already.
    const bool more = at.dx != nullptr;
    Start::template backward<In>(pass, Backward<T>{.x = at.x,
                                                   .dy = state.gradient[1 % slots],
                                                   .dx = more ? state.spare : nullptr,
                                                   .parameters = at.parameters,
                                                   .gradient = at.gradient,
                                                   .saved = at.saved,
                                                   .scratch = state.rest});
    if (more) {
      pass.backend.add(In.size() * static_cast<std::size_t>(pass.batch), state.spare, at.dx);
    }
  }

 private:
  /// The input waits beside all layers but the first, which counts it itself.
  template <Shape In, std::size_t... Index>
  static constexpr std::size_t peak_along(const std::uint8_t* choices, bool keeps_input,
                                          std::index_sequence<Index...>) {
    const std::size_t kept = keeps_input ? In.size() : 0;
    std::size_t most = peak_of<Start, In>(choices, true);
    ((most =
          std::max(most, (Index == 0 ? 0 : kept) +
                             L::template peak<known_shapes<In>[Index], known_shapes<In>[Index + 1]>(
                                 choices, Index == 0 && keeps_input, Index + 1 < count))),
     ...);
    return most;
  }
  template <Shape In, std::size_t... Index>
  static constexpr int depth_along(const std::uint8_t* choices, std::index_sequence<Index...>) {
    std::array<int, count + 2> deep{0, depth_of<Start, In>(choices)};
    ((deep[Index + 2] = L::template depth<known_shapes<In>[Index], known_shapes<In>[Index + 1]>(
          choices, deep[Index], deep[Index + 1])),
     ...);
    return deep[count + 1];
  }

  /// Gradients that are not complete or not used up: of an output and of the two before it.
  static constexpr std::size_t slots = 3;

  struct Place {
    std::size_t parameters = 0;
    std::size_t saved = 0;   ///< what the layer keeps
    std::size_t output = 0;  ///< where the input before it lies: Start(x), output 0, output 1, ...
  };
  template <class T>
  struct Reverse {
    const Backward<T>& whole;
    std::array<const T*, count + 1> x;  ///< x, Start(x), then the outputs but the last
    std::array<T*, slots> gradient;     ///< of value v in slot v % slots
    const T* dy;                        ///< of the layer that is next
    T* spare;
    T* rest;
  };

  static constexpr Shapes shapes(Shape in) {
    Shapes shape{in, Start::output(in)};
    std::size_t i = 0;
    ((shape[i + 2] = L::output(shape[i], shape[i + 1]), ++i), ...);
    return shape;
  }
  static constexpr Shapes shapes_as_far_as_they_fit(Shape in) {
    Shapes shape{in};
    if (Start::check(in) != Rule::fits) return shape;
    shape[1] = Start::output(in);
    std::size_t i = 0;
    (void)(((L::check(shape[i], shape[i + 1]) == Rule::fits &&
             (shape[i + 2] = L::output(shape[i], shape[i + 1]), ++i, true)) &&
            ...));
    return shape;
  }
  /// Every trip looks at all of them.
  template <Shape In>
  static constexpr Shapes known_shapes = shapes(In);
  /// 0: Start; 1: the first layer of two inputs; count + 1: none
  static constexpr std::size_t first_misfit(Shape in) {
    const Shapes shape = shapes_as_far_as_they_fit(in);
    std::size_t i = 1;
    while (i < count + 2 && shape[i] != Shape{}) ++i;
    return i - 1;
  }
  /// One buffer as large as the largest value.
  static constexpr Extent gradient(Shape in) {
    Extent most;
    for (const Shape s : shapes(in)) most = max_extent(most, Extent{s.size(), 0});
    return most;
  }
  template <Shape In, class Backend, std::size_t... Index>
  static constexpr Extent inner_scratch(std::index_sequence<Index...>) {
    constexpr Shapes shape = known_shapes<In>;
    Extent most = Start::template scratch<In, Backend>();
    ((most = max_extent(most, L::template scratch<shape[Index], shape[Index + 1], Backend>())),
     ...);
    return most;
  }
  static constexpr std::array<Place, count + 1> placed(Shape in, int batch) {
    const Shapes shape = shapes(in);
    std::array<Place, count + 1> result{};
    Place next{Start::parameters(in), 0, Start::saved(in).at(batch)};
    std::size_t i = 0;
    ((next.saved = next.output + Extent{shape[i + 1].size(), 0}.at(batch), result[i] = next,
      next.parameters += L::parameters(shape[i], shape[i + 1]),
      next.output = next.saved + L::saved(shape[i], shape[i + 1]).at(batch), ++i),
     ...);
    return result;
  }

  template <Shape In, std::size_t Index, class Backend, class T>
  static void forward_one(Pass<Backend>& pass, PairForward<T>& at, T* last) {
    using Current = type_at<Index, L...>;
    constexpr Shape in0 = known_shapes<In>[Index];
    constexpr Shape in1 = known_shapes<In>[Index + 1];
    T* const behind = at.saved + Current::saved(in0, in1).at(pass.batch);
    at.y = Index + 1 == count ? last : behind;
    Current::template forward<in0, in1>(pass, at);
    at.x0 = at.x1;
    at.x1 = at.y;
    at.saved = behind + Extent{Current::output(in0, in1).size(), 0}.at(pass.batch);
    at.parameters += Current::parameters(in0, in1);
    at.buffers += Current::buffers(in0, in1);
  }

  /// The inputs are the values Index and Index + 1. The first of them meets its first gradient
  /// here, the second its last, which is added to what the layer behind left there.
  template <Shape In, std::size_t Index, class Backend, class T>
  static void backward_one(Pass<Backend>& pass, Reverse<T>& state,
                           const std::array<Place, count + 1>& places) {
    using Current = type_at<Index, L...>;
    constexpr Shape in0 = known_shapes<In>[Index];
    constexpr Shape in1 = known_shapes<In>[Index + 1];
    constexpr bool added = Index + 1 < count;
    T* const complete = state.gradient[(Index + 1) % slots];
    Current::template backward<in0, in1>(
        pass, PairBackward<T>{.x0 = state.x[Index],
                              .x1 = state.x[Index + 1],
                              .dy = state.dy,
                              .dx0 = Index == 0 ? state.whole.dx : state.gradient[Index % slots],
                              .dx1 = added ? state.spare : complete,
                              .parameters = state.whole.parameters + places[Index].parameters,
                              .gradient = state.whole.gradient + places[Index].parameters,
                              .saved = state.whole.saved + places[Index].saved,
                              .scratch = state.rest});
    if constexpr (added) {
      pass.backend.add(in1.size() * static_cast<std::size_t>(pass.batch),
                       static_cast<const T*>(state.spare), complete);
    }
    state.dy = complete;
  }
};

}  // namespace tepui::nn
