#include "tepui/tabular/simulate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/search/exhaustive.hpp"
#include "tepui/search/nsga2.hpp"
#include "tepui/search/regularized_evolution.hpp"
#include "tepui/search/strategy.hpp"
#include "tepui/space/cost.hpp"
#include "unit/tabular/made_up_table.hpp"

namespace {

using namespace tepui;
using namespace tepui::tabular;
using made_up::Encoding;
using search::Direction;
using testing_support::message_of;

/// Proposes what is written down, and writes down what it is told.
struct Script {
  std::vector<Encoding> proposals;
  std::vector<search::Outcome>* told = nullptr;

  template <class Space>
  struct Run;
};

template <class Space>
struct Script::Run {
  Run(const Script& s, const search::Problem<Space>& problem)
      : script(s), objectives(problem.objectives) {}
  std::vector<Encoding> ask(int) {
    if (next == script.proposals.size()) return {};
    return {script.proposals[next++]};
  }
  void tell(const Encoding& code, const search::Outcome& outcome) {
    EXPECT_EQ(code, script.proposals[next - 1]);
    EXPECT_EQ(outcome.scores.size(), outcome.violation > 0 ? 0u : objectives);
    if (script.told != nullptr) script.told->push_back(outcome);
  }
  Script script;
  std::size_t objectives;
  std::size_t next = 0;
};

// In the made-up table: sums of choices 2, 10, 3, 12; training takes 1200, 2000, 1300, 2200 s for
// 200 epochs, and 72, 120, 78, 132 s for 12.
const std::vector<Encoding> four{
    {{1, 1, 0, 0, 0, 0}}, {{3, 3, 3, 1, 0, 0}}, {{2, 1, 0, 0, 0, 0}}, {{0, 4, 4, 4, 0, 0}}};

std::vector<double> ends(const Trajectory& found) {
  std::vector<double> seconds;
  for (const Incumbent& step : found.steps) seconds.push_back(step.seconds);
  return seconds;
}

TEST(Simulation, TellsAndRecordsWhatTheTableSays) {
  std::vector<search::Outcome> told;
  const Simulation simulation(made_up::table(), {});
  const Trajectory found = simulation.run(Script{four, &told});

  ASSERT_EQ(told.size(), 4u);
  const double scores[] = {34, 50, 36, 54};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(told[i].scores, (std::vector<double>{scores[i]}));
    EXPECT_EQ(told[i].violation, 0);
    EXPECT_FALSE(told[i].failed);
  }
  EXPECT_EQ(found.evaluations, 4u);
  EXPECT_DOUBLE_EQ(found.seconds, 72 + 120 + 78 + 132);
  ASSERT_EQ(found.steps.size(), 3u);  // the third is no improvement
  EXPECT_EQ(found.steps[0].encoding, four[0]);
  EXPECT_EQ(found.steps[1].encoding, four[1]);
  EXPECT_EQ(found.steps[2].encoding, four[3]);
  EXPECT_EQ(found.steps[1].evaluations, 2u);
  EXPECT_DOUBLE_EQ(found.steps[1].seconds, 192);
  EXPECT_EQ(found.steps[1].objective, 50);
  EXPECT_EQ(found.steps[1].test, 93);  // 90 + choice 0
  EXPECT_EQ(found.steps[1].regret, 1);
  EXPECT_EQ(found.steps[2].test, 90);  // better by what is seen, worse by what is not
  EXPECT_EQ(found.steps[2].regret, 4);
  EXPECT_TRUE(std::isnan(found.steps[2].hypervolume));
  EXPECT_EQ(simulation.best_test(), 94);
  EXPECT_EQ(simulation.best_objective(), 30 + 2 * 24);
}

TEST(Trajectory, KnowsTheBestAtEveryMoment) {
  const Trajectory found = Simulation(made_up::table(), {}).run(Script{four});
  EXPECT_EQ(found.at_seconds(71.9), nullptr);
  EXPECT_EQ(found.at_seconds(72)->encoding, four[0]);
  EXPECT_EQ(found.at_seconds(191)->encoding, four[0]);
  EXPECT_EQ(found.at_seconds(300)->encoding, four[1]);
  EXPECT_EQ(found.at_seconds(1e9)->encoding, four[3]);
  EXPECT_EQ(found.at_evaluations(0), nullptr);
  EXPECT_EQ(found.at_evaluations(1)->encoding, four[0]);
  EXPECT_EQ(found.at_evaluations(3)->encoding, four[1]);
  EXPECT_EQ(found.at_evaluations(1000)->encoding, four[3]);
}

