#include "tepui/search/run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "tepui/core/error.hpp"
#include "tepui/search/exhaustive.hpp"
#include "tepui/search/genas_evolution.hpp"
#include "tepui/search/nsga2.hpp"
#include "tepui/search/random.hpp"
#include "tepui/search/regularized_evolution.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/space/small.hpp"

namespace {

using namespace tepui;
using S = space::Small<>;
using Bench = space::NasBench201<>;

constexpr auto size = [](Cost c) { return c.params; };
constexpr auto large_and_lean = [](Cost c) {
  return std::array{static_cast<double>(c.params), -static_cast<double>(c.activations)};
};
constexpr auto large = [](Cost c) { return std::array{static_cast<double>(c.params)}; };
constexpr auto too_large = [](Cost c) { return c.params - 1'000'000; };

struct Drawn {
  static constexpr search::Random policy{};
  static constexpr auto objective = large_and_lean;
};
struct Enumerated {
  static constexpr search::Exhaustive policy{};
  static constexpr auto objective = large_and_lean;
};
struct Aging {
  static constexpr search::RegularizedEvolution policy{.population = 8, .tournament = 3};
  static constexpr auto objective = large;
};
struct Elitist {
  static constexpr search::GenasEvolution policy{
      .population = 8, .parents = 4, .mutation = 4, .crossover = 3};
  static constexpr auto objective = large;
};
struct Sorting {
  static constexpr search::Nsga2 policy{.population = 6};
  static constexpr auto objective = large_and_lean;
};
struct SortingFlat {
  static constexpr search::Nsga2 policy{.population = 6, .mutation_rate = 0.5, .eta = 2.5};
  static constexpr auto objective = large_and_lean;
};
struct SortingGenes {
  static constexpr search::Nsga2 policy{.population = 6,
                                        .crossover = search::Crossover::uniform,
                                        .mutation = search::Mutation::gene,
                                        .crowding = search::CrowdingForm::deb};
  static constexpr auto objective = large_and_lean;
};

template <class Case>
class RunOf : public testing::Test {};
using Cases = testing::Types<Drawn, Enumerated, Aging, Elitist, Sorting, SortingFlat, SortingGenes>;
TYPED_TEST_SUITE(RunOf, Cases);

TYPED_TEST(RunOf, IsTheSameInAConstantExpressionAndAtRunTime) {
  constexpr auto& policy = TypeParam::policy;
  constexpr auto& objective = TypeParam::objective;
  constexpr auto constant = search::run<Bench, 24>(policy, 7, objective, too_large);
  constexpr auto on_small = search::run<S, 24>(policy, 7, objective);
  const volatile std::uint64_t seed = 7;  // so that nothing of it is folded
  const auto at_run_time = search::run<Bench, 24>(policy, seed, objective, too_large);
  EXPECT_EQ(constant.size(), 24u);
  EXPECT_EQ(constant, at_run_time);
  EXPECT_EQ(on_small, (search::run<S, 24>(policy, seed, objective)));
}

TYPED_TEST(RunOf, EvaluatesFeasibleEncodingsWithTheirScores) {
  const auto history =
      search::run<Bench, 100>(TypeParam::policy, 1, TypeParam::objective, too_large);
  EXPECT_EQ(history.size(), 100u);
  std::size_t visited = 0;
  for (const auto& code : history) {
    const Cost cost = cost_of<Bench>(code);
    EXPECT_LE(cost.params, 1'000'000);
    EXPECT_EQ(history.scores[visited], TypeParam::objective(cost));
    EXPECT_EQ(history[visited++], code);
  }
  EXPECT_EQ(visited, 100u);
}

TYPED_TEST(RunOf, EndsWithTheStrategy) {
  const auto history = search::run<S, 500>(TypeParam::policy, 2, size);
  EXPECT_EQ(history.size(), 72u);
  std::int64_t largest = 0;
  for (std::uint64_t i = 0; i < 72; ++i) {
    largest = std::max(largest, cost_of<S>(space::unrank<S>(i)).params);
  }
  EXPECT_EQ(cost_of<S>(history.best()).params, largest);
}

TEST(Run, ReachesWhatTheStaticTestsClaim) {
  std::int64_t largest = 0;
  for (std::uint64_t i = 0; i < space::cardinality<Bench>(); ++i) {
    const Cost cost = cost_of<Bench>(space::unrank<Bench>(i));
    if (cost.macs <= 150'000'000) largest = std::max(largest, cost.params);
  }
  EXPECT_EQ(largest, 1'045'466);
}

TEST(Run, ObjectivesMaySeeTheEncodingAndTheRule) {
  const auto ones = [](Cost, const Encoding<4>& code) { return code[0] == 1 ? 1.0 : 0.0; };
  EXPECT_EQ((search::run<S, 72>(search::Random{}, 1, ones).best()[0]), 1);
  const auto macs = [](Cost cost) { return cost.macs; };
  const auto thop = search::run<S, 1, cost::Rule::thop>(search::Exhaustive{}, 1, macs);
  EXPECT_EQ(thop.scores[0][0], static_cast<double>(cost_of<S>(thop[0], cost::Rule::thop).macs));
  EXPECT_NE(thop.scores[0][0], static_cast<double>(cost_of<S>(thop[0]).macs));
}

TEST(Run, ConstraintsThatNothingMeetsAreSaid) {
  const auto never = [](Cost) { return 2.0; };
  EXPECT_THROW((void)(search::run<S, 10>(search::Random{}, 1, size, never)), SettingError);
}

TEST(Run, NoScoresAreNoAnswer) {
  constexpr auto none = [](Cost) { return std::array<double, 0>{}; };
  static_assert(!search::detail::Scoring<decltype(none), S>);
  static_assert(search::detail::Scoring<decltype(large_and_lean), S>);
}

TEST(Run, AScoreMustBeFinite) {
  const auto infinite = [](Cost, const auto& code) {
    return code[1] == 2 ? std::numeric_limits<double>::infinity() : 0.0;
  };
  try {
    (void)search::run<S, 72>(search::Exhaustive{}, 1, infinite);
    FAIL() << "no error";
  } catch (const SettingError& error) {
    EXPECT_EQ(error.what(), std::string("run: a score of the encoding 0.2.0.0 is not finite"));
  }
}

using Pair = search::History<S, 4, 2>;

TEST(History, FindsTheBestAndTheFront) {
  Pair history;
  const Encoding<4> a{{3, 0, 0, 0}}, b{{2, 0, 0, 0}}, c{{1, 0, 0, 0}}, d{{0, 0, 0, 0}};
  history.push_back(a, {1, 5});
  history.push_back(b, {3, 3});
  history.push_back(c, {3, 2});  // dominated by b
  history.push_back(d, {2, 4});
  EXPECT_EQ(history.best(), b);  // the first of two with a score of 3
  const Pair front = history.front();
  ASSERT_EQ(front.size(), 3u);
  EXPECT_EQ(front[0], a);
  EXPECT_EQ(front[1], b);
  EXPECT_EQ(front[2], d);
  EXPECT_EQ(front.scores[2], (Pair::Scores{2, 4}));
  EXPECT_EQ(front.front(), front);
}

TEST(History, SelectionIsSortedAndOfTheRightSize) {
  Pair history;
  history.push_back(Encoding<4>{{1, 2, 0, 0}}, {0, 0});
  history.push_back(Encoding<4>{{0, 2, 1, 1}}, {0, 0});
  const Selection<S, 2> both = history.selection<2>();
  EXPECT_EQ(both[0], (Encoding<4>{{0, 2, 1, 1}}));
  EXPECT_EQ(both[1], (Encoding<4>{{1, 2, 0, 0}}));
  EXPECT_THROW((void)history.selection<1>(), SettingError);
  EXPECT_THROW((void)history.selection<3>(), SettingError);
}

}  // namespace
