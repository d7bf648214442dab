// The example of docs/concepts/search_strategy.md.
#include "tepui/search/strategy.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <vector>

#include "support/toy_space.hpp"
#include "tepui/core/random.hpp"
#include "tepui/space/operators.hpp"

namespace {

/// Changes one choice of the best architecture so far.
struct HillClimbing {
  int tries = 50;  ///< draws before it gives up looking for a new neighbour

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("tries", self.tries);
  }

  template <class Space>
  struct Run;
};

template <class Space>
struct HillClimbing::Run {
  using Encoding = typename Space::Encoding;

  Run(const HillClimbing& o, const tepui::search::Problem<Space>& p) : options(o), problem(p) {}

  std::vector<Encoding> ask(int n) {
    std::vector<Encoding> proposals;
    for (int k = 0; k < n * options.tries && std::ssize(proposals) < n; ++k) {
      tepui::random::Stream stream(problem.key.with(known.size()).with(static_cast<unsigned>(k)));
      const Encoding code = told == 0 ? tepui::space::sample<Space>(stream)
                                      : tepui::space::mutate_one<Space>(best, stream);
      if (problem.violation(code) <= 0 && known.insert(code).second) proposals.push_back(code);
    }
    return proposals;
  }
  void tell(const Encoding& code, const tepui::search::Outcome& outcome) {
    known.insert(code);
    if (outcome.scores.empty()) return;  // it failed
    if (told++ == 0 || outcome.scores[0] > score) best = code, score = outcome.scores[0];
  }

  HillClimbing options;
  tepui::search::Problem<Space> problem;
  std::set<Encoding> known{};
  Encoding best{};
  double score = 0;
  int told = 0;
};

static_assert(tepui::search::SearchStrategy<HillClimbing, toy::Small>);

using Climb = HillClimbing::Run<toy::Small>;
using Encodings = std::vector<toy::Small::Encoding>;

tepui::search::Problem<toy::Small> question() {
  return {.key = {3, tepui::random::Purpose::search, 0}};
}

/// Asks and tells one by one until the strategy gives up or `most` were told.
Encodings climb(Climb& run, std::size_t most) {
  Encodings told;
  while (told.size() < most) {
    const Encodings proposals = run.ask(1);
    if (proposals.empty()) break;
    run.tell(proposals[0], {.scores = {toy::separable_score<toy::Small>(proposals[0])}});
    told.push_back(proposals[0]);
  }
  return told;
}

TEST(SearchStrategyPage, ExampleClimbsToTheTop) {
  Climb run({}, question());
  const Encodings told = climb(run, 400);
  EXPECT_DOUBLE_EQ(run.score, 6.0);  // the maximum: every choice at its target
  EXPECT_EQ(std::set(told.begin(), told.end()).size(), told.size());
}

TEST(SearchStrategyPage, ReplayingExampleRebuildsItsState) {
  Climb whole({}, question());
  const Encodings told = climb(whole, 20);
  ASSERT_EQ(told.size(), 20u);
  Climb resumed({}, question());
  for (const auto& code : told) {
    resumed.tell(code, {.scores = {toy::separable_score<toy::Small>(code)}});
  }
  EXPECT_EQ(resumed.ask(3), whole.ask(3));
}

TEST(SearchStrategyPage, ExampleKeepsConstraints) {
  auto constrained = question();
  constrained.violation = [](const auto& code) { return toy::choice_sum(code) - 10; };
  Climb run({}, constrained);
  for (const auto& code : climb(run, 30)) EXPECT_LE(toy::choice_sum(code), 10);
}

}  // namespace
