#include "tepui/search/nsga2.hpp"

#include <gtest/gtest.h>

#include "laws/search_strategy_laws.hpp"

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

}  // namespace

namespace laws {
using Cases = testing::Types<Case, CategoricalCase>;
INSTANTIATE_TYPED_TEST_SUITE_P(Nsga2, SearchStrategyLaws, Cases);
}  // namespace laws
