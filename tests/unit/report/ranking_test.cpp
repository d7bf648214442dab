// The table of all architectures of a result.
#include "tepui/report/ranking.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tepui/space/cost.hpp"
#include "tepui/space/small.hpp"

namespace {

using namespace tepui;
using Space = space::Small<>;

Trial<Space::Encoding> trial(Space::Encoding code, double value) {
  Trial<Space::Encoding> t;
  t.encoding = code;
  t.cost = cost_of<Space>(code);
  t.scored.measurements.resize(2);
  t.scored.measurements[0].value = value;
  t.scored.measurements[1].value = 100 * value;
  t.scored.scores = {-value, value};  // of a metric that should be small
  return t;
}

ExperimentResult<Space::Encoding> result() {
  ExperimentResult<Space::Encoding> r;
  r.objectives = {"Loss", "Other"};
  r.trials = {trial({{0, 0, 0, 0}}, 0.5), {}, trial({{1, 0, 1, 1}}, 0.25)};
  r.trials[1].encoding = {{2, 1, 0, 0}};
  r.trials[1].status = TrialStatus::diverged;
  r.trials[1].message = "too far";
  return r;
}

TEST(Ranking, PutsTheBestScoreFirstAndThoseWithoutOneLast) {
  const std::string text = report::ranking<Space>(result()).text();
  const std::size_t best = text.find("conv3 max width16 skip");
  const std::size_t second = text.find("conv1 max width8 plain");
  const std::size_t none = text.find("conv5 average width8 plain");
  ASSERT_NE(none, std::string::npos) << text;
  EXPECT_LT(best, second);
  EXPECT_LT(second, none);
  EXPECT_NE(text.find("0.2500"), std::string::npos) << text;
  EXPECT_NE(text.find("25.0000"), std::string::npos) << text;
  EXPECT_NE(text.find("diverged", none), std::string::npos) << text;
  EXPECT_NE(text.find("Loss"), std::string::npos);
}

TEST(Ranking, EndsWhereItIsAskedTo) {
  EXPECT_EQ(report::ranking<Space>(result()).rows(), 3u);
  EXPECT_EQ(report::ranking<Space>(result(), 2).rows(), 2u);
  EXPECT_EQ(report::ranking<Space>(result(), 2).text().find("conv5"), std::string::npos);
}

}  // namespace
