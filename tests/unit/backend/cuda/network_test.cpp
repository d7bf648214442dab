// Layers and whole networks on the CUDA backend's operations, whose kernels run on the processor:
// gradients against central differences, and everything against backend::Cpu.
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>

#include "support/backend/emulated_device.hpp"
#include "support/backend/layer_against_cpu.hpp"
#include "support/backend/network_check.hpp"
#include "support/cuda/channel_scale.hpp"
#include "tepui/nn/nn.hpp"

namespace {

using namespace tepui;
using namespace tepui::nn;
using tepui::test::EmulatedCuda;
using tepui::test::OpenCuda;
using Order = backend::cuda::HostBlock::Order;

template <class L, Shape In>
void expect_gradients(const LayerCheckOptions& options = {}) {
  const LayerCheck check = check_layer<L, In, OpenCuda>(options);
  EXPECT_LT(check.input_error, 1e-6);
  EXPECT_LT(check.parameter_error, 1e-6);
  EXPECT_TRUE(check.gradient_is_added);
}

TEST(CudaLayers, ConvolutionsHaveTheGradientsOfDifferences) {
  expect_gradients<Conv2d<5, 3>, Shape{3, 7, 6}>();
  expect_gradients<Conv2d<4, 7, 1, 3, 1, 1, true>, Shape{2, 9, 9}>();
  expect_gradients<Conv2d<6, 3, 2, 0>, Shape{4, 8, 8}>();
  expect_gradients<Conv2d<6, 3, 1, 1, 1, 2, true>, Shape{4, 6, 6}>();
  expect_gradients<DepthwiseConv2d<5, 2>, Shape{7, 9, 9}>();
  expect_gradients<DepthwiseConv2d<5, 1, 4, 2, true>, Shape{5, 9, 8}>();
  expect_gradients<Linear<10>, Shape{6, 2, 2}>();
}

TEST(CudaLayers, BatchNormInEveryMode) {
  for (const Statistics s : {Statistics::batch, Statistics::batch_and_track, Statistics::running}) {
    expect_gradients<BatchNorm2d<>, Shape{5, 4, 3}>({.statistics = s});
    expect_gradients<BatchNorm2d<false>, Shape{40, 3, 3}>({.statistics = s});
  }
}

TEST(CudaLayers, PoolsMasksAndGates) {
  expect_gradients<MaxPool<3, 2, 1>, Shape{17, 7, 7}>();
  expect_gradients<AvgPool<3, 1, 1>, Shape{4, 5, 6}>();
  expect_gradients<AvgPool<3, 2, 1, true>, Shape{4, 5, 6}>();
  expect_gradients<GlobalAvgPool, Shape{9, 4, 4}>();
  expect_gradients<Relu, Shape{5, 4, 3}>();
  expect_gradients<HardSwish, Shape{5, 4, 3}>();
  expect_gradients<Zero<2>, Shape{3, 5, 4}>();
  expect_gradients<Dropout<30>, Shape{3, 4, 4}>({.stochastic = true});
  expect_gradients<SqueezeExcite<3>, Shape{5, 2, 4}>();
}

using ReluConvBn = Sequential<Relu, Conv2d<same_channels, 3>, BatchNorm2d<>>;

TEST(CudaLayers, JoinedLayersAndCells) {
  for (const Statistics s : {Statistics::batch, Statistics::running}) {
    expect_gradients<ReluConvBn, Shape{4, 5, 5}>({.statistics = s});
    expect_gradients<Sequential<Conv2d<6, 3>, BatchNorm2d<false>, ReluConvBn, ReluConvBn>,
                     Shape{4, 5, 5}>({.statistics = s});
    expect_gradients<Residual<Sequential<ReluConvBn, ReluConvBn>, Identity>, Shape{4, 5, 5}>(
        {.statistics = s});
    expect_gradients<
        Cell<4, Edge<0, 1, ReluConvBn>, Edge<0, 2, Zero<>>, Edge<1, 2, Identity>,
             Edge<0, 3, AvgPool<3, 1, 1>>, Edge<1, 3, ReluConvBn>, Edge<2, 3, ReluConvBn>>,
        Shape{4, 5, 5}>({.statistics = s});
  }
}

TEST(CudaLayers, DoWhatTheyDoOnTheProcessor) { test::check_layers<EmulatedCuda>(); }

TEST(CudaLayers, OfUsersRunFunctionsOfTheirOwn) {
  expect_gradients<my::DeviceChannelScale, Shape{5, 4, 3}>();
  test::expect_layer<EmulatedCuda, my::DeviceChannelScale, Shape{5, 4, 3}>(70);
}

TEST(CudaNetwork, TrainsAlongPathsAsTheProcessorDoes) {
  test::check_training<EmulatedCuda, double>(1e-11);
}

TEST(CudaNetwork, OrderOfThreadsDoesNotChangeABit) {
  using Device = EmulatedCuda::DeviceType;
  test::check_repeats<EmulatedCuda, double>(EmulatedCuda{},
                                            EmulatedCuda{Device(Order::descending)});
}

/// Rounded factors move values across the kinks of ReLUs, so that single gradients may be far off.
template <backend::cuda::Math math>
void expect_close_steps(double loss_error, double cosine) {
  const auto wanted = test::training_step<backend::Cpu, float>(test::checked_paths[1]);
  const auto got = test::training_step<test::EmulatedCudaIn<math>, float>(test::checked_paths[1]);
  EXPECT_NE(got.loss, wanted.loss);
  EXPECT_NEAR(got.loss, wanted.loss, loss_error * wanted.loss);
  double dot = 0, of_got = 0, of_wanted = 0;
  for (std::size_t i = 0; i < wanted.gradient.size(); ++i) {
    dot += got.gradient[i] * wanted.gradient[i];
    of_got += got.gradient[i] * got.gradient[i];
    of_wanted += wanted.gradient[i] * wanted.gradient[i];
  }
  EXPECT_GT(dot / std::sqrt(of_got * of_wanted), cosine);
}

TEST(CudaNetwork, TensorCoresComeClose) {
  expect_close_steps<backend::cuda::Math::tf32>(0x1p-9, 0.99);
  expect_close_steps<backend::cuda::Math::bf16>(0x1p-6, 0.95);
}

TEST(CudaNetwork, InfersAsTheProcessorDoes) { test::check_inference<EmulatedCuda, double>(1e-11); }

}  // namespace