TEST(Simulation, ChargesWhatIsTrained) {
  const auto seconds = [](std::vector<Objective> objectives) {
    return Simulation(made_up::table(), {.objectives = std::move(objectives)})
        .run(Script{{four[1]}})
        .seconds;
  };
  EXPECT_DOUBLE_EQ(seconds({{Column::c10v_valid_12}}), 120);
  EXPECT_DOUBLE_EQ(seconds({{Column::c10v_valid_200}}), 2000);
  EXPECT_DOUBLE_EQ(seconds({{Column::c10v_valid_200}, {Column::c10v_test_200}}), 2000);
  EXPECT_DOUBLE_EQ(seconds({{Column::c10v_valid_12}, {Column::c10v_valid_200}}), 2120);
  EXPECT_DOUBLE_EQ(seconds({{Column::c10v_valid_12}, {Column::params, Direction::minimise}}), 120);
  EXPECT_EQ(seconds({{Column::params, Direction::minimise}}), 0);
  // trained on other images: the table has no time
  EXPECT_EQ(seconds({{Column::c100_valid_12}}), 0);
  EXPECT_EQ(seconds({{Column::c10_test_200}}), 0);
  EXPECT_EQ(seconds({{Column::c10v_valid_12}, {Column::c100_valid_12}}), 0);
}

TEST(Simulation, EndsWhenTheTimeIsOver) {
  const auto run = [](double seconds) {
    std::vector<search::Outcome> told;
    Trajectory found = Simulation(made_up::table(), {.seconds = seconds}).run(Script{four, &told});
    EXPECT_EQ(told.size(), found.evaluations);
    return found;
  };
  EXPECT_EQ(ends(run(1e6)), (std::vector<double>{72, 192, 402}));
  EXPECT_EQ(ends(run(402)), (std::vector<double>{72, 192, 402}));  // just in time
  const Trajectory cut = run(401.9);
  EXPECT_EQ(ends(cut), (std::vector<double>{72, 192}));
  EXPECT_EQ(cut.evaluations, 3u);
  EXPECT_DOUBLE_EQ(cut.seconds, 270);
  EXPECT_EQ(run(100).evaluations, 1u);
  EXPECT_TRUE(run(71).steps.empty());
}

TEST(Simulation, EndsAfterItsEvaluations) {
  const Trajectory found = Simulation(made_up::table(), {.evaluations = 2}).run(Script{four});
  EXPECT_EQ(found.evaluations, 2u);
  EXPECT_EQ(ends(found), (std::vector<double>{72, 192}));
}

