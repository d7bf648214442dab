#include "tepui/search/exhaustive.hpp"

#include <gtest/gtest.h>

#include "laws/search_strategy_laws.hpp"

namespace {

struct Case {
  using Policy = tepui::search::Exhaustive;
  static Policy policy() { return {}; }
  static constexpr bool random = false;
  static constexpr bool feasible_only = true;
  static constexpr bool any_size = false;
};

}  // namespace

namespace laws {
INSTANTIATE_TYPED_TEST_SUITE_P(Exhaustive, SearchStrategyLaws, testing::Types<Case>);
}
