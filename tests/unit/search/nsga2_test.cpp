#include "tepui/search/nsga2.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <vector>

#include "laws/search_strategy_laws.hpp"
#include "tepui/search/hypervolume.hpp"
#include "tepui/search/random.hpp"

namespace {

struct Case {
  using Policy = tepui::search::Nsga2;
  static Policy policy() { return {.population = 20}; }
  static constexpr bool random = true;
  static constexpr bool feasible_only = false;
  static constexpr bool any_size = true;
};
struct CategoricalCase : Case {
  static Policy policy() {
    return {.population = 20,
            .crossover = tepui::search::Crossover::uniform,
            .mutation = tepui::search::Mutation::gene,
            .crowding = tepui::search::CrowdingForm::deb};
  }
};

using tepui::search::Nsga2;
using tepui::search::Outcome;
using Encodings = std::vector<toy::Small::Encoding>;

template <class Members>
std::set<toy::Small::Encoding> encodings(const Members& members) {
  std::set<toy::Small::Encoding> result;
  for (const auto& member : members) result.insert(member.encoding);
  return result;
}

/// Tells six proposals the points of the worked sorting example, to be minimised.
Encodings tell_worked_example(Nsga2::Run<toy::Small>& run) {
  const double points[6][2] = {{9, 4.8}, {8, 5}, {10, 4}, {12, 3.5}, {11, 4.5}, {8, 6}};
  Encodings asked;
  while (asked.size() < 6) {
    const auto proposals = run.ask(static_cast<int>(6 - asked.size()));
    for (const auto& proposal : proposals) {
      run.tell(proposal, {{-points[asked.size()][0], -points[asked.size()][1]}, 0, false});
      asked.push_back(proposal);
    }
  }
  return asked;
}

TEST(Nsga2, SurvivorsAreChosenByFrontThenByCrowding) {
  const auto question = laws::problem<toy::Small>(1);
  {
    Nsga2::Run<toy::Small> run({.population = 6}, question);
    const auto asked = tell_worked_example(run);
    const auto alive = run.population();
    ASSERT_EQ(alive.size(), 6u);
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_EQ(alive[i].encoding, asked[i]);
      EXPECT_EQ(alive[i].front, i < 4 ? 0u : 1u);
    }
    EXPECT_NEAR(alive[0].crowding, 0.583333, 5e-7);
    EXPECT_NEAR(alive[2].crowding, 0.808333, 5e-7);
  }
  {
    Nsga2::Run<toy::Small> run({.population = 3, .generations = 2}, question);
    const auto asked = tell_worked_example(run);  // both extremes and the lonelier of the others
    EXPECT_EQ(encodings(run.population()),
              (std::set<toy::Small::Encoding>{asked[1], asked[2], asked[3]}));
    EXPECT_TRUE(run.ask(1).empty());  // two generations of three
  }
}

TEST(Nsga2, InfeasibleOutcomesRankBehindAndFailedOnesDrop) {
  Nsga2::Run<toy::Small> run({.population = 4}, laws::problem<toy::Small>(2));
  const auto asked = run.ask(4);
  run.tell(asked[0], {{}, 3.0, false});
  run.tell(asked[1], {{}, 0, true});
  run.tell(asked[2], {{1, 1}, 0, false});
  run.tell(asked[3], {{}, 1.0, false});
  const auto alive = run.population();
  ASSERT_EQ(alive.size(), 3u);
  EXPECT_EQ(alive[0].encoding, asked[2]);
  EXPECT_EQ(alive[1].encoding, asked[3]);
  EXPECT_EQ(alive[2].encoding, asked[0]);
}

TEST(Nsga2, EveryObjectiveMustBeTold) {
  Nsga2::Run<toy::Small> run({}, laws::problem<toy::Small>(3));  // a problem of two
  const auto asked = run.ask(2);
  EXPECT_THROW(run.tell(asked[0], {{1.0}, 0, false}), tepui::SettingError);
}

TEST(Nsga2, StartsFromKnownOutcomes) {
  // With neither crossover nor mutation beyond one known parent, children stay near it.
  const toy::Big::Encoding known{};
  Nsga2::Run<toy::Big> run({.population = 10, .mutation = tepui::search::Mutation::gene},
                           laws::problem<toy::Big>(4));
  run.start_from(known, {{1, 1}, 0, false});
  ASSERT_EQ(run.population().size(), 1u);
  for (const auto& child : run.ask(10)) {
    EXPECT_NE(child, known);
    EXPECT_LE(28 - std::count(child.begin(), child.end(), 0), 6);
  }
}

TEST(Nsga2, EndsWhenOnlyInfeasibleEncodingsAreLeft) {
  const auto only = [](const auto& encoding) { return toy::choice_sum(encoding); };
  laws::Search<Nsga2, toy::Small> search({.population = 5}, laws::problem<toy::Small>(5, only));
  search.drive(1000);  // of 15 625 encodings, one is feasible
  EXPECT_EQ(search.asked.size(), 5u);
  EXPECT_EQ(search.asked.front(), toy::Small::Encoding{});
}

TEST(Nsga2, RefusesSettingsOutOfRange) {
  const auto question = laws::problem<toy::Small>(1);
  using Run = Nsga2::Run<toy::Small>;
  EXPECT_THROW(Run({.population = 1}, question), tepui::SettingError);
  EXPECT_THROW(Run({.crossover_rate = -0.1}, question), tepui::SettingError);
  EXPECT_THROW(Run({.mutation_rate = 2}, question), tepui::SettingError);
  EXPECT_THROW(Run({.eta = -1}, question), tepui::SettingError);
  EXPECT_THROW(Run({.eta = std::numeric_limits<double>::quiet_NaN()}, question),
               tepui::SettingError);
  EXPECT_THROW(Run({.refill = 0}, question), tepui::SettingError);
}

/// Mean share of the true hypervolume that a policy reaches, over five seeds.
template <class Policy>
double mean_share(const Policy& policy, std::size_t evaluations) {
  using Space = toy::Small;
  const std::vector<double> reference = {0, -6};
  const auto volume = [&](const auto& points) {
    return tepui::search::hypervolume(points, reference, tepui::search::Direction::maximise);
  };
  std::vector<std::vector<double>> all;
  for (std::uint64_t i = 0; i < tepui::space::cardinality<Space>(); ++i) {
    all.push_back(toy::conflicting_scores<Space>(tepui::space::unrank<Space>(i)));
  }
  const double truth = volume(all);
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    laws::Search<Policy, Space> search(policy, laws::problem<Space>(seed));
    search.drive(evaluations);
    std::vector<std::vector<double>> found;
    for (const auto& encoding : search.asked) {
      found.push_back(toy::conflicting_scores<Space>(encoding));
    }
    sum += volume(found) / truth / 5;
  }
  return sum;
}

TEST(Nsga2, ReachesTheFrontBeforeRandomSearch) {
  const double ours = mean_share(Nsga2{}, 800);
  EXPECT_GT(ours, 0.95);
  EXPECT_LT(ours, 1 + 1e-12);
  EXPECT_GT(ours, mean_share(tepui::search::Random{}, 1600));
  const Nsga2 categorical{.crossover = tepui::search::Crossover::uniform,
                          .mutation = tepui::search::Mutation::gene};
  EXPECT_GT(mean_share(categorical, 800), mean_share(tepui::search::Random{}, 1600));
}

}  // namespace

namespace laws {
using Cases = testing::Types<Case, CategoricalCase>;
INSTANTIATE_TYPED_TEST_SUITE_P(Nsga2, SearchStrategyLaws, Cases);
}  // namespace laws
