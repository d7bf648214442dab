#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

/// The one name outside `tepui`: a compiler may leave out the namespace a function lies in when it
/// spells types, so the function that asks for the spelling lies where no type does.
namespace tepui_spelling {
template <class T>
[[nodiscard]] constexpr const char* signature() {
  return __PRETTY_FUNCTION__;  // "... [with T = X]" or "... [T = X]"
}
}  // namespace tepui_spelling

namespace tepui {
namespace detail {

/// Inline namespaces say how a program was compiled, not what a type means; `inside` guards names
/// that a user might have chosen too.
struct InlineNamespace {
  std::string_view inside, name;
};
inline constexpr std::array<InlineNamespace, 5> inline_namespaces{
    {{"tepui::backend::", "avx512::"},
     {"tepui::backend::", "avx2::"},
     {"tepui::backend::", "generic::"},
     {"std::", "__cxx11::"},
     {"std::", "__1::"}}};

[[nodiscard]] constexpr bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

template <std::size_t Length>
struct Spelling {
  std::array<char, Length + 1> text{};
  std::size_t length = 0;
};

/// One spelling where compilers differ in spaces ("> >", "T *") and in inline namespaces.
template <std::size_t Length>
[[nodiscard]] constexpr Spelling<Length> normalized(std::string_view raw) {
  Spelling<Length> out;
  for (std::size_t i = 0; i < raw.size();) {
    const char last = out.length == 0 ? '\0' : out.text[out.length - 1];
    bool skipped = false;
    if (last == ':') {
      const std::string_view before(out.text.data(), out.length);
      for (const auto& [inside, name] : inline_namespaces) {
        if (before.ends_with(inside) && raw.substr(i, name.size()) == name) {
          i += name.size();
          skipped = true;
          break;
        }
      }
    }
    if (skipped) continue;
    if (raw[i] == ' ' && i + 1 < raw.size() &&
        ((last == '>' && raw[i + 1] == '>') || raw[i + 1] == '*' || raw[i + 1] == '&')) {
      ++i;
      continue;
    }
    out.text[out.length++] = raw[i++];
  }
  return out;
}

template <class T>
[[nodiscard]] constexpr std::string_view raw_type_name() {
  constexpr std::string_view text = tepui_spelling::signature<T>();
  constexpr std::size_t begin = text.find("T = ") + 4;
  return text.substr(begin, text.rfind(']') - begin);
}

template <class T>
inline constexpr auto spelling_of = normalized<raw_type_name<T>().size()>(raw_type_name<T>());

}  // namespace detail

/// @brief The fully qualified C++ spelling of a type, without inline namespaces.
///
/// Reports, result files and generated headers take the names of policies and architectures from
/// here, so that no name is written twice. Clang before 17 leaves out the type of a class-type
/// template argument (`Network<{3, 32, 32}, ...>`), and may leave out defaulted type arguments.
template <class T>
[[nodiscard]] constexpr std::string_view type_name() {
  return {detail::spelling_of<T>.text.data(), detail::spelling_of<T>.length};
}

/// @return the name without namespaces: "Sam<Sgd>" for tepui::optim::Sam<tepui::optim::Sgd>; a
///         type nested in a template keeps its outer type, "Sam<Sgd>::State<float>"
template <class T>
[[nodiscard]] std::string short_type_name() {
  std::string result;
  const std::string_view name = type_name<T>();
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name.substr(i, 2) != "::") {
      result += name[i];
      continue;
    }
    ++i;
    if (!result.empty() && result.back() == '>') {
      result += "::";
      continue;
    }
    // "(anonymous namespace)", "{anonymous}" and "function()" go as a whole
    if (!result.empty() && (result.back() == ')' || result.back() == '}')) {
      const char close = result.back();
      const char open = close == ')' ? '(' : '{';
      int depth = 0;
      while (!result.empty()) {
        const char c = result.back();
        result.pop_back();
        if (c == close) ++depth;
        if (c == open && --depth == 0) break;
      }
    }
    while (!result.empty() && detail::is_name_character(result.back())) result.pop_back();
  }
  return result;
}

}  // namespace tepui
