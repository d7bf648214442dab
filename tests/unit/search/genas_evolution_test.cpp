#include "tepui/search/genas_evolution.hpp"

#include <gtest/gtest.h>

#include "laws/search_strategy_laws.hpp"

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

}  // namespace

namespace laws {
INSTANTIATE_TYPED_TEST_SUITE_P(GenasEvolution, SearchStrategyLaws, testing::Types<Case>);
}