TEST(Simulation, InfeasibleProposalsAreToldAndCostNothing) {
  const Constraints bounds{.max_params = 400'000};  // of `four` all but the second
  std::vector<search::Outcome> told;
  const Simulation simulation(made_up::table(), {.evaluations = 3, .constraints = bounds});
  const Trajectory found = simulation.run(Script{four, &told});
  ASSERT_EQ(told.size(), 4u);
  EXPECT_DOUBLE_EQ(told[1].violation, bounds.violation(cost_of<made_up::Space>(four[1])));
  EXPECT_GT(told[1].violation, 0);
  EXPECT_EQ(told[3].scores, (std::vector<double>{54}));
  EXPECT_EQ(found.evaluations, 3u);
  EXPECT_EQ(ends(found), (std::vector<double>{72, 72 + 78, 72 + 78 + 132}));
}

TEST(Simulation, RegretIsBesideTheBestFeasible) {
  constexpr Column test = Column::in16_test_200;
  const Constraints bounds{.max_params = 101'306};  // one 1x1 convolution, no 3x3
  double best = 0, best_of_all = 0;
  for (std::size_t rank = 0; rank < made_up::count; ++rank) {
    best_of_all = std::max(best_of_all, made_up::value(rank, test));
    if (made_up::value(rank, Column::params) > 101'306) continue;
    best = std::max(best, made_up::value(rank, test));
  }
  ASSERT_LT(best, best_of_all);
  const Simulation simulation(
      made_up::table(), {.objectives = {{Column::params}}, .test = test, .constraints = bounds});
  EXPECT_EQ(simulation.best_test(), best);
  EXPECT_EQ(simulation.best_objective(), 101'306);
  const Trajectory found = simulation.run(Script{{four[0]}});
  EXPECT_EQ(found.steps.at(0).regret, best - made_up::table()[four[0]][test]);
}

TEST(Simulation, NeedsAFeasibleArchitecture) {
  EXPECT_EQ(message_of<SettingError>(
                [] { Simulation none(made_up::table(), {.constraints = {.max_params = 73'305}}); }),
            "simulation constraints: none of the 15625 architectures meets them");
  const Simulation one(made_up::table(), {.constraints = {.max_params = 73'306}});
  EXPECT_EQ(one.best_objective(), 30 + 2 * 24);  // average pooling everywhere
}

TEST(Simulation, LooksForSmallValuesWhereAsked) {
  const Simulation simulation(made_up::table(),
                              {.objectives = {{Column::c10v_valid_200, Direction::minimise}}});
  EXPECT_EQ(simulation.best_objective(), 40);
  std::vector<search::Outcome> told;
  const Trajectory found = simulation.run(Script{{four[1], four[3], four[2]}, &told});
  EXPECT_EQ(told[0].scores, (std::vector<double>{-50}));
  ASSERT_EQ(found.steps.size(), 2u);
  EXPECT_EQ(found.steps[1].encoding, four[2]);
  EXPECT_EQ(found.steps[1].objective, 43);
}

TEST(Simulation, MeasuresHypervolumeInShares) {
  // Sum of choices s up and down at once: 30 + 2 s and 40 + s have one front of 25 points, from the
  // worst of both (30, -64): volume sum over steps of 2 * (24 - s) for s = 1..24 = 552.
  const Simulation simulation(
      made_up::table(),
      {.objectives = {{Column::c10v_valid_12}, {Column::c10v_valid_200, Direction::minimise}}});
  const Trajectory found = simulation.run(Script{four});
  ASSERT_EQ(found.steps.size(), 4u);  // each is on the front of its time
  const auto volume = [&](std::size_t step) { return 552 * found.steps[step].hypervolume; };
  EXPECT_NEAR(volume(0), 4 * 22, 1e-9);                     // s = 2
  EXPECT_NEAR(volume(1), 4 * 22 + 16 * 14, 1e-9);           // and 10
  EXPECT_NEAR(volume(2), 4 * 22 + 2 * 21 + 14 * 14, 1e-9);  // and 3
  EXPECT_NEAR(volume(3), volume(2) + 4 * 12, 1e-9);         // and 12
  EXPECT_EQ(found.steps[2].encoding, four[1]);              // the best so far has not changed
  EXPECT_EQ(found.steps[2].evaluations, 3u);
  const Trajectory all = simulation.run(search::Exhaustive{});
  EXPECT_EQ(all.evaluations, 15625u);
  EXPECT_EQ(all.steps.back().hypervolume, 1);
  EXPECT_EQ(all.steps.back().objective, simulation.best_objective());
}

TEST(Simulation, AnObjectiveInWhichAllAreEqualDoesNotCount) {
  // Feasible is what has no convolution: sums s of choices from 0 to 24, all of one size.
  const Simulation simulation(
      made_up::table(),
      {.objectives = {{Column::c10v_valid_12}, {Column::params, Direction::minimise}},
       .constraints = {.max_params = 73'306}});
  const Encoding worst{{0, 0, 0, 0, 0, 0}}, middle{{4, 4, 4, 0, 0, 0}}, best{{4, 4, 4, 4, 4, 4}};
  const Trajectory found = simulation.run(Script{{worst, middle, best}});
  ASSERT_EQ(found.steps.size(), 3u);
  EXPECT_EQ(found.steps[0].hypervolume, 0);
  EXPECT_EQ(found.steps[1].hypervolume, 0.5);
  EXPECT_EQ(found.steps[2].hypervolume, 1);
  const Simulation equal(made_up::table(), {.objectives = {{Column::params, Direction::minimise},
                                                           {Column::params, Direction::minimise}},
                                            .constraints = {.max_params = 73'306}});
  EXPECT_EQ(equal.run(Script{{worst}}).steps.at(0).hypervolume, 1);
}

/// Two kinds of architectures, each the worst in one objective.
struct TwoKinds {
  using Space = made_up::Space;
  using Encoding = made_up::Encoding;
  static constexpr std::size_t size = made_up::count;

  TwoKinds() {
    const auto set = [](Row& row, Column column, double value) {
      row.values[static_cast<std::size_t>(column)] = value;
    };
    set(small, Column::c10v_valid_12, 50);
    set(small, Column::params, 100);
    set(large, Column::c10v_valid_12, 60);
    set(large, Column::params, 200);
  }
  const Row& operator[](const Encoding& code) const { return code[0] == 0 ? small : large; }
  Row small{}, large{};
};

TEST(Simulation, HypervolumeWhereEveryArchitectureIsTheWorstInSomething) {
  const TwoKinds table;
  const Simulation simulation(
      table, {.objectives = {{Column::c10v_valid_12}, {Column::params, Direction::minimise}}});
  // from (50 - 10, 200 + 100): 10 x 200 and 20 x 100, of which 10 x 100 are the same
  const Trajectory found = simulation.run(Script{{Encoding{}, Encoding{{1, 0, 0, 0, 0, 0}}}});
  ASSERT_EQ(found.steps.size(), 2u);
  EXPECT_DOUBLE_EQ(found.steps[0].hypervolume, 2.0 / 3);
  EXPECT_EQ(found.steps[1].hypervolume, 1);
}

TEST(Simulation, RefusesAStrategyThatWouldIgnoreAnObjective) {
  const Simulation simulation(
      made_up::table(),
      {.objectives = {{Column::c10v_valid_12}, {Column::params, Direction::minimise}}});
  EXPECT_EQ(message_of<SettingError>(
                [&] { (void)simulation.run(search::RegularizedEvolution{.population = 20}); }),
            "simulation objectives: got 2, a number that RegularizedEvolution does not take (see "
            "its min_objectives and max_objectives); search::Nsga2 takes several");
}

TEST(Simulation, StrategiesSeeSeveralObjectivesAndConstraints) {
  const Constraints bounds{.max_params = 300'000};
  const Simulation simulation(
      made_up::table(),
      {.seed = 5,
       .objectives = {{Column::c10v_valid_12}, {Column::params, Direction::minimise}},
       .evaluations = 300,
       .constraints = bounds});
  const Trajectory found = simulation.run(search::Nsga2{.population = 20});
  EXPECT_EQ(found.evaluations, 300u);
  for (const Incumbent& step : found.steps) {
    EXPECT_EQ(bounds.violation(cost_of<made_up::Space>(step.encoding)), 0);
  }
  EXPECT_GT(found.steps.back().hypervolume, 0.5);
}

TEST(Simulation, RefusesOptionsOutOfRange) {
  const auto message = [](const SimulationOptions& options) {
    return message_of<SettingError>([&] { Simulation refused(made_up::table(), options); });
  };
  EXPECT_EQ(message({.objectives = {}}), "simulation objectives: got none, expected at least one");
  EXPECT_EQ(message({.test = Column::params}),
            "simulation test: got params, expected a column with accuracies");
  EXPECT_EQ(message({.evaluations = 0}), "simulation evaluations: got 0, expected at least 1");
  EXPECT_EQ(message({.seconds = 0}), "simulation seconds: got 0.000000, expected a number above 0");
  EXPECT_EQ(message({.seconds = std::nan("")}),
            "simulation seconds: got nan, expected a number above 0");
  EXPECT_EQ(message({.objectives = {{Column::c100_valid_12}}, .seconds = 10}),
            "simulation seconds: the table has no training time for these objectives "
            "(c100_valid_12); use columns of c10v, or bound the evaluations instead");
  EXPECT_EQ(message({.objectives = {{Column::params}, {Column::flops}}, .seconds = 10}),
            "simulation seconds: the table has no training time for these objectives (params, "
            "flops); use columns of c10v, or bound the evaluations instead");
}

}  // namespace
