#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/type_name.hpp"
#include "tepui/space/space.hpp"

namespace tepui::space {

namespace detail {

/// Splits "a, b<c, d>, e" at its outer commas.
[[nodiscard]] inline std::vector<std::string_view> split_arguments(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '<' || c == '{' || c == '(') ++depth;
    if (c == '>' || c == '}' || c == ')') --depth;
    if (i == text.size() || (c == ',' && depth == 0)) {
      std::string_view part = text.substr(begin, i - begin);
      while (part.starts_with(' ')) part.remove_prefix(1);
      while (part.ends_with(' ')) part.remove_suffix(1);
      parts.push_back(part);
      begin = i + 1;
    }
  }
  return parts;
}

/// Replaces every "tepui::space::Choice<d, o0, o1, ...>" by the option that is taken.
[[nodiscard]] inline std::string resolve_choices(std::string_view text,
                                                 const std::uint8_t* choices) {
  constexpr std::string_view marker = "tepui::space::Choice<";
  std::string result;
  while (true) {
    const std::size_t at = text.find(marker);
    result += text.substr(0, at);
    if (at == std::string_view::npos) return result;
    std::size_t end = at + marker.size();
    for (int depth = 1; depth > 0; ++end) {
      if (end >= text.size()) throw Error("space: cannot read the type name " + std::string(text));
      if (text[end] == '<') ++depth;
      if (text[end] == '>') --depth;
    }
    const std::string_view inside = text.substr(at + marker.size(), end - 1 - at - marker.size());
    const auto arguments = split_arguments(inside);
    const auto decision = static_cast<std::size_t>(std::stoul(std::string(arguments.at(0))));
    result += resolve_choices(arguments.at(1 + std::size_t{choices[decision]}), choices);
    text.remove_prefix(end);
  }
}

}  // namespace detail

/// @brief An architecture in the words of its space: what its print says, or else the encoding.
template <SearchSpace S>
[[nodiscard]] std::string name_of(const typename S::Encoding& code) {
  if constexpr (requires { S::print(code); }) {
    return S::print(code);
  } else {
    return to_string(code);
  }
}

/// @brief The C++ spelling of the architecture behind an encoding that is known only at run time.
///
/// The same as type_name<materialize_t<S, code>>() without compiling that type.
template <SearchSpace S>
[[nodiscard]] std::string spell(const typename S::Encoding& code) {
  return detail::resolve_choices(type_name<typename S::Network>(), code.data());
}

}  // namespace tepui::space
