// Layers that are computed as one give what they give one by one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "tepui/space/choice.hpp"
#include "unit/nn/layer_runner.hpp"

namespace {

using namespace tepui;
using namespace tepui::nn;
using namespace tepui::test;

/// The same layer under a name that nothing is known of, so that it is computed on its own.
template <class L>
struct Opaque : L {};
template <class Convolution, bool Affine>
using OneByOne = Sequential<Relu, Convolution, Opaque<BatchNorm2d<Affine>>>;
template <class Convolution, bool Affine>
using Joined = Sequential<Relu, Convolution, BatchNorm2d<Affine>>;

template <class T>
void expect_near(const std::vector<T>& a, const std::vector<T>& b, const char* what) {
  constexpr double tolerance = std::is_same_v<T, float> ? 2e-5 : 1e-12;
  ASSERT_EQ(a.size(), b.size()) << what;
  double largest = 1;
  for (const T v : b) largest = std::max(largest, std::abs(static_cast<double>(v)));
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_NEAR(a[i], b[i], tolerance * largest) << what << " " << i;
  }
}

template <class Together, class Apart, Shape In, class T>
void expect_same_trips(const std::vector<std::uint8_t>& choices = {}) {
  for (const int batch : {1, 2, 19}) {
    for (const auto statistics : {Statistics::batch_and_track, Statistics::running}) {
      for (const bool input_gradient : {true, false}) {
        const RunOptions options{.batch = batch,
                                 .statistics = statistics,
                                 .choices = choices.empty() ? nullptr : choices.data(),
                                 .input_gradient = input_gradient};
        const auto together = run_layer<Together, In, T>(options);
        const auto apart = run_layer<Apart, In, T>(options);
        ASSERT_TRUE(together.intact);
        expect_near(together.y, apart.y, "y");
        expect_near(together.gradient, apart.gradient, "gradient");
        expect_near(together.buffers, apart.buffers, "buffers");
        if (input_gradient) expect_near(together.dx, apart.dx, "dx");
      }
    }
  }
}
template <class Convolution, bool Affine, Shape In, class T>
void expect_same_trio() {
  expect_same_trips<Joined<Convolution, Affine>, OneByOne<Convolution, Affine>, In, T>();
}
TEST(Fusion, ReluConvolutionAndBatchNorm) {
  using Trio = Joined<Conv2d<16, 3>, true>;
  static_assert(Trio::saved({16, 8, 8}) + Extent{} ==
                Extent{16 * 64, 0} + BatchNorm2d<>::saved({16, 8, 8}));
  expect_same_trio<Conv2d<16, 3>, true, Shape{16, 8, 8}, float>();
  expect_same_trio<Conv2d<16, 3>, false, Shape{16, 8, 8}, float>();
  // pixels that fill no whole vectors; stride
  expect_same_trio<Conv2d<12, 1>, true, Shape{5, 7, 7}, double>();
  expect_same_trio<Conv2d<8, 3, 2>, true, Shape{6, 9, 8}, double>();
}

TEST(Fusion, InvertedBottleneckWithAndWithoutBypass) {
  using Block = Sequential<Sequential<Conv2d<12, 1>, BatchNorm2d<>, HardSwish>, DepthwiseConv2d<3>,
                           BatchNorm2d<>, HardSwish, Conv2d<6, 1>, BatchNorm2d<>>;
  using Apart = Sequential<Conv2d<12, 1>, Opaque<BatchNorm2d<>>, HardSwish, DepthwiseConv2d<3>,
                           Opaque<BatchNorm2d<>>, HardSwish, Conv2d<6, 1>, Opaque<BatchNorm2d<>>>;
  static_assert(Block::Run::size == 3 && Apart::Run::size == 0);
  expect_same_trips<Block, Apart, Shape{6, 7, 5}, double>();
  expect_same_trips<Residual<Block>, Residual<Apart>, Shape{6, 7, 5}, double>();
}

TEST(Fusion, RunsWhoseNodesHaveDifferentShapes) {
  using Run = Sequential<Conv2d<12, 1>, BatchNorm2d<>, HardSwish, DepthwiseConv2d<3, 2>,
                         BatchNorm2d<>, HardSwish, Conv2d<6, 1>, BatchNorm2d<>>;
  using Apart = Sequential<Conv2d<12, 1>, Opaque<BatchNorm2d<>>, HardSwish, DepthwiseConv2d<3, 2>,
                           Opaque<BatchNorm2d<>>, HardSwish, Conv2d<6, 1>, Opaque<BatchNorm2d<>>>;
  static_assert(Run::Run::size == 3);
  expect_same_trips<Run, Apart, Shape{6, 7, 5}, double>();
}

using Conv3 = Joined<Conv2d<8, 3>, true>;
using Conv1 = Joined<Conv2d<8, 1>, false>;
using Pool = AvgPool<3, 1, 1>;
template <class A, class B, class C, class D, class E, class F>
using FourNodes = Cell<4, Edge<0, 1, A>, Edge<0, 2, B>, Edge<1, 2, C>, Edge<0, 3, D>, Edge<1, 3, E>,
                       Edge<2, 3, F>>;

