#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/space/materialize.hpp"
#include "tepui/space/select.hpp"

namespace tepui {

namespace space::detail {

template <class T>
inline constexpr bool is_selection = false;
template <class S, std::size_t Size>
inline constexpr bool is_selection<Selection<S, Size>> = true;

template <class Architecture, class Encoding, class Visit>
constexpr void visit_architecture(const Encoding& code, Visit& visit) {
  if constexpr (requires { visit.template operator()<Architecture>(code); }) {
    visit.template operator()<Architecture>(code);
  } else if constexpr (requires { visit.template operator()<Architecture>(); }) {
    visit.template operator()<Architecture>();
  } else {
    static_assert(dependent_false<Visit>,
                  "for_each_architecture: the visitor must be callable as []<class Architecture>() "
                  "or []<class Architecture>(const auto& encoding)");
  }
}

}  // namespace space::detail

/// @brief Calls a visitor with every selected architecture as a static type of its own.
///
///     tepui::for_each_architecture<light>([]<class Architecture>(const auto& encoding) {
///       tepui::nn::Model<Architecture> network;  // all sizes known to the compiler
///     });
///
/// Every architecture is compiled by itself: with training, about a second each.
/// @tparam Chosen a constant made by select
/// @param  visit  called in order, as visit<Architecture>(encoding) or visit<Architecture>()
template <auto Chosen, class Visit>
constexpr void for_each_architecture(Visit&& visit) {
  static_assert(space::detail::is_selection<std::remove_const_t<decltype(Chosen)>>,
                "for_each_architecture: the argument must be a constant made by tepui::select");
  using S = typename decltype(Chosen)::SpaceType;
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    (space::detail::visit_architecture<materialize_t<S, Chosen[Index]>>(Chosen[Index], visit), ...);
  }
  (std::make_index_sequence<Chosen.size()>{});
}

}  // namespace tepui
