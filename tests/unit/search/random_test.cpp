#include "tepui/search/random.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <vector>

#include "laws/search_strategy_laws.hpp"

namespace {

struct Case {
  using Policy = tepui::search::Random;
  static Policy policy() { return {}; }
  static constexpr bool random = true;
  static constexpr bool feasible_only = true;
  static constexpr bool any_size = true;
};

TEST(Random, IsUniformOverFeasibleEncodings) {
  // The first proposal over many keys: 10 of 27 encodings have a sum of at most 2.
  std::map<tepui::Encoding<3>, int> counts;
  const auto at_most_2 = [](const auto& encoding) { return toy::choice_sum(encoding) - 2; };
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    tepui::search::Random::Run<toy::Tiny> run({}, laws::problem<toy::Tiny>(seed, at_most_2));
    ++counts[run.ask(1).at(0)];
  }
  EXPECT_EQ(counts.size(), 10u);
  for (const auto& [encoding, count] : counts) EXPECT_NEAR(count, 500, 106) << to_string(encoding);
}

TEST(Random, FindsTheOnlyFeasibleEncodingOfACountableSpace) {
  using Space = toy::Grid<9, 4>;  // 262 144 encodings, far more than are drawn before counting
  const auto only = [](const auto& encoding) { return encoding == Space::Encoding{} ? 0.0 : 1.0; };
  tepui::search::Random::Run<Space> run({}, laws::problem<Space>(1, only));
  EXPECT_EQ(run.ask(5), std::vector<Space::Encoding>(1));
  EXPECT_TRUE(run.ask(5).empty());
}

TEST(Random, AViolationThatIsNotANumberIsInfeasible) {
  const auto nan = [](const auto& encoding) {
    return encoding[0] == 0 ? 0.0 : std::numeric_limits<double>::quiet_NaN();
  };
  tepui::search::Random::Run<toy::Tiny> run({}, laws::problem<toy::Tiny>(1, nan));
  EXPECT_EQ(run.ask(27).size(), 9u);
}

}  // namespace

namespace laws {
INSTANTIATE_TYPED_TEST_SUITE_P(Random, SearchStrategyLaws, testing::Types<Case>);
}
