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
///
/// The return type is deduced so that asking for it is enough: running it as a constant expression
/// would only add a second, meaningless error.
template <class L, Shape In, std::size_t Position>
constexpr auto explain_layer() {
  if constexpr (requires { typename L::Children; }) {
    if constexpr (L::check(In) == Rule::an_inner_layer_refuses_its_input) {
      return L::template explain<In>();
    } else {
      static_assert(diagnostics::LayerRefusesItsInput<L, In, L::check(In), Position>::explained);
    }
  } else {
    static_assert(diagnostics::LayerRefusesItsInput<L, In, L::check(In), Position>::explained);
  }
}

}  // namespace tepui::nn
