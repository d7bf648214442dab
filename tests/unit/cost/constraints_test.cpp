#include "tepui/cost/constraints.hpp"

#include <gtest/gtest.h>

#include "tepui/cost/cost.hpp"

namespace {

using namespace tepui;

static_assert(Constraints{}.violation({.params = 1'000'000'000, .macs = 1}) == 0);
static_assert(Constraints{.max_params = 100}.violation({.params = 100}) == 0);
static_assert(Constraints{.max_params = 100}.violation({.params = 150}) == 0.5);
static_assert(Constraints{.max_params = 100, .max_macs = 10, .max_activations = 4}.violation(
                  {.params = 125, .macs = 20, .activations = 5}) == 0.25 + 1 + 0.25);
static_assert(Constraints{.max_macs = 0}.violation({.macs = 3}) == 3);

TEST(Constraints, NameTheBoundsThatDoNotHold) {
  const Constraints bounds{.max_params = 40, .max_macs = 10, .max_activations = 5};
  EXPECT_EQ(bounds.explain({.params = 41, .macs = 10, .activations = 6}),
            "41 params (max_params is 40), 6 activations (max_activations is 5)");
  EXPECT_EQ(bounds.explain({.params = 40}), "");
}

}  // namespace
