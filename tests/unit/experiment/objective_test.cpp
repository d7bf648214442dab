// What objectives make of measurements.
#include "tepui/experiment/objective.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/random.hpp"
#include "tepui/cost/cost.hpp"
#include "tepui/metric/size.hpp"

namespace {

using namespace tepui;

struct Fixed {
  double value = 0;
  static constexpr bool larger_is_better = true;
  template <class Candidate>
  [[nodiscard]] metric::Measurement measure(Candidate&, random::Key) const {
    return {.value = value};
  }
};
struct Nobody {
  [[nodiscard]] Cost cost() const { return {.params = 30, .macs = 7}; }
};

TEST(Objective, ScoresAreLargerWhenBetter) {
  Nobody candidate;
  objective::Scored scored;
  objective::Several<
      objective::Maximize<Fixed>, objective::Minimize<metric::Parameters>,
      objective::Several<objective::Minimize<metric::Macs>, objective::Minimize<metric::Macs>>>
      several;
  std::get<0>(several.objectives).metric.value = 2.5;
  several.score(candidate, {}, scored);
  EXPECT_EQ(scored.scores, (std::vector<double>{2.5, -30, -7, -7}));
  ASSERT_EQ(scored.measurements.size(), 4u);
  EXPECT_EQ(scored.measurements[1].value, 30);
  EXPECT_EQ(several.count, 4u);
  EXPECT_EQ(several.names(), (std::vector<std::string>{"Fixed", "Parameters", "Macs", "Macs#2"}));
}

TEST(Objective, WhatIsNotANumberIsADivergence) {
  Nobody candidate;
  objective::Scored scored;
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    objective::Maximize<Fixed> maximize;
    maximize.metric.value = bad;
    try {
      maximize.score(candidate, {}, scored);
      FAIL() << "accepted";
    } catch (const DivergenceError& error) {
      EXPECT_NE(std::string(error.what()).find("Fixed is"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
