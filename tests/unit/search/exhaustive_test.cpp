#include "tepui/search/exhaustive.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "laws/search_strategy_laws.hpp"

namespace {

struct Case {
  using Policy = tepui::search::Exhaustive;
  static Policy policy() { return {}; }
  static constexpr bool random = false;
  static constexpr bool feasible_only = true;
  static constexpr bool any_size = false;
};

TEST(Exhaustive, GoesInLexicographicOrder) {
  using Space = toy::Mixed;
  tepui::search::Exhaustive::Run<Space> run({}, laws::problem<Space>(1));
  const auto all = run.ask(100);
  ASSERT_EQ(all.size(), 24u);
  for (std::size_t i = 0; i < 24; ++i) EXPECT_EQ(tepui::space::rank<Space>(all[i]), i);
}

TEST(Exhaustive, RefusesASpaceItCannotFinish) {
  const auto question = laws::problem<toy::Big>(1);
  EXPECT_THROW(tepui::search::Exhaustive::Run<toy::Big>({}, question), tepui::SettingError);
  const auto small = laws::problem<toy::Small>(1);
  EXPECT_NO_THROW(tepui::search::Exhaustive::Run<toy::Small>({.limit = 15625}, small));
  try {
    tepui::search::Exhaustive::Run<toy::Small> run({.limit = 15624}, small);
    FAIL() << "no error";
  } catch (const tepui::SettingError& error) {
    EXPECT_NE(std::string(error.what()).find("limit = 15624"), std::string::npos) << error.what();
  }
}

}  // namespace

namespace laws {
INSTANTIATE_TYPED_TEST_SUITE_P(Exhaustive, SearchStrategyLaws, testing::Types<Case>);
}
