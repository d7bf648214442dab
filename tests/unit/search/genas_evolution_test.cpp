#include "tepui/search/genas_evolution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "laws/search_strategy_laws.hpp"
#include "tepui/search/random.hpp"

namespace {

struct Case {
  using Policy = tepui::search::GenasEvolution;
  static Policy policy() {
    return {.population = 20, .parents = 5, .mutation = 8, .crossover = 8, .generations = 0};
  }
  static constexpr bool random = true;
  static constexpr bool feasible_only = true;
  static constexpr bool any_size = true;
};

using tepui::search::GenasEvolution;
using tepui::search::Outcome;

double gene_sum(const toy::RepairedBig::Encoding& encoding) { return toy::choice_sum(encoding); }

TEST(GenasEvolution, TheReferenceRunOnTheGeneSum) {
  using Space = toy::RepairedBig;  // two cells of 14 genes, 8 options, repaired per cell
  GenasEvolution::Run<Space> run(GenasEvolution::code(), laws::problem<Space>(1));
  std::vector<Space::Encoding> asked;
  double best = 0, best_before = 0;
  for (int generation = 0; generation < 20; ++generation) {
    const auto proposals = run.ask(1000);
    ASSERT_EQ(proposals.size(), 50u);  // an ask ends with its generation
    const auto& made = run.composition();
    EXPECT_EQ(made.mutants + made.crossovers + made.random, 50u);
    EXPECT_LE(made.raw_crossovers, 260u);
    if (generation == 0) {
      EXPECT_EQ(made.random, 50u);
    } else {
      EXPECT_EQ(made.mutants, 25u);
      ASSERT_EQ(run.parents().size(), 10u);
      EXPECT_EQ(run.parents()[0].score, best_before);  // everything told so far may be a parent
      for (std::size_t i = 0; i < made.mutants; ++i) {
        // The second cell of a mutant is that of one of the parents.
        EXPECT_TRUE(
            std::any_of(run.parents().begin(), run.parents().end(), [&](const auto& parent) {
              return std::equal(proposals[i].begin() + 14, proposals[i].end(),
                                parent.encoding.begin() + 14);
            }));
      }
    }
    for (const auto& proposal : proposals) {
      asked.push_back(proposal);
      best = std::max(best, gene_sum(proposal));
      run.tell(proposal, {{gene_sum(proposal)}, 0, false});
    }
    EXPECT_GE(best, best_before);
    best_before = best;
  }
  EXPECT_EQ(asked.size(), 1000u);
  EXPECT_TRUE(laws::distinct(asked));
  EXPECT_TRUE(run.ask(1).empty());  // twenty generations, and no 21st
  EXPECT_GT(best,
            gene_sum(*std::max_element(asked.begin(), asked.begin() + 50, [](auto& a, auto& b) {
              return gene_sum(a) < gene_sum(b);
            })));
}

TEST(GenasEvolution, DefaultsMutateEveryGene) {
  using Space = toy::Big;
  GenasEvolution::Run<Space> run({.parents = 1, .mutation = 50, .crossover = 0},
                                 laws::problem<Space>(2));
  for (const auto& proposal : run.ask(50)) run.tell(proposal, {{gene_sum(proposal)}, 0, false});
  const auto children = run.ask(50);
  const auto parent = run.parents().at(0).encoding;
  std::size_t front = 0, back = 0;
  for (std::size_t i = 0; i < run.composition().mutants; ++i) {
    for (std::size_t g = 0; g < 28; ++g) (g < 14 ? front : back) += children[i][g] != parent[g];
  }
  EXPECT_GT(front, 20u);
  EXPECT_GT(back, 20u);
}

TEST(GenasEvolution, ParentsAreTheBestToldEarlierFirst) {
  GenasEvolution::Run<toy::Small> run(
      {.population = 6, .parents = 3, .mutation = 3, .crossover = 3}, laws::problem<toy::Small>(3));
  const auto asked = run.ask(6);
  const double scores[] = {1, 3, 2, 3, 0, 9};
  for (std::size_t i = 0; i < 5; ++i) run.tell(asked[i], {{scores[i]}, 0, false});
  run.tell(asked[5], {{}, 0, true});  // failed: never a parent
  ASSERT_EQ(run.ask(1).size(), 1u);
  ASSERT_EQ(run.parents().size(), 3u);
  EXPECT_EQ(run.parents()[0].encoding, asked[1]);
  EXPECT_EQ(run.parents()[1].encoding, asked[3]);
  EXPECT_EQ(run.parents()[2].encoding, asked[2]);
}

TEST(GenasEvolution, UsedUpChildrenGiveWayToRandomOnes) {
  // A single parent crosses with itself: no crossover is ever new.
  GenasEvolution::Run<toy::Small> run(
      {.population = 10, .parents = 1, .mutation = 0, .crossover = 5, .crossover_tries = 40},
      laws::problem<toy::Small>(4));
  for (const auto& e : run.ask(10)) run.tell(e, {{toy::choice_sum(e)}, 0, false});
  EXPECT_EQ(run.ask(10).size(), 10u);
  EXPECT_EQ(run.composition().raw_crossovers, 40u);
  EXPECT_EQ(run.composition().crossovers, 0u);
  EXPECT_EQ(run.composition().random, 10u);
}

TEST(GenasEvolution, RefusesSettingsOutOfRange) {
  const auto question = laws::problem<toy::Small>(1);
  using Run = GenasEvolution::Run<toy::Small>;
  EXPECT_THROW(Run({.population = 40}, question), tepui::SettingError);  // 25 + 25 > 40
  EXPECT_THROW(Run({.parents = 0}, question), tepui::SettingError);
  EXPECT_THROW(Run({.mutation_rate = 1.5}, question), tepui::SettingError);
  EXPECT_THROW(Run({.mutation_rate = std::numeric_limits<double>::quiet_NaN()}, question),
               tepui::SettingError);
  EXPECT_THROW(Run(GenasEvolution::code(), question), tepui::SettingError);  // 14 genes of 6
}

TEST(GenasEvolution, BeatsRandomSearch) {
  const auto mean_best = [](const auto& policy) {
    using Policy = std::remove_cvref_t<decltype(policy)>;
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      laws::Search<Policy, toy::Big> search(policy, laws::problem<toy::Big>(seed));
      double best = 0;
      search.outcome = [&best](const auto& encoding) {
        const double score = toy::separable_score<toy::Big>(encoding);
        best = std::max(best, score);
        return Outcome{{score}, 0, false};
      };
      search.drive(500);
      sum += best / 10;
    }
    return sum;
  };
  EXPECT_GT(mean_best(GenasEvolution{}), mean_best(tepui::search::Random{}) + 2);
}

}  // namespace

namespace laws {
INSTANTIATE_TYPED_TEST_SUITE_P(GenasEvolution, SearchStrategyLaws, testing::Types<Case>);
}
