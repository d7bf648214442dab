#pragma once

#include <cstdint>

#include "tepui/nn/detail/chooses.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn {

namespace detail {

template <class L, Shape In>
constexpr int depth_along(const std::uint8_t* choices) {
  if constexpr (requires { L::template depth<In>(choices); }) {
    return L::template depth<In>(choices);
  } else {
    static_assert(
        !requires { typename L::Children; },
        "depth: a layer that holds others needs depth<In>(choices); see nn/depth.hpp");
    return L::cost(In, {cost::Rule::spos, choices}).macs > 0 ? 1 : 0;
  }
}

/// Of layers without choices: a constant, so that no encoding computes it again.
template <class L, Shape In>
inline constexpr int fixed_depth = depth_along<L, In>(nullptr);

}  // namespace detail

/// @brief Layers that multiply (convolutions, linear layers) on the longest way through a layer.
///
/// Containers answer by `depth<In>(choices)`; any other layer counts as one if it costs MACs.
/// Ways through an edge that is zero do not count.
/// @tparam In      shape of the input
/// @param  choices one option per decision; null: the deepest of the options
template <class L, Shape In>
[[nodiscard]] constexpr int depth_of(const std::uint8_t* choices) {
  if constexpr (detail::chooses<L>()) {
    return detail::depth_along<L, In>(choices);
  } else {
    return detail::fixed_depth<L, In>;
  }
}

}  // namespace tepui::nn
