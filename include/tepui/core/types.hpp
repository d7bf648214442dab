#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace tepui {

/// @brief A list of types, as a value without content.
template <class... T>
struct types {
  static constexpr std::size_t size = sizeof...(T);
};

namespace detail {

template <std::size_t Index, class T>
struct Slot {
  using type = T;
};
template <class Indices, class... T>
struct Slots;
template <std::size_t... Index, class... T>
struct Slots<std::index_sequence<Index...>, T...> : Slot<Index, T>... {};

template <std::size_t Index, class T>
Slot<Index, T> slot_of(const Slot<Index, T>&);

}  // namespace detail

/// @brief The type at a position of a pack; one overload resolution, no recursion.
template <std::size_t Index, class... T>
using type_at = typename decltype(detail::slot_of<Index>(
    std::declval<detail::Slots<std::index_sequence_for<T...>, T...>>()))::type;

/// For the exhaustive `else` of an `if constexpr` chain.
template <class...>
inline constexpr bool dependent_false = false;

}  // namespace tepui
