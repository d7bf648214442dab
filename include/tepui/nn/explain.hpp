#pragma once

#include <cstddef>

#include "tepui/nn/layer.hpp"

namespace tepui::nn {

namespace diagnostics {

/// The one message a user sees when a layer does not fit: the type names layer, input and rule.
template <class Layer, Shape Input, Rule Broken, std::size_t Position>
struct LayerRefusesItsInput {
  static_assert(Broken == Rule::fits,
                "network: a layer does not accept the shape it is given; the type above names the "
                "layer, its input (channels, height, width), the broken rule and its position");
  static constexpr bool explained = true;
};

}  // namespace diagnostics

/// @brief Makes the compiler point at the innermost layer that refuses its input.
template <class L, Shape In, std::size_t Position>
constexpr void explain_layer() {
  if constexpr (requires { L::template explain<In>(); }) {
    if constexpr (L::check(In) == Rule::an_inner_layer_refuses_its_input) {
      L::template explain<In>();
    } else {
      static_assert(diagnostics::LayerRefusesItsInput<L, In, L::check(In), Position>::explained);
    }
  } else {
    static_assert(diagnostics::LayerRefusesItsInput<L, In, L::check(In), Position>::explained);
  }
}

}  // namespace tepui::nn