TEST(Fusion, CellsOfEveryOperation) {
  constexpr Shape in{8, 5, 6};
  expect_same_trips<FourNodes<Conv3, Identity, Conv1, Pool, Conv3, Identity>,
                    FourNodes<Conv3, Identity, Conv1, Pool, Opaque<Conv3>, Identity>, in, double>();
  // nodes that nothing leads to, that lead nowhere, that one pool leads to
  expect_same_trips<FourNodes<Zero<>, Zero<>, Conv3, Pool, Conv1, Conv3>,
                    FourNodes<Zero<>, Zero<>, Conv3, Pool, Conv1, Opaque<Conv3>>, in, double>();
  expect_same_trips<FourNodes<Conv3, Pool, Zero<>, Zero<>, Zero<>, Conv1>,
                    FourNodes<Conv3, Pool, Zero<>, Zero<>, Zero<>, Opaque<Conv1>>, in, double>();
  expect_same_trips<FourNodes<Conv3, Zero<>, Zero<>, Zero<>, Zero<>, Zero<>>,
                    FourNodes<Opaque<Conv3>, Zero<>, Zero<>, Zero<>, Zero<>, Zero<>>, in, double>();
}

/// Derives from a layer that graphs know, and computes something else.
struct Twice : Identity {
  static constexpr Flow flow(const std::uint8_t*) { return Flow::general; }
  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    for (std::size_t i = 0; i < In.size() * static_cast<std::size_t>(pass.batch); ++i) {
      at.y[i] = 2 * at.x[i];
    }
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    if (at.dx == nullptr) return;
    for (std::size_t i = 0; i < In.size() * static_cast<std::size_t>(pass.batch); ++i) {
      at.dx[i] = 2 * at.dy[i];
    }
  }
};
TEST(Fusion, ALayerThatDerivesFromAKnownOneIsNotTakenForIt) {
  using InACell = Cell<2, Edge<0, 1, Twice>, Edge<0, 1, Conv1>>;
  using Alone = Sequential<Twice>;
  constexpr Shape in{8, 2, 3};
  const auto alone = run_layer<Alone, in, double>({});
  const auto x = normals<double>(2 * in.size(), 0);
  EXPECT_EQ(alone.y[3], 2 * x[3]);
  expect_same_trips<InACell, Cell<2, Edge<0, 1, Sequential<Twice>>, Edge<0, 1, Opaque<Conv1>>>, in,
                    double>();
}

template <int Decision, class Conv>
using Operation = space::Choice<Decision, Zero<>, Identity, Conv, Pool>;

TEST(Fusion, CellsOfDecisions) {
  using Together = FourNodes<Operation<0, Conv3>, Operation<1, Conv3>, Operation<2, Conv1>,
                             Operation<3, Conv1>, Operation<4, Conv3>, Operation<5, Conv3>>;
  using Apart = FourNodes<Operation<0, Opaque<Conv3>>, Operation<1, Conv3>, Operation<2, Conv1>,
                          Operation<3, Conv1>, Operation<4, Conv3>, Operation<5, Conv3>>;
  for (const std::vector<std::uint8_t>& choices :
       std::vector<std::vector<std::uint8_t>>{{2, 2, 2, 2, 2, 2},
                                              {2, 1, 2, 3, 2, 1},
                                              {0, 0, 2, 3, 2, 2},
                                              {2, 0, 0, 0, 0, 2},
                                              {3, 3, 1, 0, 0, 3},
                                              {0, 0, 0, 0, 0, 0}}) {
    expect_same_trips<Together, Apart, Shape{8, 5, 6}, double>(choices);
  }
}

template <class L, Shape In, class T>
std::vector<T> forward(bool keeps, bool add, const std::vector<T>& before) {
  backend::Cpu backend;
  const int batch = 3;
  const auto x = normals<T>(batch * In.size(), 0);
  const auto w = normals<T>(L::parameters(In), 1);
  auto buffers = fresh_buffers<L, T>(In);
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    buffers[i] += static_cast<T>(0.01) * static_cast<T>(i % 7);
  }
  Guarded<T> y{std::span<const T>(before)};
  Guarded<T> saved(L::saved(In).at(batch));
  Guarded<T> scratch(L::template scratch<In, backend::Cpu>().at(batch));
  Pass<backend::Cpu> pass{.backend = backend, .batch = batch, .keeps = keeps};
  L::template forward<In>(pass, Forward<T>{.x = x.data(),
                                           .y = y.data(),
                                           .parameters = w.data(),
                                           .buffers = buffers.data(),
                                           .saved = saved.data(),
                                           .scratch = scratch.data(),
                                           .add = add});
  EXPECT_TRUE(y.intact() && saved.intact() && scratch.intact());
  return y.values();
}

TEST(Fusion, AveragePoolsAddToTheirOutput) {
  using L = AvgPool<3, 1, 1>;
  constexpr Shape in{5, 6, 7};
  static_assert(L::adds(nullptr));
  const std::vector<float> before = normals<float>(3 * in.size(), 5);
  std::vector<float> sum = forward<L, in, float>(true, false, before);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += before[i];
  expect_near(forward<L, in, float>(true, true, before), sum, "added");
}

template <bool Affine, Shape In, class T>
void expect_same_inference() {
  using L = Joined<Conv2d<12, 3>, Affine>;
  static_assert(L::adds(nullptr));
  const std::vector<T> before = normals<T>(3 * L::output(In).size(), 5);
  const std::vector<T> kept = forward<L, In, T>(true, false, before);
  expect_near(forward<L, In, T>(false, false, before), kept, "folded");
  std::vector<T> sum = kept;
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += before[i];
  expect_near(forward<L, In, T>(true, true, before), sum, "added");
  expect_near(forward<L, In, T>(false, true, before), sum, "folded and added");
}

TEST(Fusion, InferenceNormalisesTheSumsOfTheConvolution) {
  expect_same_inference<true, Shape{6, 7, 9}, float>();
  expect_same_inference<false, Shape{8, 8, 8}, double>();
}

}  // namespace
