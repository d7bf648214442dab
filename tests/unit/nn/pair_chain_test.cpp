// Chains of layers with two inputs: gradients, and a chain of two cells put together by hand.
#include "tepui/nn/pair_chain.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tepui/nn/nn.hpp"
#include "unit/nn/layer_runner.hpp"

namespace {

using namespace tepui;
using namespace tepui::nn;

using Unit = Sequential<Relu, Conv2d<4, 1>, BatchNorm2d<>>;
using Wide = Conv2d<2, 3, 2>;
// Node 2 is read by node 3 and by the output, node 3 ends in the output alone.
using Normal = PairCell<Unit, Conv2d<4, 1>,
                        types<Edge<0, 2, Conv2d<4, 3>>, Edge<1, 2, Identity>,
                              Edge<1, 3, AvgPool<3, 1, 1>>, Edge<2, 3, DepthwiseConv2d<3>>>,
                        2, 3>;
using Half = PairCell<Unit, Unit,
                      types<Edge<0, 2, MaxPool<3, 2, 1>>, Edge<1, 2, Conv2d<4, 1, 2>>,
                            Edge<2, 3, Identity>, Edge<0, 3, Zero<2>>>,
                      3, 2>;
// What comes next must shrink the older input.
using After =
    PairCell<Conv2d<4, 1, 2>, Conv2d<4, 1>, types<Edge<0, 2, Identity>, Edge<1, 2, Identity>>, 2>;

template <class L, Shape In>
void expect_gradients(const LayerCheckOptions& options = {}) {
  static_assert(Layer<L>);
  const LayerCheck check = check_layer<L, In>(options);
  EXPECT_LT(check.input_error, 1e-6);
  EXPECT_LT(check.parameter_error, 1e-6);
  EXPECT_TRUE(check.described);
  EXPECT_TRUE(check.gradient_is_added);
}

TEST(PairChain, GradientsOfOneTwoAndManyLayers) {
  expect_gradients<PairChain<Identity, Normal>, Shape{3, 4, 4}>();
  expect_gradients<PairChain<Identity, Normal, Normal>, Shape{3, 4, 4}>();
  expect_gradients<PairChain<Identity, Normal, Normal, Half, After, Normal>, Shape{3, 6, 6}>();
}

TEST(PairChain, GradientsThroughAStartOfAnotherShape) {
  using Joins = PairCell<Conv2d<4, 1, 2>, Conv2d<4, 1>,
                         types<Edge<0, 2, Identity>, Edge<1, 2, Conv2d<4, 3>>>, 2>;
  expect_gradients<PairChain<Wide, Joins, Normal>, Shape{3, 6, 6}>();
}

TEST(PairChain, GradientsWithRunningStatistics) {
  expect_gradients<PairChain<Identity, Normal, Normal>, Shape{3, 4, 4}>(
      {.statistics = Statistics::running});
}

TEST(PairChain, GradientsWhereNothingFlows) {
  using DeadInput = PairCell<Unit, Unit, types<Edge<0, 2, Zero<>>, Edge<1, 2, Identity>>, 2>;
  using DeadNode = PairCell<
      Unit, Unit,
      types<Edge<0, 2, Zero<>>, Edge<1, 2, Zero<>>, Edge<1, 3, Identity>, Edge<2, 3, Conv2d<4, 3>>>,
      2, 3>;
  expect_gradients<PairChain<Identity, DeadInput>, Shape{3, 4, 4}>();
  expect_gradients<PairChain<Identity, Normal, DeadInput, DeadInput>, Shape{3, 4, 4}>();
  expect_gradients<PairChain<Identity, DeadNode, Normal, DeadNode>, Shape{3, 4, 4}>();
}

TEST(PairChain, ComputesWhatItsCellsSay) {
  // Cells without weights: the output of the second is (start + 2 x, start), where the first is
  // 2 x + start and x is the identity of the chain's input.
  using Sum = PairCell<Identity, Identity, types<Edge<0, 2, Identity>, Edge<1, 2, Identity>>, 2>;
  using Both =
      PairCell<Identity, Identity, types<Edge<0, 2, Identity>, Edge<1, 3, Identity>>, 3, 2>;
  constexpr Shape in{2, 1, 1};
  const std::vector<double> x{1, -3, 5, 7};
  const std::vector<double> dy{1, 10, 100, 1000, 2, 20, 200, 2000};
  // values: x, x, x + x = 2x; then (2x, x)
  const auto two = test::run_layer<PairChain<Identity, Sum, Both>, in, double>(x, {}, {}, dy);
  EXPECT_EQ(two.y, (std::vector<double>{2, -6, 1, -3, 10, 14, 5, 7}));
  EXPECT_EQ(two.dx, (std::vector<double>{2 + 100, 20 + 1000, 4 + 200, 40 + 2000}));
  // values: x, x, 2x, 3x, 5x; the outputs are added from the two before
  const std::vector<double> dz{1, 2, 3, 4};
  const auto five = test::run_layer<PairChain<Identity, Sum, Sum, Sum>, in, double>(x, {}, {}, dz);
  EXPECT_EQ(five.y, (std::vector<double>{5, -15, 25, 35}));
  EXPECT_EQ(five.dx, (std::vector<double>{5, 10, 15, 20}));
}

TEST(PairChain, Names) {
  Description d;
  PairChain<Identity, Normal>::describe({3, 4, 4}, d);
  std::vector<std::string> names;
  for (const auto& parameter : d.parameters) names.push_back(parameter.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"0.input0.1.weight", "0.input0.2.weight", "0.input0.2.bias",
                                      "0.input1.weight", "0.edge0_2.weight", "0.edge2_3.weight"}));
}

}  // namespace
