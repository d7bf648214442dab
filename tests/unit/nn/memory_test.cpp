// Layers stay inside the memory they ask for, and read nothing that was not written.
#include <gtest/gtest.h>

#include <array>

#include "tepui/space/choice.hpp"
#include "unit/nn/layer_runner.hpp"

namespace {

using namespace tepui;
using namespace tepui::nn;
using namespace tepui::test;

TEST(Extents, TheSumCoversItsPartsForEveryBatch) {
  random::Stream stream({3, random::Purpose::user, 0});
  for (int round = 0; round < 300; ++round) {
    Extent total;
    std::array<Extent, 7> parts;
    Extent most;
    for (Extent& part : parts) {
      part = {stream.below(4) == 0 ? 0 : stream.below(200),
              stream.below(3) == 0 ? stream.below(90) : 0};
      total = total + part;
      most = max_extent(most, part);
    }
    for (const int batch : {1, 2, 3, 5, 16, 17, 64, 250}) {
      std::size_t sum = 0;
      for (const Extent& part : parts) {
        EXPECT_EQ(part.at(batch) % Extent::alignment, 0u);
        EXPECT_GE(part.at(batch), part.per_sample * static_cast<std::size_t>(batch) + part.fixed);
        EXPECT_GE(most.at(batch), part.at(batch));
        sum += part.at(batch);
      }
      ASSERT_LE(sum, total.at(batch)) << "round " << round << ", batch " << batch;
    }
  }
}

template <class L, Shape In, class T>
void expect_contained(RunOptions options = {}) {
  static_assert(L::check(In) == nn::Rule::fits);
  for (const int batch : {1, 2, 3, 7}) {
    options.batch = batch;
    for (const bool input_gradient : {true, false}) {
      options.input_gradient = input_gradient;
      const Trips<T> trips = run_layer<L, In, T>(options);
      ASSERT_TRUE(trips.intact) << "batch " << batch;
      ASSERT_TRUE(all_finite(trips.y)) << "batch " << batch;
      if (input_gradient) {
        ASSERT_TRUE(all_finite(trips.dx)) << "batch " << batch;
      }
      ASSERT_TRUE(all_finite(trips.gradient)) << "batch " << batch;
      ASSERT_TRUE(all_finite(trips.buffers)) << "batch " << batch;
    }
  }
}
template <class L, Shape In>
void expect_contained_in_both(RunOptions options = {}) {
  expect_contained<L, In, float>(options);
  expect_contained<L, In, double>(options);
}

template <class L, Shape In>
void expect_contained_in_float(RunOptions options = {}) {
  expect_contained<L, In, float>(options);
}

using Block = Sequential<Relu, Conv2d<5, 3>, BatchNorm2d<>>;
using Mobile = Residual<Sequential<Conv2d<10, 1>, BatchNorm2d<>, HardSwish, DepthwiseConv2d<3>,
                                   SqueezeExcite<3>, Conv2d<5, 1>, DropPath>>;

TEST(Memory, Leaves) {
  expect_contained_in_both<Conv2d<7, 3>, Shape{5, 5, 3}>();
  expect_contained_in_float<Conv2d<17, 5, 2, 1, 1, 1, true>, Shape{3, 9, 7}>();
  expect_contained_in_float<Conv2d<6, 3, 1, same_padding, 2, 2>, Shape{4, 7, 5}>();
  expect_contained_in_float<DepthwiseConv2d<5, 2>, Shape{19, 7, 7}>();
  expect_contained_in_both<BatchNorm2d<>, Shape{19, 3, 5}>();
  expect_contained_in_float<BatchNorm2d<false>, Shape{3, 3, 5}>();
  expect_contained_in_float<Linear<11>, Shape{7, 3, 1}>();
  expect_contained_in_both<SqueezeExcite<3>, Shape{5, 3, 3}>();
  expect_contained_in_both<MaxPool<3, 2, 1>, Shape{5, 5, 3}>();
  expect_contained_in_float<AvgPool<3, 1, 1>, Shape{5, 5, 3}>();
  expect_contained_in_float<GlobalAvgPool, Shape{5, 5, 3}>();
  expect_contained_in_float<Zero<2>, Shape{5, 5, 3}>();
  expect_contained_in_float<Dropout<40>, Shape{5, 5, 3}>({.stochastic = true});
}

TEST(Memory, Sequences) {
  expect_contained_in_float<Sequential<Block>, Shape{5, 5, 3}>();
  expect_contained_in_float<
      Sequential<Block, Conv2d<9, 3, 2>, Relu, Sequential<GlobalAvgPool, Linear<3>>>,
      Shape{5, 5, 3}>();
  expect_contained_in_float<Repeat<1, Block>, Shape{5, 5, 3}>();
  expect_contained_in_float<Repeat<4, Block>, Shape{5, 5, 3}>();
  expect_contained_in_float<Repeat<2, Repeat<3, Block>>, Shape{5, 5, 3}>();
  expect_contained_in_float<Repeat<3, Mobile>, Shape{5, 5, 3}>(
      {.stochastic = true, .drop_path = .3});
}

TEST(Memory, Branches) {
  expect_contained_in_float<Residual<Block>, Shape{5, 5, 3}>();
  expect_contained_in_float<Residual<Conv2d<17, 3, 2>, Sequential<AvgPool<2, 2>, Conv2d<17, 1>>>,
                            Shape{5, 6, 4}>();
  expect_contained_in_float<Residual<Identity, Block>, Shape{5, 5, 3}>();
  expect_contained_in_float<Residual<Zero<>, Zero<>>, Shape{5, 5, 3}>();
  expect_contained_in_float<Residual<Residual<Block>, Residual<Block, Block>>, Shape{5, 5, 3}>();
}

TEST(Memory, CellsOfSeveralShapes) {
  using Growing = Cell<4, Edge<0, 1, Conv2d<23, 3, 2>>, Edge<0, 2, Conv2d<2, 1>>,
                       Edge<1, 3, Conv2d<7, 1>>, Edge<2, 3, MaxPool<3, 2, 1>>>;
  // 2 channels cannot meet 7; the second branch takes a convolution of its own.
  static_assert(Growing::check({5, 6, 6}) == nn::Rule::edges_into_a_node_must_give_the_same_shape);
  using Fits = Cell<4, Edge<0, 1, Conv2d<23, 3, 2>>, Edge<0, 2, Conv2d<2, 1>>,
                    Edge<1, 3, Conv2d<7, 1>>, Edge<2, 3, Conv2d<7, 3, 2>>>;
  expect_contained_in_float<Fits, Shape{5, 6, 5}>();
  using Inner = Cell<3, Edge<0, 1, Block>, Edge<0, 2, Zero<>>, Edge<1, 2, Mobile>>;
  using Outer = Cell<3, Edge<0, 1, Inner>, Edge<0, 2, Repeat<2, Inner>>, Edge<1, 2, Identity>>;
  expect_contained_in_float<Outer, Shape{5, 5, 3}>();
  using NothingArrives = Cell<4, Edge<0, 1, Zero<>>, Edge<1, 2, Block>, Edge<2, 3, Zero<>>>;
  expect_contained_in_float<NothingArrives, Shape{5, 5, 3}>();
  using FromNothing = Cell<4, Edge<0, 1, Zero<>>, Edge<1, 2, Block>, Edge<2, 3, Block>>;
  expect_contained_in_float<FromNothing, Shape{5, 5, 3}>();
}

TEST(Memory, Choices) {
  using Pick = space::Choice<0, Zero<>, Identity, Block, Mobile, Repeat<2, Block>>;
  using Nested = space::Choice<1, Sequential<Pick, Relu>, Pick, Residual<Pick, Pick>>;
  using Graph = Cell<3, Edge<0, 1, Nested>, Edge<0, 2, Pick>, Edge<1, 2, Pick>>;
  for (std::uint8_t a = 0; a < 5; ++a) {
    for (std::uint8_t b = 0; b < 3; ++b) {
      const std::array<std::uint8_t, 2> code{a, b};
      SCOPED_TRACE(testing::Message() << int{a} << "." << int{b});
      expect_contained<Graph, Shape{5, 5, 3}, float>({.choices = code.data()});
    }
  }
}

}  // namespace
