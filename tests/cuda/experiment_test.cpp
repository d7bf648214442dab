// A whole experiment on a GPU finds what backend::Cpu finds; skipped where there is none.
#include <gtest/gtest.h>

#include "support/backend/small_experiment.hpp"
#include "tepui/cuda.hpp"

namespace {

using namespace tepui;

TEST(GpuExperiment, FindsWhatTheProcessorFinds) {
  if (backend::cuda::device_count() == 0) GTEST_SKIP() << "no CUDA device is visible";
  test::expect_the_experiment_of_the_processor<backend::Cuda>();
}

}  // namespace
