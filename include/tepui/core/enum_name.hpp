#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

/// As in type_name.hpp: asked from outside every namespace that a compiler might leave out.
namespace tepui_spelling {
template <auto Value>
[[nodiscard]] constexpr const char* value_signature() {
  return __PRETTY_FUNCTION__;  // "... [with auto Value = tepui::Rule::fits]" or "... = (Rule)9]"
}
}  // namespace tepui_spelling

namespace tepui {

/// Enumerators with values 0..enum_name_limit-1 have names.
inline constexpr std::size_t enum_name_limit = 32;

namespace detail {

template <auto Value>
[[nodiscard]] constexpr std::string_view enumerator_name() {
  constexpr std::string_view text = tepui_spelling::value_signature<Value>();
  constexpr std::size_t begin = text.find("Value = ") + 8;
  constexpr std::string_view full = text.substr(begin, text.rfind(']') - begin);
  constexpr std::size_t colon = full.rfind(':');
  constexpr std::string_view name = full.substr(colon == std::string_view::npos ? 0 : colon + 1);
  // a value without a name is written as a cast: "(tepui::Rule)9", or as a plain number
  const bool named = name.find(')') == std::string_view::npos && name.front() != '-' &&
                     (name.front() < '0' || name.front() > '9');
  return named ? name : std::string_view{};
}

template <class E, std::size_t... Index>
[[nodiscard]] constexpr std::array<std::string_view, sizeof...(Index)> names_of(
    std::index_sequence<Index...>) {
  return {enumerator_name<static_cast<E>(Index)>()...};
}

}  // namespace detail

/// A scoped enumeration: any value of its integer type may be cast to it.
template <class E>
concept ScopedEnum = std::is_enum_v<E> && !std::is_convertible_v<E, std::underlying_type_t<E>>;

/// @brief Names of the enumerators at their values; empty where there is none.
template <ScopedEnum E>
inline constexpr auto enum_names = detail::names_of<E>(std::make_index_sequence<enum_name_limit>{});

/// @return the name of an enumerator as it is in the source, for example "coupled"; empty for a
///         value without one, negative, or not below enum_name_limit
template <ScopedEnum E>
[[nodiscard]] constexpr std::string_view enum_name(E value) {
  const auto number = static_cast<std::underlying_type_t<E>>(value);
  if (std::cmp_less(number, 0) || std::cmp_greater_equal(number, enum_name_limit)) return {};
  return enum_names<E>[static_cast<std::size_t>(number)];
}

}  // namespace tepui
