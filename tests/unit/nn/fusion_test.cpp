// Layers that are computed as one give what they give one by one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "unit/nn/layer_runner.hpp"

namespace {

using namespace tepui;
using namespace tepui::nn;
using namespace tepui::test;

/// A layer inside another Sequential is not seen, so that nothing is joined.
template <class Convolution, bool Affine>
using OneByOne = Sequential<Relu, Sequential<Convolution, BatchNorm2d<Affine>>>;
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

template <class Convolution, bool Affine, Shape In, class T>
void expect_same_trips() {
  for (const int batch : {1, 2, 19}) {
    for (const auto statistics : {Statistics::batch_and_track, Statistics::running}) {
      for (const bool input_gradient : {true, false}) {
        const RunOptions options{
            .batch = batch, .statistics = statistics, .input_gradient = input_gradient};
        const auto joined = run_layer<Joined<Convolution, Affine>, In, T>(options);
        const auto plain = run_layer<OneByOne<Convolution, Affine>, In, T>(options);
        ASSERT_TRUE(joined.intact);
        expect_near(joined.y, plain.y, "y");
        expect_near(joined.gradient, plain.gradient, "gradient");
        expect_near(joined.buffers, plain.buffers, "buffers");
        if (input_gradient) expect_near(joined.dx, plain.dx, "dx");
      }
    }
  }
}
TEST(Fusion, ReluConvolutionAndBatchNorm) {
  using Trio = Joined<Conv2d<16, 3>, true>;
  static_assert(Trio::saved({16, 8, 8}) + Extent{} ==
                Extent{16 * 64, 0} + BatchNorm2d<>::saved({16, 8, 8}));
  expect_same_trips<Conv2d<16, 3>, true, Shape{16, 8, 8}, float>();
  expect_same_trips<Conv2d<16, 3>, false, Shape{16, 8, 8}, float>();
  // pixels that fill no whole vectors; stride
  expect_same_trips<Conv2d<12, 1>, true, Shape{5, 7, 7}, double>();
  expect_same_trips<Conv2d<8, 3, 2>, true, Shape{6, 9, 8}, double>();
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

TEST(Fusion, InferenceFoldsTheNormalisationIntoTheWeights) {
  expect_same_inference<true, Shape{6, 7, 9}, float>();
  expect_same_inference<false, Shape{8, 8, 8}, double>();
}

}  // namespace
