#pragma once

#include <type_traits>

#include "tepui/core/types.hpp"

namespace tepui::nn {

namespace detail {

template <class Part, class L>
constexpr bool contains_part();

template <class Part, class... L>
constexpr bool any_contains(types<L...>) {
  return (contains_part<Part, L>() || ...);
}

template <class Part, class L>
constexpr bool contains_part() {
  if constexpr (std::is_same_v<Part, L>) {
    return true;
  } else if constexpr (requires { typename L::Children; }) {
    return any_contains<Part>(typename L::Children{});
  } else {
    return false;
  }
}

}  // namespace detail

/// Whether a tree of layers has `Part` anywhere in it.
template <class Part, class L>
inline constexpr bool contains = detail::contains_part<Part, L>();

}  // namespace tepui::nn
