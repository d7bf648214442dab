#include "tepui/core/function.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace {

using tepui::Function;
using Unary = Function<int(int)>;

constexpr int twice(int x) { return 2 * x; }

constexpr bool copies_are_independent() {
  int factor = 3;
  Unary scaled = [&factor](int x) { return factor * x; };
  const Unary copy = scaled;
  Unary moved = std::move(scaled);
  factor = 5;
  scaled = twice;
  Unary assigned;
  const bool was_empty = !assigned;
  assigned = copy;
  assigned = std::as_const(assigned);
  return was_empty && copy(1) == 5 && moved(1) == 5 && scaled(1) == 2 && assigned(2) == 10;
}
static_assert(copies_are_independent());

constexpr int visits(const Function<void(int&)>& visit) {
  int value = 1;
  visit(value);
  return value;
}
static_assert(visits([](int& value) { value = 7; }) == 7);

static_assert(std::convertible_to<decltype(&twice), Unary>);
static_assert(!std::convertible_to<std::string, Unary>);
static_assert(!std::convertible_to<decltype([](const std::string&) { return 1; }), Unary>);
static_assert(!std::convertible_to<std::unique_ptr<int>, Unary>);

TEST(Function, IsEmptyUntilSomethingIsAssigned) {
  Unary function;
  EXPECT_FALSE(function);
  function = twice;
  ASSERT_TRUE(function);
  EXPECT_EQ(function(21), 42);
  const Unary moved = std::move(function);
  EXPECT_EQ(moved(4), 8);
  EXPECT_FALSE(function);  // NOLINT: what a move leaves is stated
}

TEST(Function, OwnsWhatItHolds) {
  const auto counted = std::make_shared<int>(5);
  {
    const Unary add = [counted](int x) { return *counted + x; };
    const Unary copy = add;  // NOLINT(performance-unnecessary-copy-initialization): the subject
    EXPECT_EQ(counted.use_count(), 3);
    EXPECT_EQ(copy(1), 6);
  }
  EXPECT_EQ(counted.use_count(), 1);
}

TEST(Function, TakesStdFunctionsAndConvertsResults) {
  const Function<std::string(const std::string&)> greet =
      std::function<const char*(const std::string&)>([](const std::string&) { return "hello"; });
  EXPECT_EQ(greet("you"), "hello");
}

TEST(Function, ForwardsArgumentsThatOnlyMove) {
  const Function<int(std::unique_ptr<int>)> read = [](std::unique_ptr<int> p) { return *p; };
  EXPECT_EQ(read(std::make_unique<int>(9)), 9);
}

}  // namespace
