#pragma once

#include <cstddef>

#include "tepui/core/types.hpp"

namespace tepui::nn::detail {

template <class L>
constexpr bool chooses();

template <class... L>
constexpr bool any_chooses(types<L...>) {
  return (chooses<L>() || ...);
}

/// Whether there is a decision in a layer, so that what it does depends on an encoding.
template <class L>
constexpr bool chooses() {
  if constexpr (requires { L::decision; }) {
    return true;
  } else if constexpr (requires { typename L::Children; }) {
    return any_chooses(typename L::Children{});
  } else {
    return false;
  }
}

/// Whether a layer is one decision between layers that have none.
template <class L>
constexpr bool is_flat_choice() {
  if constexpr (requires { L::decision; }) {
    return !any_chooses(typename L::Children{});
  } else {
    return false;
  }
}

/// @return options of a layer that is a decision; 1 for any other
template <class L>
constexpr std::size_t options_of() {
  if constexpr (requires { L::decision; }) {
    return L::count;
  } else {
    return 1;
  }
}

}  // namespace tepui::nn::detail
