#include "tepui/core/type_name.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tepui/core/shape.hpp"
#include "tepui/cost/cost.hpp"

namespace tepui::backend {
inline namespace avx512 {
template <class T>
struct TestOnly {};
}  // namespace avx512
}  // namespace tepui::backend

namespace type_name_test {
inline namespace avx512 {
struct Own {};
}  // namespace avx512
struct Plain {};
template <class... T>
struct List {
  struct Inner {};
  template <class U>
  struct State {};
};
template <int A, bool B>
struct Numbers {};
template <char C>
struct Letter {};
template <tepui::cost::Rule R>
struct Ruled {};
template <tepui::Shape S, class... T>
struct Shaped {};
}  // namespace type_name_test

namespace {

using tepui::short_type_name;
using tepui::type_name;
namespace t = type_name_test;

struct Hidden {};

static_assert(type_name<int>() == "int");
static_assert(type_name<t::Plain>() == "type_name_test::Plain");

TEST(TypeName, IsFullyQualified) {
  EXPECT_EQ(type_name<tepui::Shape>(), "tepui::Shape");
  EXPECT_EQ((type_name<t::List<t::Plain, tepui::Cost>>()),
            "type_name_test::List<type_name_test::Plain, tepui::Cost>");
  EXPECT_EQ((type_name<t::Numbers<-3, true>>()), "type_name_test::Numbers<-3, true>");
  EXPECT_EQ((type_name<t::Ruled<tepui::cost::Rule::thop>>()),
            "type_name_test::Ruled<tepui::cost::Rule::thop>");
}

TEST(TypeName, CompilersAgreeOnSpaces) {
  EXPECT_EQ((type_name<t::List<t::List<t::List<>>>>()),
            "type_name_test::List<type_name_test::List<type_name_test::List<>>>");
  EXPECT_EQ((type_name<t::List<const int*, int&, int&&>>()),
            "type_name_test::List<const int*, int&, int&&>");
}

TEST(TypeName, InlineNamespacesOfTheLibraryAreLeftOut) {
  EXPECT_EQ((type_name<tepui::backend::TestOnly<float>>()), "tepui::backend::TestOnly<float>");
  EXPECT_EQ((type_name<t::List<tepui::backend::TestOnly<float>, int>>()),
            "type_name_test::List<tepui::backend::TestOnly<float>, int>");
  EXPECT_EQ(type_name<std::string>().find("__"), std::string_view::npos);
}

TEST(TypeName, BracketsInLiteralsDoNotEndIt) {
  EXPECT_EQ(type_name<t::Letter<']'>>(), "type_name_test::Letter<']'>");
  EXPECT_EQ(type_name<t::Letter<';'>>(), "type_name_test::Letter<';'>");
}

TEST(TypeName, ShapesAreReadable) {
  // Clang before 17 leaves out the type of the shape
  const std::string name(type_name<t::Shaped<tepui::Shape{3, 32, 32}, t::Plain>>());
  EXPECT_TRUE(name == "type_name_test::Shaped<tepui::Shape{3, 32, 32}, type_name_test::Plain>" ||
              name == "type_name_test::Shaped<{3, 32, 32}, type_name_test::Plain>")
      << name;
}

TEST(TypeName, ShortNamesHaveNoNamespaces) {
  EXPECT_EQ(short_type_name<int>(), "int");
  EXPECT_EQ((short_type_name<t::List<t::Plain, tepui::Cost>>()), "List<Plain, Cost>");
  EXPECT_EQ((short_type_name<t::List<t::List<t::Plain>>>()), "List<List<Plain>>");
  EXPECT_EQ((short_type_name<const t::Plain*>()), "const Plain*");
  EXPECT_EQ((short_type_name<t::List<t::Plain>::Inner>()), "List<Plain>::Inner");
  EXPECT_EQ((short_type_name<t::List<int>::State<t::Plain>>()), "List<int>::State<Plain>");
  EXPECT_EQ(short_type_name<Hidden>(), "Hidden");
  EXPECT_EQ((short_type_name<t::List<Hidden, t::Plain>>()), "List<Hidden, Plain>");
}

}  // namespace
