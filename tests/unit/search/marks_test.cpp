#include "tepui/search/detail/marks.hpp"

#include <gtest/gtest.h>

#include <map>

#include "support/toy_space.hpp"
#include "tepui/core/random.hpp"
#include "tepui/space/operators.hpp"

namespace {

namespace detail = tepui::search::detail;

/// Random changes to a table and to a map, which must agree at all times.
template <class Space>
void agrees_with_a_map(int changes) {
  tepui::random::Stream stream{tepui::random::Key{1}};
  detail::Marks<typename Space::Encoding> marks;
  std::map<typename Space::Encoding, unsigned> expected;
  for (int i = 0; i < changes; ++i) {
    const auto code = tepui::space::sample<Space>(stream);
    const unsigned away = stream.below(8) << 1, given = stream.below(8) << 1;
    unsigned& known = expected[code];
    ASSERT_EQ(marks.of(code), known);
    ASSERT_EQ(marks.change(code, away, given), known);
    known = (known & ~away) | given | detail::met;
    ASSERT_EQ(marks.of(code), known);
  }
  for (const auto& [code, known] : expected) ASSERT_EQ(marks.of(code), known);
}

TEST(Marks, AgreeWithAMap) {
  agrees_with_a_map<toy::Tiny>(200);
  agrees_with_a_map<toy::Small>(20000);
  agrees_with_a_map<toy::Big>(3000);
}

constexpr bool grow_in_a_constant_expression() {
  detail::Marks<tepui::Encoding<2>> marks;
  for (std::uint8_t i = 0; i < 100; ++i) marks.change({{i, 1}}, 0, detail::taken);
  for (std::uint8_t i = 0; i < 100; ++i) {
    if (marks.of({{i, 1}}) != (detail::met | detail::taken) || marks.of({{i, 0}}) != 0)
      return false;
  }
  return true;
}
static_assert(grow_in_a_constant_expression());

}  // namespace
