#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/depth.hpp"
#include "tepui/nn/explain.hpp"
#include "tepui/nn/layer.hpp"
#include "tepui/nn/peak.hpp"
#include "tepui/space/detail/choice_edge.hpp"

namespace tepui::space {

/// @brief A decision point: one of several layers, with weights for every one of them.
///
/// In a supernet the pass says which option runs; `materialize_t` puts the option itself in place.
/// Choices that carry the same Decision are decided together, which is how cells share a structure.
/// @tparam Decision index into the encoding, from 0
/// @tparam Options  layers that accept the same input and give the same output shape
template <int Decision, class... Options>
struct Choice : nn::LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static_assert(Decision >= 0 && Decision <= 255, "Choice: decisions are numbered from 0 to 255");
  static_assert(sizeof...(Options) >= 1 && sizeof...(Options) <= 255,
                "Choice: 1 to 255 options are possible");
  static_assert((nn::Layer<Options> && ...),
                "Choice: every option must be a layer; see nn/layer.hpp");

  using Children = types<Options...>;
  template <class... New>
  using WithChildren = Choice<Decision, New...>;

  static constexpr auto decision = static_cast<std::size_t>(Decision);
  static constexpr std::size_t count = sizeof...(Options);

  static constexpr nn::Rule check(Shape in) {
    if (((Options::check(in) != nn::Rule::fits) || ...)) {
      return nn::Rule::an_inner_layer_refuses_its_input;
    }
    const Shape out = First::output(in);
    return ((Options::output(in) == out) && ...) ? nn::Rule::fits
                                                 : nn::Rule::all_options_must_give_the_same_shape;
  }
  template <Shape In>
  static constexpr auto explain() {
    constexpr std::size_t first = [] {
      std::size_t i = 0;
      (void)(((Options::check(In) == nn::Rule::fits && (++i, true)) && ...));
      return i < count ? i : count - 1;
    }();
    return nn::explain_layer<type_at<first, Options...>, In, first>();
  }
  static constexpr Shape output(Shape in) { return First::output(in); }
  static constexpr std::size_t parameters(Shape in) { return (Options::parameters(in) + ...); }
  static constexpr std::size_t buffers(Shape in) { return (Options::buffers(in) + ...); }
  static constexpr Extent saved(Shape in) {
    Extent most;
    ((most = max_extent(most, Options::saved(in))), ...);
    return most;
  }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    Extent most;
    ((most = max_extent(most, Options::template scratch<In, Backend>())), ...);
    return most;
  }
  /// The chosen option's cost; without choices the sum over all, which is the supernet's size.
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    Cost sum;
    std::size_t i = 0;
    ((taken(query.choices, i++) ? (void)(sum += Options::cost(in, query)) : (void)0), ...);
    return sum;
  }
  template <Shape In>
  static constexpr std::size_t peak(const std::uint8_t* choices, bool keeps_input) {
    std::size_t most = 0;
    std::size_t i = 0;
    (void)((consider(choices, i++, most,
                     [&] { return nn::peak_of<Options, In>(choices, keeps_input); }) ||
            ...));
    return most;
  }
  template <Shape In>
  static constexpr int depth(const std::uint8_t* choices) {
    int most = 0;
    std::size_t i = 0;
    (void)((consider(choices, i++, most, [&] { return nn::depth_of<Options, In>(choices); }) ||
            ...));
    return most;
  }
  static constexpr nn::Flow flow(const std::uint8_t* choices) {
    nn::Flow result = nn::Flow::general;
    std::size_t i = 0;
    if (choices != nullptr) {
      ((taken(choices, i++) ? (void)(result = Options::flow(choices)) : (void)0), ...);
    }
    return result;
  }
  static constexpr bool adds(const std::uint8_t* choices) {
    bool result = false;
    std::size_t i = 0;
    if (choices != nullptr) {
      ((taken(choices, i++) ? (void)(result = Options::adds(choices)) : (void)0), ...);
    }
    return result;
  }
  static void describe(Shape in, nn::Description& d) {
    std::size_t i = 0;
    (describe_option<Options>(in, d, i++), ...);
  }

  template <Shape In, class Backend, class T>
  static void forward(nn::Pass<Backend>& pass, nn::Forward<T> at) {
    std::size_t i = 0;
    (void)(((run_forward<In, Options>(pass, at, taken(pass.choices, i++))) || ...));
  }
  template <Shape In, class Backend, class T>
  static void backward(nn::Pass<Backend>& pass, nn::Backward<T> at) {
    std::size_t i = 0;
    (void)(((run_backward<In, Options>(pass, at, taken(pass.choices, i++))) || ...));
  }

 private:
  using First = type_at<0, Options...>;

  static constexpr bool taken(const std::uint8_t* choices, std::size_t option) {
    return choices == nullptr || choices[decision] == option;
  }
  /// @return whether the option was the one: nothing else needs to be looked at
  template <class Number, class Ask>
  static constexpr bool consider(const std::uint8_t* choices, std::size_t option, Number& most,
                                 Ask&& ask) {
    if (!taken(choices, option)) return false;
    most = std::max(most, ask());
    return choices != nullptr;
  }
  template <class Option>
  static void describe_option(Shape in, nn::Description& d, std::size_t option) {
    if (d.choices() == nullptr) {
      d.scope("option", option, [&] { Option::describe(in, d); });
    } else if (taken(d.choices(), option)) {
      d.take(decision, option);
      Option::describe(in, d);  // under the name it has in the network of its own
    } else {
      d.skip(Option::parameters(in), Option::buffers(in));
    }
  }
  template <Shape In, class Option, class Backend, class T>
  static bool run_forward(nn::Pass<Backend>& pass, nn::Forward<T>& at, bool run) {
    if (run) {
      Option::template forward<In>(pass, at);
    } else {
      at.parameters += Option::parameters(In);
      at.buffers += Option::buffers(In);
    }
    return run;
  }
  template <Shape In, class Option, class Backend, class T>
  static bool run_backward(nn::Pass<Backend>& pass, nn::Backward<T>& at, bool run) {
    if (run) {
      Option::template backward<In>(pass, at);
    } else {
      at.parameters += Option::parameters(In);
      at.gradient += Option::parameters(In);
    }
    return run;
  }
};

}  // namespace tepui::space

namespace tepui::nn::detail {

template <int Decision, class... Options>
struct EdgeOf<space::Choice<Decision, Options...>> {
  using type =
      typename space::detail::ChoiceEdgeOf<all_edges<Options...>, Decision, Options...>::type;
};

}  // namespace tepui::nn::detail
