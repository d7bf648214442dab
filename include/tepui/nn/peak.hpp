#pragma once

#include <cstddef>
#include <cstdint>

#include "tepui/nn/detail/chooses.hpp"
#include "tepui/nn/layer.hpp"

/// @file
/// How many activations have to be in memory at once when a network is run for one image.

namespace tepui::nn {

namespace detail {

template <class L, Shape In>
constexpr std::size_t leaf_peak(bool keeps_input) {
  constexpr bool in_place = [] {
    if constexpr (requires { L::in_place; }) {
      return L::in_place;
    } else {
      return false;
    }
  }();
  return in_place ? In.size() * (keeps_input ? 2 : 1) : In.size() + L::output(In).size();
}

template <class L, Shape In>
constexpr std::size_t peak_along(const std::uint8_t* choices, bool keeps_input) {
  if constexpr (requires { L::template peak<In>(choices, keeps_input); }) {
    return L::template peak<In>(choices, keeps_input);
  } else {
    static_assert(
        !requires { typename L::Children; },
        "peak: a layer that holds others needs peak<In>(choices, keeps_input); see "
        "nn/peak.hpp");
    return leaf_peak<L, In>(keeps_input);
  }
}

/// Of layers without choices: a constant, so that no encoding computes it again.
template <class L, Shape In, bool KeepsInput>
inline constexpr std::size_t fixed_peak = peak_along<L, In>(nullptr, KeepsInput);

}  // namespace detail

/// @brief Elements in memory while a layer runs for one image, its input and its output included.
///
/// The plan counted: one layer after the other; what may be written over its input (elementwise
/// layers, which say `static constexpr bool in_place = true`) is; a tensor goes when nothing needs
/// it any more; sums are added up in place; edges that do not reach the output are not run. It is
/// what a small device needs at least without tiling, and does not depend on a backend: the arena
/// of nn::Model is larger, since it trades memory for speed.
///
/// Containers answer by `peak<In>(choices, keeps_input)`.
/// @tparam In          shape of the input
/// @param  choices     one option per decision; null: the largest of the options
/// @param  keeps_input whether somebody else needs the input afterwards
template <class L, Shape In>
[[nodiscard]] constexpr std::size_t peak_of(const std::uint8_t* choices, bool keeps_input) {
  if constexpr (detail::chooses<L>()) {
    return detail::peak_along<L, In>(choices, keeps_input);
  } else {
    return keeps_input ? detail::fixed_peak<L, In, true> : detail::fixed_peak<L, In, false>;
  }
}

}  // namespace tepui::nn
