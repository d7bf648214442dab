#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "tepui/core/enum_name.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/fixed_string.hpp"

/// @file
/// Reading architectures from text: one parser a grammar, at run time and while compiling, with
/// mistakes that name the bad token and its place.

namespace tepui::space {

/// What can be wrong in the text of an architecture; the compiler prints the name in its message.
enum class TextMistake {
  none,
  unknown_operation,
  edge_from_the_wrong_node,
  input_node_out_of_range,
  concatenated_node_out_of_range,
  two_edges_from_the_same_node,
  too_few_edges,
  too_many_edges,
  unexpected_text,
  text_after_the_end,
  missing_text_at_the_end,
};

/// @brief The first mistake in a text.
struct TextError {
  TextMistake mistake = TextMistake::none;
  std::size_t position = 0;     ///< of the bad token, in characters from 0
  std::size_t length = 0;       ///< characters of the bad token
  std::string_view expected{};  ///< what may stand there
};

/// @brief What a text says, if there is no error in it.
template <class Value>
struct Parsed {
  Value value{};
  TextError error{};
};

/// @brief Goes through a text token by token; after the first mistake it takes nothing more.
class TextReader {
 public:
  explicit constexpr TextReader(std::string_view text) : text_(text) {}

  [[nodiscard]] constexpr bool good() const { return error_.mistake == TextMistake::none; }
  [[nodiscard]] constexpr const TextError& error() const { return error_; }
  [[nodiscard]] constexpr std::string_view rest() const { return text_.substr(position_); }
  /// @return the word that begins here: letters, digits and underscores; may be empty
  [[nodiscard]] constexpr std::string_view word() const {
    return rest().substr(0, word_length(rest()));
  }

  constexpr void skip(std::size_t characters) { position_ += characters; }
  constexpr void skip_blanks() {
    while (!rest().empty() && std::string_view(" \t\r\n").find(rest()[0]) != std::string_view::npos)
      ++position_;
  }
  /// @return whether `token` was here; it is passed over
  constexpr bool take(std::string_view token) {
    if (!good() || !rest().starts_with(token)) return false;
    position_ += token.size();
    return true;
  }
  /// Passes over `token`, or notes that something else is here.
  constexpr void expect(std::string_view token) {
    if (!take(token)) fail(TextMistake::unexpected_text, token);
  }
  constexpr void expect_end() {
    if (!rest().empty()) fail(TextMistake::text_after_the_end, "the end");
  }
  /// Notes a mistake here, unless there was one before.
  /// @param length characters of the bad token; 0: a word, or one character
  constexpr void fail(TextMistake mistake, std::string_view expected, std::size_t length = 0) {
    if (!good()) return;
    if (rest().empty()) mistake = TextMistake::missing_text_at_the_end;
    if (length == 0) length = std::max<std::size_t>(1, word().size());
    error_ = {mistake, position_, std::min(length, rest().size()), expected};
  }

 private:
  static constexpr std::size_t word_length(std::string_view text) {
    const auto in_word = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    std::size_t n = 0;
    while (n < text.size() && in_word(text[n])) ++n;
    return n;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  TextError error_;
};

/// @throws SettingError that quotes the bad token and says what was expected
/// @param what the grammar, for example "NAS-Bench-201 architecture"
[[noreturn]] inline void throw_text_error(std::string_view what, std::string_view text,
                                          const TextError& error) {
  std::string mistake(enum_name(error.mistake));
  std::replace(mistake.begin(), mistake.end(), '_', ' ');
  throw SettingError(std::string(what) + " \"" + std::string(text) + "\": " + mistake +
                     ": at character " + std::to_string(error.position) + " (\"" +
                     std::string(text.substr(error.position, error.length)) + "\") expected " +
                     std::string(error.expected));
}

namespace diagnostics {

/// Characters of a token, which every compiler prints readably.
template <char... C>
struct Token;
template <std::size_t Position>
struct AtCharacter;

/// The message a user sees for a wrong text: never defined, so that the first error line spells
/// the mistake, the bad token and the character it begins at, counted from 0.
template <TextMistake Mistake, class BadToken, class Place>
struct ArchitectureTextHas;

/// Asks for the message without becoming wrong itself, so that no other error follows from it.
template <class Message>
struct Asks {
  using Size = decltype(sizeof(Message));
};

}  // namespace diagnostics

namespace detail {

template <FixedString Text, TextMistake Mistake, std::size_t Position, class Indices>
struct CheckText;
template <FixedString Text, std::size_t Position, std::size_t... Index>
struct CheckText<Text, TextMistake::none, Position, std::index_sequence<Index...>> {};
template <FixedString Text, TextMistake Mistake, std::size_t Position, std::size_t... Index>
struct CheckText<Text, Mistake, Position, std::index_sequence<Index...>>
    : diagnostics::Asks<diagnostics::ArchitectureTextHas<
          Mistake, diagnostics::Token<Text.text[Position + Index]...>,
          diagnostics::AtCharacter<Position>>> {};

}  // namespace detail

/// @brief What a text says, as the constant `value`.
///
/// A wrong text does not compile; the message names the mistake, the token and its place.
/// @tparam Parse a function from std::string_view to Parsed<Value>
template <FixedString Text, auto Parse>
struct ReadText {
 private:
  static constexpr auto parsed = Parse(Text.view());
  static constexpr TextError error = parsed.error;
  static_assert(sizeof(detail::CheckText<Text, error.mistake, error.position,
                                         std::make_index_sequence<error.length>>) > 0);

 public:
  static constexpr auto value = parsed.value;
};

}  // namespace tepui::space
