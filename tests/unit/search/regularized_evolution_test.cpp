#include "tepui/search/regularized_evolution.hpp"

#include <gtest/gtest.h>

#include "laws/search_strategy_laws.hpp"

namespace {

struct Case {
  using Policy = tepui::search::RegularizedEvolution;
  static Policy policy() { return {.population = 20, .tournament = 5}; }
  static constexpr bool random = true;
  static constexpr bool feasible_only = true;
  static constexpr bool any_size = true;
};

}  // namespace

namespace laws {
INSTANTIATE_TYPED_TEST_SUITE_P(RegularizedEvolution, SearchStrategyLaws, testing::Types<Case>);
}
