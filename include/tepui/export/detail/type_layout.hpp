#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/type_name.hpp"

/// @file
/// The spelling of a type, made fit for a source file: valid C++, broken into readable lines.

namespace tepui::io::detail {

/// @return the place behind a character literal, or `at` where none begins
[[nodiscard]] inline std::size_t behind_literal(std::string_view text, std::size_t at) {
  if (text[at] != '\'') return at;
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '\'') {
      return i + 1;
    }
  }
  return text.size();
}

/// A template's name, its arguments, and what follows them.
struct TemplateParts {
  std::string_view name;
  std::vector<std::string_view> arguments;
  std::string_view rest;
};

/// @brief Splits "A<B, C<D, E>>::F" into "A", {"B", "C<D, E>"} and "::F"; no arguments: all name.
[[nodiscard]] inline TemplateParts split_template(std::string_view text) {
  const std::size_t open = text.find('<');
  TemplateParts parts{text.substr(0, open), {}, {}};
  if (open == std::string_view::npos) return parts;
  int depth = 0;
  std::size_t begin = open + 1;
  const auto add = [&](std::size_t end) {
    while (begin < end && text[begin] == ' ') ++begin;
    if (begin < end) parts.arguments.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  };
  for (std::size_t i = open; i < text.size(); ++i) {
    if (const std::size_t next = behind_literal(text, i); next != i) {
      i = next - 1;
      continue;
    }
    const char c = text[i];
    if (c == '<' || c == '(' || c == '{') ++depth;
    if (c == ',' && depth == 1) add(i);
    if (c == '>' || c == ')' || c == '}') --depth;
    if (depth == 0) {
      add(i);
      parts.rest = text.substr(i + 1);
      return parts;
    }
  }
  throw SettingError("cannot read the type name '" + std::string(text) + "': its brackets differ");
}

/// @brief Writes a type over as many lines as it needs, one template argument a line;
/// numbers in front stay beside the name.
/// @param indent columns before the first line
/// @param width  columns a line may have, the first included
[[nodiscard]] inline std::string lay_out_type(std::string_view text, std::size_t indent = 0,
                                              std::size_t width = 98) {
  if (indent + text.size() <= width) return std::string(text);
  const TemplateParts parts = split_template(text);
  if (parts.arguments.empty()) return std::string(text);
  std::string out = std::string(parts.name) + "<";
  bool leading = true;  // numbers in front stay on the line of the name
  for (std::size_t i = 0; i < parts.arguments.size(); ++i) {
    const std::string_view argument = parts.arguments[i];
    leading = leading && argument.find_first_not_of("-0123456789") == std::string_view::npos;
    if (leading) {
      out += (i > 0 ? ", " : "") + std::string(argument);
    } else {
      out += (i > 0 ? ",\n" : "\n") + std::string(indent + 2, ' ') +
             lay_out_type(argument, indent + 2, width);
    }
  }
  return out + ">" + std::string(parts.rest);
}

/// @brief Repairs and checks a compiler's spelling so that it can be pasted into a source file.
///
/// Clang before 17 writes a class-type template argument without its type. Of those, architectures
/// contain shapes alone, so a bare brace with three numbers is one.
/// @throws SettingError if the type has no name that another source file could use
[[nodiscard]] inline std::string pasteable(std::string_view text) {
  const auto refuse = [&](const std::string& why, const std::string& advice) {
    throw SettingError("cannot write the type '" + std::string(text) + "' into a header: " + why +
                       "; " + advice);
  };
  std::string out;
  int braces = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t next = behind_literal(text, i); next != i) {
      out += text.substr(i, next - i);
      i = next;
      continue;
    }
    const char c = text[i];
    if (c == '"') {
      refuse("it has an array of characters as template argument",
             "use the architecture of an encoding (materialize_t) instead of the encoding");
    }
    for (const std::string_view nameless : {"{anonymous}", "(anonymous", "<unnamed", "(unnamed",
                                            "<lambda", "(lambda", "'lambda", "()::"}) {
      if (text.substr(i, nameless.size()) == nameless) {
        refuse("a part of it has no name outside of its source file",
               "move your layer out of the anonymous namespace or function into a header");
      }
    }
    const char before = out.empty() ? '\0' : out.back();
    if (c == '{' && braces == 0 && !tepui::detail::is_name_character(before) && before != '>') {
      const std::size_t end = text.find('}', i);
      const std::string_view inside = text.substr(i + 1, end - i - 1);
      int commas = 0;
      bool numbers = end != std::string_view::npos;
      for (const char d : inside) {
        commas += d == ',' ? 1 : 0;
        numbers = numbers && (d == ',' || d == ' ' || d == '-' || (d >= '0' && d <= '9'));
      }
      if (!numbers || commas != 2) {
        refuse("the compiler leaves out the type of a template argument",
               "write the header from a program built with GCC, or Clang 17 or later");
      }
      out += "tepui::Shape";
    }
    if (c == '{') ++braces;
    if (c == '}') --braces;
    out += c;
    ++i;
  }
  return out;
}

}  // namespace tepui::io::detail
