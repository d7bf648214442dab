#pragma once

#include <string>
#include <string_view>

namespace tepui {

/// @brief The fully qualified C++ spelling of a type, as the compiler writes it.
///
/// Reports, result files and generated headers take the names of policies and architectures from
/// here, so that no name is written twice.
template <class T>
[[nodiscard]] constexpr std::string_view type_name() {
  constexpr std::string_view text =
      __PRETTY_FUNCTION__;  // "... [with T = X; ...]" or "... [T = X]"
  constexpr std::size_t begin = text.find("T = ") + 4;
  constexpr std::size_t semicolon = text.find(';', begin);
  constexpr std::size_t end = semicolon == std::string_view::npos ? text.rfind(']') : semicolon;
  return text.substr(begin, end - begin);
}

/// @return the name without namespaces: "Sam<Sgd>" for tepui::optim::Sam<tepui::optim::Sgd>
template <class T>
[[nodiscard]] std::string short_type_name() {
  std::string result;
  for (const char c : type_name<T>()) {
    if (c == ':') {
      while (!result.empty() &&
             (std::string_view("<>, :{}()").find(result.back()) == std::string_view::npos)) {
        result.pop_back();
      }
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace tepui
