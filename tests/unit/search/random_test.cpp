#include "tepui/search/random.hpp"

#include <gtest/gtest.h>

#include "laws/search_strategy_laws.hpp"

namespace {

struct Case {
  using Policy = tepui::search::Random;
  static Policy policy() { return {}; }
  static constexpr bool random = true;
  static constexpr bool feasible_only = true;
  static constexpr bool any_size = true;
};

}  // namespace

namespace laws {
INSTANTIATE_TYPED_TEST_SUITE_P(Random, SearchStrategyLaws, testing::Types<Case>);
}
