// Layers and whole networks on the CUDA backend's operations, whose kernels run on the processor:
// gradients against central differences, and everything against backend::Cpu.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "support/backend/emulated_cuda.hpp"
#include "tepui/core/random.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/space/nas_bench_201.hpp"

namespace {

using namespace tepui;
using namespace tepui::nn;
using tepui::test::EmulatedCuda;
using Order = backend::cuda::HostBlock::Order;

template <class L, Shape In>
void expect_gradients(const LayerCheckOptions& options = {}) {
  const LayerCheck check = check_layer<L, In, EmulatedCuda>(options);
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
    expect_gradients<Cell<4, Edge<0, 1, ReluConvBn>, Edge<0, 2, Zero<>>, Edge<1, 2, Identity>,
                          Edge<0, 3, AvgPool<3, 1, 1>>, Edge<1, 3, ReluConvBn>, Edge<2, 3, ReluConvBn>>,
                     Shape{4, 5, 5}>({.statistics = s});
  }
}

/// A supernet of cells, small enough for kernels on the processor.
using Searched = space::NasBench201<4, 1, 10, Shape{3, 8, 8}>;
using Net = Searched::Network;
constexpr int batch = 6;

std::vector<double> drawn(std::size_t count, std::uint64_t seed) {
  random::Stream stream({seed, random::Purpose::user, 0});
  std::vector<double> values(count);
  for (double& v : values) v = stream.normal();
  return values;
}

struct Step {
  double loss;
  int correct;
  std::vector<double> gradient;
  std::vector<double> statistics;
};
template <class Backend>
Step training_step(const std::uint8_t* path, Backend backend = {}) {
  Model<Net, double, Backend> model(batch, backend);
  model.initialize({3, random::Purpose::initialize});
  const auto images = drawn(batch * Net::input.size(), 5);
  const std::vector<std::uint16_t> labels{1, 3, 5, 7, 9, 0};
  std::vector<double> gradient(model.parameters().size());
  auto pass = model.pass(batch, path);
  pass.statistics = Statistics::batch_and_track;
  const BatchLoss loss =
      model.loss_and_gradient(pass, images.data(), labels.data(), gradient, 0.1);
  return {loss.loss_sum, loss.correct, gradient,
          {model.buffers().begin(), model.buffers().end()}};
}

void expect_near(const std::vector<double>& got, const std::vector<double>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  double largest = 0;
  for (const double v : wanted) largest = std::max(largest, std::abs(v));
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], wanted[i], 1e-11 * largest) << "at " << i;
  }
}

constexpr std::uint8_t paths[][6] = {{3, 3, 3, 3, 3, 3}, {3, 1, 2, 4, 3, 1}, {4, 2, 1, 0, 4, 2},
                                     {0, 0, 0, 0, 0, 0}, {1, 1, 1, 1, 1, 1}, {0, 3, 0, 0, 0, 4}};

TEST(CudaNetwork, TrainsAlongPathsAsTheProcessorDoes) {
  for (const auto& path : paths) {
    const Step wanted = training_step<backend::Cpu>(path);
    const Step got = training_step<EmulatedCuda>(path);
    EXPECT_NEAR(got.loss, wanted.loss, 1e-11 * wanted.loss);
    EXPECT_EQ(got.correct, wanted.correct);
    expect_near(got.gradient, wanted.gradient);
    expect_near(got.statistics, wanted.statistics);
  }
}

TEST(CudaNetwork, OrderOfThreadsDoesNotChangeABit) {
  EmulatedCuda backward({.order = Order::descending});
  const Step a = training_step<EmulatedCuda>(paths[1]);
  const Step b = training_step<EmulatedCuda>(paths[1], backward);
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(a.gradient, b.gradient);
  EXPECT_EQ(a.statistics, b.statistics);
}

TEST(CudaNetwork, InfersAsTheProcessorDoes) {
  const auto images = drawn(batch * Net::input.size(), 5);
  const auto scores = [&]<class Backend>(Backend backend, const std::uint8_t* path) {
    Model<Net, double, Backend> model(batch, backend);
    model.initialize({3, random::Purpose::initialize});
    for (double& v : model.buffers()) v += 0.25;
    auto pass = model.pass(batch, path);
    const double* const logits = model.forward(pass, images.data());
    return std::vector<double>(logits, logits + batch * 10);
  };
  for (const auto& path : paths) {
    expect_near(scores(EmulatedCuda{}, path), scores(backend::Cpu{}, path));
  }
}

}  // namespace
