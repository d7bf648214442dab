#include "tepui/core/fixed_string.hpp"

#include <string_view>
#include <type_traits>

/// @file
/// Literals as template arguments.

namespace {

using tepui::FixedString;

template <FixedString Name>
struct Tagged {
  static constexpr std::string_view name = Name.view();
};

static_assert(Tagged<"mine">::name == "mine");
static_assert(Tagged<"">::name.empty());
static_assert(FixedString("abc").size() == 3);
static_assert(FixedString("abc") == FixedString("abc"));
static_assert(FixedString("abc") != FixedString("abd"));
static_assert(std::is_same_v<Tagged<"mine">, Tagged<FixedString("mine")>>);
static_assert(!std::is_same_v<Tagged<"mine">, Tagged<"mines">>);
static_assert(FixedString("a\0b").view() == std::string_view("a\0b", 3));  // zeros are characters

}  // namespace
