// Every layer and container against central differences in double, in every mode it has.
#include <gtest/gtest.h>

#include <array>

#include "tepui/nn/nn.hpp"
#include "tepui/space/nas_bench_201.hpp"

namespace {

using namespace tepui;
using namespace tepui::nn;

template <class L, Shape In>
void expect_gradients(const LayerCheckOptions& options = {}) {
  static_assert(Layer<L>);
  const LayerCheck check = check_layer<L, In>(options);
  EXPECT_LT(check.input_error, 1e-6);
  EXPECT_LT(check.parameter_error, 1e-6);
  EXPECT_TRUE(check.described);
  EXPECT_TRUE(check.gradient_is_added);
}

TEST(Gradients, DenseConvolutions) {
  expect_gradients<Conv2d<5, 3>, Shape{3, 7, 6}>();
  expect_gradients<Conv2d<16, 3>, Shape{16, 5, 5}>();
  expect_gradients<Conv2d<19, 1>, Shape{17, 4, 3}>();
  expect_gradients<Conv2d<4, 5, 2>, Shape{8, 9, 8}>();
  expect_gradients<Conv2d<4, 7, 1, 3, 1, 1, true>, Shape{2, 9, 9}>();
  expect_gradients<Conv2d<6, 3, 2, 0>, Shape{3, 8, 8}>();
  expect_gradients<Conv2d<6, 3, 1, 2, 2>, Shape{4, 8, 7}>();
}

TEST(Gradients, GroupedAndDepthwiseConvolutions) {
  expect_gradients<Conv2d<6, 3, 1, 1, 1, 2, true>, Shape{4, 6, 6}>();
  expect_gradients<DepthwiseConv2d<3>, Shape{20, 6, 6}>();
  expect_gradients<DepthwiseConv2d<5, 2>, Shape{7, 9, 9}>();
  expect_gradients<DepthwiseConv2d<5, 1, 4, 2, true>, Shape{5, 9, 8}>();
}

TEST(Gradients, BatchNormInEveryMode) {
  for (const Statistics s : {Statistics::batch, Statistics::batch_and_track, Statistics::running}) {
    expect_gradients<BatchNorm2d<>, Shape{5, 4, 3}>({.statistics = s});
    expect_gradients<BatchNorm2d<false>, Shape{18, 3, 3}>({.statistics = s});
  }
}

TEST(Gradients, Activations) {
  expect_gradients<Relu, Shape{5, 4, 3}>();
  expect_gradients<HardSwish, Shape{5, 4, 3}>();
}

TEST(Gradients, LinearWithAndWithoutBias) {
  expect_gradients<Linear<10>, Shape{6, 2, 2}>();
  expect_gradients<Linear<3, false>, Shape{33, 1, 1}>();
}

TEST(Gradients, Pools) {
  expect_gradients<MaxPool<2>, Shape{3, 6, 6}>();
  expect_gradients<MaxPool<3, 2, 1>, Shape{17, 7, 7}>();
  expect_gradients<AvgPool<3, 1, 1>, Shape{4, 5, 6}>();
  expect_gradients<AvgPool<3, 1, 1, true>, Shape{4, 5, 6}>();
  expect_gradients<AvgPool<2, 2>, Shape{16, 6, 6}>();
  expect_gradients<GlobalAvgPool, Shape{9, 4, 4}>();
}

TEST(Gradients, IdentityZeroAndMasks) {
  expect_gradients<Identity, Shape{3, 4, 4}>();
  expect_gradients<Zero<>, Shape{3, 4, 4}>();
  expect_gradients<Zero<2>, Shape{3, 5, 4}>();
  expect_gradients<Dropout<30>, Shape{3, 4, 4}>({.stochastic = true});
  expect_gradients<Dropout<30>, Shape{3, 4, 4}>();
  expect_gradients<DropPath, Shape{3, 4, 4}>({.batch = 5, .stochastic = true, .drop_path = 0.4});
}

TEST(Gradients, SqueezeExcite) {
  expect_gradients<SqueezeExcite<4>, Shape{16, 3, 3}>();
  expect_gradients<SqueezeExcite<3>, Shape{5, 2, 4}>();
}

using Block = Sequential<Relu, Conv2d<6, 3>, BatchNorm2d<>>;

TEST(Gradients, Containers) {
  expect_gradients<Block, Shape{4, 5, 5}>();
  expect_gradients<Sequential<Conv2d<6, 3>>, Shape{4, 5, 5}>();
  expect_gradients<Repeat<3, Sequential<Relu, Conv2d<4, 3>, BatchNorm2d<>>>, Shape{4, 5, 5}>();
  expect_gradients<Repeat<1, Relu>, Shape{4, 5, 5}>();
  expect_gradients<Residual<Sequential<Conv2d<4, 3>, BatchNorm2d<>>>, Shape{4, 5, 5}>();
  expect_gradients<Residual<Conv2d<6, 3, 2>, Sequential<AvgPool<2, 2>, Conv2d<6, 1>>>,
                   Shape{4, 6, 6}>();
  expect_gradients<Residual<Conv2d<4, 3>, Zero<>>, Shape{4, 5, 5}>();
}

TEST(Gradients, CellWithSumsZerosAndSkips) {
  using A = Cell<3, Edge<0, 1, Conv2d<4, 3>>, Edge<0, 2, Identity>, Edge<1, 2, AvgPool<3, 1, 1>>>;
  expect_gradients<A, Shape{4, 5, 5}>();
  using B = Cell<4, Edge<0, 1, Conv2d<4, 1>>, Edge<0, 2, Zero<>>, Edge<1, 2, Identity>,
                 Edge<0, 3, Conv2d<4, 3>>, Edge<1, 3, Zero<>>, Edge<2, 3, Conv2d<4, 3>>>;
  expect_gradients<B, Shape{4, 5, 5}>();
  using DeadMiddle =
      Cell<3, Edge<0, 1, Zero<>>, Edge<0, 2, Conv2d<4, 1>>, Edge<1, 2, Conv2d<4, 3>>>;
  expect_gradients<DeadMiddle, Shape{4, 5, 5}>();
  using AllDead = Cell<3, Edge<0, 1, Conv2d<4, 1>>, Edge<0, 2, Zero<>>, Edge<1, 2, Zero<>>>;
  expect_gradients<AllDead, Shape{4, 5, 5}>();
}

TEST(Gradients, ChoiceOnEveryOption) {
  using Pick = space::Choice<0, Zero<>, Identity, Sequential<Relu, Conv2d<4, 3>, BatchNorm2d<>>,
                             AvgPool<3, 1, 1>>;
  for (std::uint8_t option = 0; option < 4; ++option) {
    expect_gradients<Pick, Shape{4, 5, 5}>({.choices = &option});
  }
}

TEST(Gradients, NasBench201Cell) {
  using C = space::nas_bench_201::SearchCell<true>;
  for (const std::array<std::uint8_t, 6> code : {std::array<std::uint8_t, 6>{3, 3, 3, 3, 3, 3},
                                                 {2, 0, 1, 4, 0, 3},
                                                 {0, 0, 3, 1, 2, 4},
                                                 {1, 1, 1, 1, 1, 1}}) {
    expect_gradients<C, Shape{4, 5, 5}>({.choices = code.data()});
  }
}

TEST(Gradients, ConvolutionThatKeepsItsChannels) {
  expect_gradients<Conv2d<same_channels, 3>, Shape{4, 5, 5}>();
}

TEST(Gradients, CropAndConcat) {
  expect_gradients<Crop<1>, Shape{3, 5, 4}>();
  expect_gradients<Crop<0, 2>, Shape{3, 3, 4}>();
  using Shifted = Sequential<Crop<1>, Conv2d<3, 1, 2>>;
  expect_gradients<Concat<Conv2d<2, 1, 2>, Shifted>, Shape{5, 6, 6}>();
  expect_gradients<Sequential<Relu, Concat<Identity, Zero<>, BatchNorm2d<>, AvgPool<3, 1, 1>>>,
                   Shape{3, 4, 4}>();
}

// The check itself must be able to fail.
struct WrongScale : LayerDefaults {
  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    for (std::size_t i = 0; i < In.size() * static_cast<std::size_t>(pass.batch); ++i) {
      at.y[i] = 2 * at.x[i];
    }
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    for (std::size_t i = 0; i < In.size() * static_cast<std::size_t>(pass.batch); ++i) {
      at.dx[i] = at.dy[i];
    }
  }
};

TEST(Gradients, AWrongBackwardTripIsFound) {
  const LayerCheck check = check_layer<WrongScale, Shape{2, 3, 3}>();
  EXPECT_GT(check.input_error, 0.1);
  EXPECT_FALSE(check.passes());
}

}  // namespace
