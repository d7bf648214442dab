// The example of docs/concepts/objective_and_metric.md.
#include <gtest/gtest.h>

#include <vector>

#include "support/toy_landscape.hpp"
#include "tepui/cost/cost.hpp"
#include "tepui/experiment/objective.hpp"
#include "tepui/metric/metric.hpp"

namespace {

/// Accuracy minus a price for every million multiply-accumulates.
struct Bargain {
  double price = 0.01;

  static constexpr bool larger_is_better = true;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("price", self.price);
  }

  template <class Candidate>
  tepui::metric::Measurement measure(Candidate& candidate, tepui::random::Key) const {
    const double accuracy = candidate.evaluate(candidate.weights()).accuracy;
    const double millions = static_cast<double>(candidate.cost().macs) / 1e6;
    return {.value = accuracy - price * millions,
            .parts = {{"accuracy", accuracy}, {"millions", millions}}};
  }
};

using Objective = tepui::objective::Maximize<Bargain>;

/// A landscape that also says what it costs, as the candidates of a search do.
struct Candidate : tepui::support::ToyLandscape<float> {
  using tepui::support::ToyLandscape<float>::ToyLandscape;
  static tepui::Cost cost() { return {.params = 10, .macs = 5'000'000}; }
};

static_assert(tepui::metric::Metric<Bargain, Candidate>);

TEST(ObjectivePage, ExampleIsScored) {
  Candidate candidate({1.0f}, [](auto) { return tepui::Evaluation{.accuracy = 0.75}; });
  tepui::objective::Scored scored;
  Objective{}.score(candidate, {}, scored);
  ASSERT_EQ(scored.scores.size(), 1u);
  EXPECT_DOUBLE_EQ(scored.scores[0], 0.70);
  EXPECT_DOUBLE_EQ(scored.measurements[0].part("millions"), 5.0);
  EXPECT_EQ(Objective::names(), std::vector<std::string>{"Bargain"});
}

/// The same the other way round: what a candidate lacks.
struct Toll : Bargain {
  static constexpr bool larger_is_better = false;
};

TEST(ObjectivePage, MinimizeTurnsTheSign) {
  Candidate candidate({1.0f}, [](auto) { return tepui::Evaluation{.accuracy = 0.75}; });
  tepui::objective::Scored scored;
  tepui::objective::Minimize<Toll> objective;
  objective.metric.price = 0.05;
  objective.score(candidate, {}, scored);
  EXPECT_DOUBLE_EQ(scored.scores[0], -0.50);
}

}  // namespace
