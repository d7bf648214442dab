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

template <class Visit, class Architecture, class Encoding>
concept VisitsWithCode = requires(Visit& visit, const Encoding& code) {
  visit.template operator()<Architecture>(code);
};
template <class Visit, class Architecture, class Encoding>
concept Visits = VisitsWithCode<Visit, Architecture, Encoding> || requires(Visit& visit) {
  visit.template operator()<Architecture>();
};

template <class Architecture, class Encoding, class Visit>
constexpr void visit_architecture(const Encoding& code, Visit& visit) {
  if constexpr (VisitsWithCode<Visit, Architecture, Encoding>) {
    visit.template operator()<Architecture>(code);
  } else {
    visit.template operator()<Architecture>();
  }
}

/// Whether a template argument is a constant made by select or one of its kin.
template <auto Chosen>
constexpr bool check_chosen() {
  constexpr bool chosen = is_selection<std::remove_const_t<decltype(Chosen)>>;
  static_assert(chosen,
                "for_each_architecture: the argument must be a constant made by tepui::select");
  return chosen;
}

/// Visits a run of the selected architectures.
template <auto Chosen, std::size_t First, class Visit, std::size_t... Index>
constexpr void visit_range(Visit& visit, std::index_sequence<Index...>) {
  using S = typename decltype(Chosen)::SpaceType;
  // Asked of all at once, so that a wrong visitor is one message and not one for each.
  constexpr bool visits =
      (Visits<Visit, materialize_t<S, Chosen[First + Index]>, typename S::Encoding> && ...);
  static_assert(visits,
                "for_each_architecture: the visitor must be callable as []<class Architecture>() "
                "or []<class Architecture>(const auto& encoding)");
  if constexpr (visits) {
    (visit_architecture<materialize_t<S, Chosen[First + Index]>>(Chosen[First + Index], visit),
     ...);
  }
}

}  // namespace space::detail

namespace space {

/// @return `chosen` if it is a selection, otherwise select<S>(chosen)
template <SearchSpace S, class Chosen>
[[nodiscard]] constexpr auto selection_of(Chosen chosen) {
  if constexpr (detail::is_selection<Chosen>) {
    static_assert(std::is_same_v<typename Chosen::SpaceType, S>,
                  "selection_of: the selection is of another space than the one to explore");
    return chosen;
  } else {
    return select<S>(chosen);
  }
}

}  // namespace space

/// @brief Calls a visitor with every selected architecture as a static type of its own.
///
///     tepui::for_each_architecture<light>([]<class Architecture>(const auto& encoding) {
///       tepui::nn::Model<Architecture> network;  // all sizes known to the compiler
///     });
///
/// Layers with the same input shape are compiled once for all architectures; what the visitor does
/// is compiled for each. To train many, see nn::AnyModel and Exploration.
/// @tparam Chosen a constant made by select
/// @param  visit  called in order, as visit<Architecture>(encoding) or visit<Architecture>()
template <auto Chosen, class Visit>
constexpr void for_each_architecture(Visit&& visit) {
  if constexpr (space::detail::check_chosen<Chosen>()) {
    space::detail::visit_range<Chosen, 0>(visit, std::make_index_sequence<Chosen.size()>{});
  }
}

/// @brief Visits the architectures of one shard: the Shard-th of Shards runs of about equal length.
///
/// Only declared here. A source file for each shard includes space/visit_shard.hpp and says
///
///     template void tepui::visit_shard<light, Visitor, 0, 4>(Visitor&);
///
/// which is what tepui_add_exploration writes (cmake/TepuiExploration.cmake).
template <auto Chosen, class Visitor, std::size_t Shard, std::size_t Shards>
void visit_shard(Visitor& visitor);

/// @brief As for_each_architecture with the work of the compiler cut into shards, which are files
/// of their own and compiled side by side.
/// @tparam Shards  how many, >= 1
/// @param  visitor of a class that the shards know, too; called in order
template <auto Chosen, std::size_t Shards, class Visitor>
void for_each_architecture_in_shards(Visitor& visitor) {
  static_assert(Shards >= 1, "for_each_architecture_in_shards: at least one shard is needed");
  if constexpr (space::detail::check_chosen<Chosen>()) {
    [&]<std::size_t... Shard>(std::index_sequence<Shard...>) {
      (visit_shard<Chosen, Visitor, Shard, Shards>(visitor), ...);
    }
    (std::make_index_sequence<Shards>{});
  }
}

}  // namespace tepui
