#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

/// As in type_name.hpp: asked from outside every namespace that a compiler might leave out. All
/// values in one signature, because a function for each takes the compiler five times as long.
namespace tepui_spelling {
template <class E, E... Values>
[[nodiscard]] constexpr const char* values_signature() {
  // g++:     "... [with E = tepui::Rule; E ...Values = {tepui::Rule::fits, (tepui::Rule)9}]"
  // clang++: "... [E = tepui::Rule, Values = <tepui::Rule::fits, (tepui::Rule)9>]"
  // nvcc:    "... [with E = tepui::Rule; tepui::Rule Values = tepui::Rule::fits; tepui::Rule
  //          Values = (tepui::Rule)9]"
  return __PRETTY_FUNCTION__;
}
}  // namespace tepui_spelling

namespace tepui {

/// Enumerators with values 0..enum_name_limit-1 have names.
inline constexpr std::size_t enum_name_limit = 32;

namespace detail {

/// What comes behind the last colon of a value's spelling; a value without a name is written as a
/// cast, "(tepui::Rule)9", or as a plain number, and has an empty one.
[[nodiscard]] constexpr std::string_view enumerator_in(std::string_view value) {
  std::size_t begin = value.size();
  while (begin > 0 && value[begin - 1] != ':') --begin;
  const std::string_view name = value.substr(begin);
  const bool named = !name.empty() && name[0] != '(' && name[0] != '-' &&
                     (name[0] < '0' || name[0] > '9') && name.find(')') == std::string_view::npos;
  return named ? name : std::string_view{};
}

/// Cuts the list of values that ends a signature. Commas inside of brackets belong to names.
[[nodiscard]] constexpr std::array<std::string_view, enum_name_limit> enumerators_in(
    std::string_view signature) {
  std::array<std::string_view, enum_name_limit> names{};
  std::size_t begin = signature.find("Values = ") + 9;
  std::size_t end = signature.size() - 1;  // without "]"
  if (signature[begin] == '{' || signature[begin] == '<') {
    ++begin;
    --end;
  }
  std::size_t number = 0;
  int depth = 0;
  for (std::size_t i = begin; i <= end; ++i) {
    const char c = signature[i];
    if (i == end || ((c == ',' || c == ';') && depth == 0)) {
      names[number++] = enumerator_in(signature.substr(begin, i - begin));
      begin = i + 2;
    } else if (c == '<' || c == '(' || c == '{') {
      ++depth;
    } else if (c == '>' || c == ')' || c == '}') {
      --depth;
    }
  }
  return names;
}

template <class E, std::size_t... Index>
[[nodiscard]] constexpr std::array<std::string_view, enum_name_limit> names_of(
    std::index_sequence<Index...>) {
  return enumerators_in(tepui_spelling::values_signature<E, static_cast<E>(Index)...>());
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
