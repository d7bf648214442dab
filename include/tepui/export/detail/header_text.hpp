#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "tepui/core/error.hpp"

/// @file
/// The part of JSON that a safetensors header uses, read strictly: objects, arrays of whole
/// numbers, strings. A JSON library would do it, but then every program that embeds a winner would
/// depend on one.

namespace tepui::io::detail {

/// @return the first byte that is not part of valid UTF-8, or npos
[[nodiscard]] inline std::size_t first_invalid_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char lead = byte(i);
    std::size_t more = 0;
    std::uint32_t code = lead;
    std::uint32_t smallest = 0;
    if (lead < 0x80) {
      ++i;
      continue;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
      more = 1, code = lead & 0x1Fu, smallest = 0x80;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      more = 2, code = lead & 0x0Fu, smallest = 0x800;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      more = 3, code = lead & 0x07u, smallest = 0x10000;
    } else {
      return i;
    }
    if (text.size() - i <= more) return i;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((byte(i + k) & 0xC0u) != 0x80u) return i;
      code = code << 6 | (byte(i + k) & 0x3Fu);
    }
    if (code < smallest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return i;
    i += more + 1;
  }
  return std::string_view::npos;
}

/// Appends `text` as a JSON string with its quotes.
inline void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr std::string_view digits = "0123456789abcdef";
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 0xFu];
    } else {
      out += c;
    }
  }
  out += '"';
}

/// @brief Reads the header piece by piece; every complaint names the file and the byte in it.
class HeaderReader {
 public:
  /// @param first_byte where `text` begins in the file
  HeaderReader(std::string_view text, std::size_t first_byte, std::string file)
      : text_(text), first_byte_(first_byte), file_(std::move(file)) {}

  [[noreturn]] void fail(const std::string& what) const { fail_at(at_, what); }
  [[noreturn]] void fail_at(std::size_t at, const std::string& what) const {
    throw DataError("safetensors file '" + file_ + "', byte " + std::to_string(first_byte_ + at) +
                    ": " + what);
  }
  /// @return place of the next piece, for a later fail_at
  [[nodiscard]] std::size_t place() {
    skip_space();
    return at_;
  }

  void expect(char c) {
    skip_space();
    if (at_ >= text_.size()) fail(std::string("the header ends where '") + c + "' is expected");
    if (text_[at_] != c) fail(std::string("expected '") + c + "', found " + found());
    ++at_;
  }
  /// @return whether `c` came next, and if so steps over it
  bool accept(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect_end() {
    skip_space();
    if (at_ != text_.size()) fail("expected the end of the header, found " + found());
  }

  std::int64_t whole_number() {
    skip_space();
    std::int64_t value = 0;
    const char* const begin = text_.data() + at_;
    const char* const end = text_.data() + text_.size();
    if (begin == end || *begin < '0' || *begin > '9') {
      fail("expected a whole number >= 0, found " + found());
    }
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (error != std::errc{}) fail("the number is too large");
    if (*begin == '0' && stop - begin > 1) fail("the number has a leading zero");
    if (stop != end && (*stop == '.' || *stop == 'e' || *stop == 'E')) {
      fail("expected a whole number, found a fraction");
    }
    at_ += static_cast<std::size_t>(stop - begin);
    return value;
  }

  std::string string() {
    expect('"');
    std::string value;
    const std::size_t begin = at_;
    while (true) {
      if (at_ >= text_.size()) fail_at(begin, "the header ends inside this string");
      const char c = text_[at_++];
      if (c == '"') break;
      if (static_cast<unsigned char>(c) < 0x20) fail_at(at_ - 1, "control character in a string");
      if (c == '\\') {
        append_escaped(value);
      } else {
        value += c;
      }
    }
    if (first_invalid_utf8(value) != std::string_view::npos) {
      fail_at(begin, "this string is not valid UTF-8");
    }
    return value;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  [[nodiscard]] std::string found() const {
    if (at_ >= text_.size()) return "the end of the header";
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c >= 0x20 && c < 0x7F) return std::string("'") + text_[at_] + "'";
    return "byte value " + std::to_string(c);
  }
  std::uint32_t four_hex_digits() {
    std::uint32_t code = 0;
    if (text_.size() - at_ < 4) fail("the header ends inside an escape");
    const char* const begin = text_.data() + at_;
    const auto [stop, error] = std::from_chars(begin, begin + 4, code, 16);
    if (error != std::errc{} || stop != begin + 4) fail("\\u needs four hexadecimal digits");
    at_ += 4;
    return code;
  }
  void append_escaped(std::string& value) {
    if (at_ >= text_.size()) fail("the header ends inside an escape");
    const std::size_t here = at_;
    const char c = text_[at_++];
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (const auto i = letters.find(c); i != std::string_view::npos) {
      value += meanings[i];
      return;
    }
    if (c != 'u') fail_at(here, "unknown escape in a string");
    std::uint32_t code = four_hex_digits();
    if (code >= 0xD800 && code <= 0xDBFF) {
      if (text_.substr(at_, 2) != "\\u") fail_at(here, "half of a surrogate pair");
      at_ += 2;
      const std::uint32_t low = four_hex_digits();
      if (low < 0xDC00 || low > 0xDFFF) fail_at(here, "half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
      fail_at(here, "half of a surrogate pair");
    }
    append_utf8(value, code);
  }
  static void append_utf8(std::string& out, std::uint32_t code) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80u | (code >> shift & 0x3Fu)); };
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xC0u | code >> 6);
      tail(0);
    } else if (code < 0x10000) {
      out += static_cast<char>(0xE0u | code >> 12);
      tail(6), tail(0);
    } else {
      out += static_cast<char>(0xF0u | code >> 18);
      tail(12), tail(6), tail(0);
    }
  }

  std::string_view text_;
  std::size_t first_byte_;
  std::string file_;
  std::size_t at_ = 0;
};

}  // namespace tepui::io::detail
