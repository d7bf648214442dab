#include "tepui/backend/cpu/conv2d.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "support/backend/reference.hpp"
#include "tepui/backend/cpu.hpp"

namespace {

using tepui::backend::ConvGeometry;
using tepui::backend::Cpu;
using namespace tepui::test;

/// The three passes of one geometry, on memory without any alignment beyond that of T.
template <ConvGeometry G, class T>
struct Passes {
  int batch;
  std::vector<T> x, w, bias, dy, scratch;

  explicit Passes(int samples)
      : batch(samples),
        x(numbers<T>(static_cast<std::size_t>(samples) * G.in.size(), 1)),
        w(numbers<T>(G.weights(), 2)),
        bias(numbers<T>(static_cast<std::size_t>(G.out_channels), 3)),
        dy(numbers<T>(static_cast<std::size_t>(samples) * G.out().size(), 4)),
        scratch(Cpu::conv2d_scratch<G>().at(samples)) {}

  std::vector<T> forward(bool with_bias) {
    std::vector<T> y(dy.size(), T(99));
    Cpu{}.conv2d_forward<G>(batch, x.data(), w.data(), with_bias ? bias.data() : nullptr, y.data(),
                            scratch.data());
    return y;
  }
  std::vector<T> backward_data() {
    std::vector<T> dx(x.size(), T(99));
    Cpu{}.conv2d_backward_data<G>(batch, dy.data(), w.data(), dx.data(), scratch.data());
    return dx;
  }
  /// dw followed by db, added to `start`.
  std::vector<T> backward_weights(bool with_bias, T start = T(0)) {
    std::vector<T> gradient(w.size() + (with_bias ? bias.size() : 0), start);
    Cpu{}.conv2d_backward_weights<G>(batch, x.data(), dy.data(), gradient.data(),
                                     with_bias ? gradient.data() + w.size() : nullptr,
                                     scratch.data());
    return gradient;
  }
};

template <ConvGeometry G, class T>
void check(int batch) {
  SCOPED_TRACE(::testing::Message()
               << tepui::to_string(G.in) << " to " << G.out_channels << ", kernel " << G.kernel
               << " stride " << G.stride << " padding " << G.padding << " dilation " << G.dilation
               << " groups " << G.groups << " batch " << batch << " bytes " << sizeof(T));
  Passes<G, T> passes(batch);
  const auto wanted = reference_conv(G, batch, widened(passes.x), widened(passes.w),
                                     widened(passes.bias), widened(passes.dy));
  const auto plain =
      reference_conv(G, batch, widened(passes.x), widened(passes.w), {}, widened(passes.dy));
  const auto taps = static_cast<std::size_t>(G.kernel * G.kernel);
  const auto pixels = static_cast<std::size_t>(batch * G.out().pixels());
  const double in_terms = tolerance<T>(taps * static_cast<std::size_t>(G.in_per_group()));
  const double out_terms = tolerance<T>(taps * static_cast<std::size_t>(G.out_per_group()));
  const double pixel_terms = tolerance<T>(pixels);
  expect_close(passes.forward(true), wanted.y, in_terms, "y");
  expect_close(passes.forward(false), plain.y, in_terms, "y without bias");
  expect_close(passes.backward_data(), wanted.dx, out_terms, "dx");

  std::vector<double> gradient = wanted.dw;
  expect_close(passes.backward_weights(false), gradient, pixel_terms, "dw");
  gradient.insert(gradient.end(), wanted.db.begin(), wanted.db.end());
  expect_close(passes.backward_weights(true), gradient, pixel_terms, "dw, db");
  for (auto& v : gradient) v += 0.5;
  expect_close(passes.backward_weights(true, T(0.5)), gradient, pixel_terms, "dw, db added");
}

template <ConvGeometry... G>
void check_all(int batch) {
  (check<G, float>(batch), ...);
  (check<G, double>(batch), ...);
}

// {{channels, height, width}, out, kernel, stride, padding, dilation, groups}

TEST(CpuConv2d, ThreeByThreeAtWidthsAroundTheVectorLength) {
  check_all<ConvGeometry{{1, 5, 7}, 1, 3, 1, 1}, ConvGeometry{{3, 9, 9}, 16, 3, 1, 1},
            ConvGeometry{{8, 6, 16}, 8, 3, 1, 1}, ConvGeometry{{10, 5, 6}, 17, 3, 1, 1},
            ConvGeometry{{16, 4, 33}, 24, 3, 1, 1}, ConvGeometry{{24, 3, 8}, 48, 3, 1, 1},
            ConvGeometry{{40, 4, 4}, 40, 3, 1, 1}, ConvGeometry{{64, 3, 5}, 80, 3, 1, 1}>(3);
}
TEST(CpuConv2d, Pointwise) {
  check_all<ConvGeometry{{3, 5, 7}, 10, 1, 1, 0}, ConvGeometry{{16, 4, 17}, 96, 1, 1, 0},
            ConvGeometry{{33, 1, 1}, 31, 1, 1, 0}, ConvGeometry{{16, 7, 8}, 20, 1, 2, 0},
            ConvGeometry{{4, 5, 5}, 6, 1, 3, 2}>(3);
}
TEST(CpuConv2d, LargeKernels) {
  check_all<ConvGeometry{{3, 9, 11}, 16, 5, 1, 2}, ConvGeometry{{5, 9, 7}, 9, 7, 1, 3},
            ConvGeometry{{16, 7, 7}, 16, 7, 1, 3}, ConvGeometry{{2, 3, 3}, 4, 5, 1, 2}>(2);
}
TEST(CpuConv2d, StridesPaddingAndDilation) {
  check_all<ConvGeometry{{16, 8, 8}, 32, 3, 2, 1}, ConvGeometry{{3, 9, 7}, 8, 3, 2, 1},
            ConvGeometry{{8, 9, 12}, 8, 3, 2, 0}, ConvGeometry{{8, 11, 11}, 8, 3, 1, 2, 2},
            ConvGeometry{{4, 11, 10}, 12, 5, 1, 4, 2}, ConvGeometry{{4, 12, 13}, 5, 3, 2, 2, 2},
            ConvGeometry{{4, 12, 13}, 5, 3, 4, 1, 2}, ConvGeometry{{6, 10, 11}, 7, 3, 3, 3},
            ConvGeometry{{3, 4, 4}, 4, 2, 2, 0}, ConvGeometry{{3, 5, 5}, 4, 3, 1, 3},
            ConvGeometry{{3, 6, 6}, 4, 3, 1, 0}, ConvGeometry{{3, 7, 5}, 4, 4, 2, 1}>(3);
}
TEST(CpuConv2d, Depthwise) {
  check_all<
      ConvGeometry{{1, 5, 5}, 1, 3, 1, 1, 1, 1}, ConvGeometry{{8, 7, 9}, 8, 3, 1, 1, 1, 8},
      ConvGeometry{{16, 8, 8}, 16, 3, 2, 1, 1, 16}, ConvGeometry{{40, 6, 5}, 40, 5, 1, 2, 1, 40},
      ConvGeometry{{24, 11, 9}, 24, 5, 2, 2, 1, 24}, ConvGeometry{{19, 9, 9}, 19, 3, 1, 2, 2, 19},
      ConvGeometry{{70, 9, 33}, 70, 3, 1, 1, 1, 70}, ConvGeometry{{5, 9, 9}, 5, 7, 1, 3, 1, 5},
      ConvGeometry{{16, 8, 8}, 16, 3, 3, 1, 2, 16}, ConvGeometry{{16, 4, 4}, 16, 1, 2, 0, 1, 16}>(
      3);
}
TEST(CpuConv2d, Grouped) {
  check_all<ConvGeometry{{8, 7, 7}, 8, 3, 1, 1, 1, 2}, ConvGeometry{{12, 6, 6}, 18, 3, 2, 1, 1, 3},
            ConvGeometry{{64, 5, 5}, 64, 3, 1, 1, 1, 2}, ConvGeometry{{6, 5, 5}, 12, 3, 1, 1, 1, 6},
            ConvGeometry{{32, 4, 4}, 16, 1, 1, 0, 1, 4}>(3);
}
TEST(CpuConv2d, BatchOfOneAndOfSeventeen) {
  check_all<ConvGeometry{{8, 6, 6}, 8, 3, 1, 1}, ConvGeometry{{16, 6, 6}, 24, 3, 2, 1}>(1);
  check_all<ConvGeometry{{8, 6, 6}, 8, 3, 1, 1}, ConvGeometry{{16, 6, 6}, 24, 3, 2, 1}>(17);
}

template <ConvGeometry G, class T>
void check_threads(int batch) {
  Passes<G, T> passes(batch);
  expect_same_bits_on_any_thread_count([&] { return passes.forward(true); }, "forward");
  expect_same_bits_on_any_thread_count([&] { return passes.backward_data(); }, "backward data");
  expect_same_bits_on_any_thread_count([&] { return passes.backward_weights(true); },
                                       "backward weights");
}
TEST(CpuConv2d, ThreadCountDoesNotChangeABit) {
  check_threads<ConvGeometry{{16, 16, 16}, 32, 3, 1, 1}, float>(17);
  check_threads<ConvGeometry{{16, 16, 16}, 16, 3, 2, 1}, double>(17);
  check_threads<ConvGeometry{{32, 16, 16}, 32, 5, 1, 2, 1, 32}, float>(64);
  check_threads<ConvGeometry{{16, 16, 16}, 32, 3, 1, 1, 1, 2}, float>(17);
  check_threads<ConvGeometry{{160, 8, 8}, 160, 3, 1, 1}, float>(9);
}

TEST(CpuConv2d, AnEdgeDetectorByHand) {
  // one row 1 2 4 8, kernel -1 0 1, padding 1: right neighbour minus left neighbour
  constexpr ConvGeometry g{{1, 1, 4}, 1, 3, 1, 1};
  const std::vector<float> x{1, 2, 4, 8};
  const std::vector<float> w{0, 0, 0, -1, 0, 1, 0, 0, 0};
  std::vector<float> y(4);
  std::vector<float> scratch(Cpu::conv2d_scratch<g>().at(1));
  Cpu{}.conv2d_forward<g>(1, x.data(), w.data(), static_cast<const float*>(nullptr), y.data(),
                          scratch.data());
  EXPECT_EQ(y, (std::vector<float>{2, 3, 6, -4}));
}

}  // namespace
