// expect-error: run: the strategy does not take this number of objectives
#include <array>

#include "tepui/search/nsga2.hpp"
#include "tepui/search/regularized_evolution.hpp"
#include "tepui/search/run.hpp"
#include "tepui/space/small.hpp"

using namespace tepui;

#ifdef EXPECT_ERROR
constexpr search::RegularizedEvolution strategy{.population = 4, .tournament = 2};
#else
constexpr search::Nsga2 strategy{.population = 4};
#endif
constexpr auto large_and_lean = [](Cost c) {
  return std::array{static_cast<double>(c.params), -static_cast<double>(c.macs)};
};
static_assert(search::run<space::Small<>, 1>(strategy, 1, large_and_lean).size() == 1);
