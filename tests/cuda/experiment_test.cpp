// A whole experiment on a GPU finds what backend::Cpu finds; skipped where there is none.
#include <gtest/gtest.h>

#include <type_traits>

#include "support/backend/small_experiment.hpp"
#include "tepui/cuda.hpp"

namespace {

using namespace tepui;
using Space = test::SmallSpace;

using Found = tepui::Experiment<Space, tepui::train::SinglePath<tepui::optim::Sam<>>,
                                tepui::objective::Maximize<tepui::flatness::Genas>,
                                tepui::search::RegularizedEvolution, tepui::backend::Cuda>;
static_assert(std::is_same_v<Found, test::SmallExperiment<backend::Cuda>>);

TEST(GpuExperiment, FindsWhatTheProcessorFinds) {
  if (backend::cuda::device_count() == 0) GTEST_SKIP() << "no CUDA device is visible";
  test::expect_the_experiment_of_the_processor<backend::Cuda>();
}

}  // namespace
