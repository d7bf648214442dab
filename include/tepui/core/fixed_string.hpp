#pragma once

#include <cstddef>
#include <string_view>

namespace tepui {

/// @brief A string as a structural value, so that a literal can be a template argument.
///
///     template <tepui::FixedString Name>
///     struct Tagged {
///       static constexpr std::string_view name = Name.view();
///     };
///     using Mine = Tagged<"mine">;
///
/// @tparam Length characters without the closing zero
template <std::size_t Length>
struct FixedString {
  char text[Length + 1]{};  // public, as a template argument's members must be

  // NOLINTNEXTLINE(google-explicit-constructor): a literal must convert by itself
  constexpr FixedString(const char (&literal)[Length + 1]) {
    for (std::size_t i = 0; i < Length; ++i) text[i] = literal[i];
  }

  static constexpr std::size_t size() { return Length; }
  /// Valid as long as this object; of a template argument, always.
  [[nodiscard]] constexpr std::string_view view() const { return {text, Length}; }

  friend constexpr bool operator==(const FixedString&, const FixedString&) = default;
};

template <std::size_t Size>
FixedString(const char (&)[Size]) -> FixedString<Size - 1>;

}  // namespace tepui
