#include "tepui/core/enum_name.hpp"

#include <gtest/gtest.h>

#include <cstdint>

#include "tepui/core/random.hpp"
#include "tepui/cost/cost.hpp"

namespace {

enum class Sparse : std::int8_t { below = -1, first = 0, fourth = 3, last = 31, beyond = 32 };
enum Plain { one, two };
template <class First, class Second>
struct Holder {
  enum class Kind { plain, holds_an_a };
};

TEST(EnumName, IsTheOneInTheSource) {
  EXPECT_EQ(tepui::enum_name(tepui::cost::Rule::f201), "f201");
  EXPECT_EQ(tepui::enum_name(tepui::cost::Rule::spos), "spos");
  EXPECT_EQ(tepui::enum_name(tepui::random::Purpose::noise), "noise");
  EXPECT_EQ(tepui::enum_name(Sparse::fourth), "fourth");
  EXPECT_EQ(tepui::enum_name(Sparse::last), "last");
}

TEST(EnumName, IsFoundBehindCommasAndBrackets) {
  using Kind = Holder<Holder<int, Sparse>, Sparse>::Kind;
  EXPECT_EQ(tepui::enum_name(Kind::plain), "plain");
  EXPECT_EQ(tepui::enum_name(Kind::holds_an_a), "holds_an_a");
  EXPECT_EQ(tepui::enum_name(static_cast<Kind>(2)), "");
}

TEST(EnumName, IsEmptyWhereThereIsNone) {
  EXPECT_EQ(tepui::enum_name(static_cast<tepui::cost::Rule>(4)), "");
  EXPECT_EQ(tepui::enum_name(static_cast<Sparse>(1)), "");
  EXPECT_EQ(tepui::enum_name(Sparse::below), "");
  EXPECT_EQ(tepui::enum_name(Sparse::beyond), "");
}

static_assert(tepui::enum_names<tepui::cost::Rule>[1] == "thop");
static_assert(tepui::ScopedEnum<Sparse> && !tepui::ScopedEnum<Plain> && !tepui::ScopedEnum<int>);

}  // namespace
