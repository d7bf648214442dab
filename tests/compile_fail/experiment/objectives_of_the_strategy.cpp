// expect-error: experiment: the strategy does not take this number of objectives
#include "tepui/experiment/experiment.hpp"
#include "tepui/metric/metrics.hpp"
#include "tepui/search/nsga2.hpp"
#include "tepui/search/regularized_evolution.hpp"
#include "tepui/space/small.hpp"

using namespace tepui;
using Two = objective::Several<objective::Maximize<metric::Accuracy>,
                               objective::Minimize<metric::Parameters>>;

#ifdef EXPECT_ERROR
using Strategy = search::RegularizedEvolution;
#else
using Strategy = search::Nsga2;
#endif
static_assert(sizeof(Experiment<space::Small<>, train::SinglePath<>, Two, Strategy>) > 0);
