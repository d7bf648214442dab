#include "tepui/search/regularized_evolution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "laws/search_strategy_laws.hpp"
#include "tepui/search/random.hpp"

namespace {

struct Case {
  using Policy = tepui::search::RegularizedEvolution;
  static Policy policy() { return {.population = 20, .tournament = 5}; }
  static constexpr bool random = true;
  static constexpr bool feasible_only = true;
  static constexpr bool any_size = true;
};

using tepui::search::Outcome;
using tepui::search::RegularizedEvolution;

template <class Encoding>
std::size_t distance(const Encoding& a, const Encoding& b) {
  std::size_t genes = 0;
  for (std::size_t i = 0; i < Encoding::size(); ++i) genes += a[i] != b[i] ? 1 : 0;
  return genes;
}

TEST(RegularizedEvolution, TheOldestDiesHoweverGood) {
  RegularizedEvolution::Run<toy::Small> run({.population = 3, .tournament = 2},
                                            laws::problem<toy::Small>(1));
  const auto asked = run.ask(5);
  const double scores[] = {9, 1, 2, 3, 4};
  for (std::size_t i = 0; i < 5; ++i) run.tell(asked[i], {{scores[i]}, 0, false});
  ASSERT_EQ(run.population().size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(run.population()[i].encoding, asked[i + 2]);
    EXPECT_EQ(run.population()[i].score, scores[i + 2]);
  }
}

TEST(RegularizedEvolution, FailedAndInfeasibleOutcomesNeverEnter) {
  RegularizedEvolution::Run<toy::Small> run({.population = 3, .tournament = 2},
                                            laws::problem<toy::Small>(1));
  const auto asked = run.ask(4);
  run.tell(asked[0], {{}, 0, true});
  run.tell(asked[1], {{}, 2.5, false});
  run.tell(asked[2], {{std::numeric_limits<double>::quiet_NaN()}, 0, false});
  EXPECT_TRUE(run.population().empty());
  EXPECT_THROW(run.tell(asked[3], {{}, 0, false}), tepui::SettingError);  // scores are missing
}

TEST(RegularizedEvolution, ChildrenAreOneGeneFromTheTournamentsWinner) {
  // 200 draws out of 4 miss the best one with probability (3/4)^200 < 1e-24.
  RegularizedEvolution::Run<toy::Big> run({.population = 4, .tournament = 200},
                                          laws::problem<toy::Big>(2));
  const auto asked = run.ask(4);
  for (std::size_t i = 0; i < 4; ++i) {
    run.tell(asked[i], {{i == 1 ? 5.0 : static_cast<double>(i)}, 0, false});
  }
  for (const auto& child : run.ask(50)) EXPECT_EQ(distance(child, asked[1]), 1u);
}

TEST(RegularizedEvolution, StartsWithRandomProposals) {
  const auto question = laws::problem<toy::Small>(3);
  RegularizedEvolution::Run<toy::Small> run({.population = 30, .tournament = 5}, question);
  tepui::search::Random::Run<toy::Small> random({}, question);
  for (int i = 0; i < 30; ++i) {
    const auto proposal = run.ask(1);
    ASSERT_EQ(proposal, random.ask(1));
    run.tell(proposal[0], laws::evaluate<toy::Small>(question, proposal[0]));
  }
  EXPECT_NE(run.ask(1), random.ask(1));
}

TEST(RegularizedEvolution, RefusesSettingsOutOfRange) {
  const auto question = laws::problem<toy::Small>(1);
  using Run = RegularizedEvolution::Run<toy::Small>;
  EXPECT_THROW(Run({.population = 0}, question), tepui::SettingError);
  EXPECT_THROW(Run({.tournament = 0}, question), tepui::SettingError);
  EXPECT_THROW(Run({.tries = 0}, question), tepui::SettingError);
}

template <class Space, class Policy>
double mean_best(const Policy& policy, std::size_t evaluations) {
  double sum = 0;
  constexpr int seeds = 10;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    laws::Search<Policy, Space> search(policy, laws::problem<Space>(seed));
    double best = 0;
    search.outcome = [&best](const auto& encoding) {
      const double score = toy::separable_score<Space>(encoding);
      best = std::max(best, score);
      return Outcome{{score}, 0, false};
    };
    search.drive(evaluations);
    sum += best;
  }
  return sum / seeds;
}

TEST(RegularizedEvolution, BeatsRandomSearch) {
  const RegularizedEvolution policy{.population = 30, .tournament = 8};
  const tepui::search::Random random;
  EXPECT_GT((mean_best<toy::Small>(policy, 250)), (mean_best<toy::Small>(random, 250)) + 0.1);
  EXPECT_GT((mean_best<toy::Big>(policy, 500)), (mean_best<toy::Big>(random, 500)) + 2);
  EXPECT_GT((mean_best<toy::RepairedBig>(policy, 500)),
            (mean_best<toy::RepairedBig>(random, 500)) + 1);
}

}  // namespace

namespace laws {
INSTANTIATE_TYPED_TEST_SUITE_P(RegularizedEvolution, SearchStrategyLaws, testing::Types<Case>);
}
