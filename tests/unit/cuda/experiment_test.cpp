// A whole experiment on a device whose kernels the processor runs finds what backend::Cpu finds.
#include <gtest/gtest.h>

#include "support/backend/emulated_device.hpp"
#include "support/backend/small_experiment.hpp"
#include "tepui/cuda/evaluation.hpp"
#include "tepui/cuda/perturbation.hpp"
#include "tepui/cuda/training_step.hpp"

namespace {

using namespace tepui;

TEST(CudaExperiment, FindsWhatTheProcessorFinds) {
  test::expect_the_experiment_of_the_processor<test::EmulatedCuda>();
}

}  // namespace
