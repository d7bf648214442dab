#include "tepui/backend/cpu/winograd.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <type_traits>
#include <vector>

#include "gtest/gtest.h"
#include "support/backend/reference.hpp"
#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu.hpp"
#include "tepui/backend/winograd.hpp"

namespace {

using tepui::Shape;
using tepui::backend::ConvGeometry;
using tepui::backend::Cpu;
using tepui::backend::Winograd;
using tepui::test::difference;
using tepui::test::numbers;
using tepui::test::reference_conv;
using tepui::test::widened;

/// What the kernels make of some numbers, and what the textbook sums do.
template <ConvGeometry G, class T>
void check(std::size_t count) {
  using Kernels = typename Winograd::Samples::ConvNorm<G>;
  static_assert(!std::is_same_v<Kernels, typename Cpu::Samples::ConvNorm<G>>);
  SCOPED_TRACE(::testing::Message()
               << G.in.channels << "x" << G.in.height << "x" << G.in.width << " to "
               << G.out_channels << ", " << count << " samples, " << sizeof(T) << " bytes");
  const double output = sizeof(T) == 8 ? 1e-12 : 1e-5;
  const double gradient = sizeof(T) == 8 ? 1e-12 : 1e-4;
  const auto x = numbers<T>(count * Kernels::inputs, 0);
  const auto w = numbers<T>(G.weights(), 1);
  const auto dz = numbers<T>(count * Kernels::outputs, 2);
  const auto scale = numbers<T>(Kernels::channels, 3);
  const auto shift = numbers<T>(Kernels::channels, 4);
  const auto before = numbers<T>(count * Kernels::outputs, 5);
  const auto before_dw = numbers<T>(G.weights(), 6);
  const auto before_dx = numbers<T>(count * Kernels::inputs, 7);
  const auto sums = [&](std::size_t samples) {
    return reference_conv(G, static_cast<int>(samples), widened(x), widened(w), {}, widened(dz));
  };
  const auto wanted = sums(count);
  const auto normalized = [&](bool add) {
    std::vector<double> result(wanted.y.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
      const std::size_t c = i % Kernels::channels;
      result[i] = wanted.y[i] * scale[c] + shift[c] + (add ? before[i] : T(0));
    }
    return result;
  };

  std::vector<T> scratch(Kernels::forward_weights);
  const T* prepared = Kernels::prepare_forward(w.data(), scratch.data());
  auto z = before;
  Kernels::convolve(count, x.data(), prepared, z.data());
  EXPECT_LE(difference(widened(z), wanted.y), output);
  for (const bool add : {false, true}) {
    auto y = before;
    Kernels::convolve_normalized(count, x.data(), prepared, scale.data(), shift.data(), add,
                                 y.data());
    EXPECT_LE(difference(widened(y), normalized(add)), output) << "added: " << add;
  }

  scratch.assign(Kernels::backward_weights, T(0));
  prepared = Kernels::prepare_backward(w.data(), scratch.data());
  for (const bool add : {false, true}) {
    auto dx = before_dx;
    Kernels::input_gradient(count, dz.data(), prepared, dx.data(), add);
    auto wanted_dx = wanted.dx;
    for (std::size_t i = 0; add && i < dx.size(); ++i) wanted_dx[i] += before_dx[i];
    EXPECT_LE(difference(widened(dx), wanted_dx), output) << "added: " << add;
  }

  // every sample is a part of its own, and the first one takes all samples in once more
  scratch.assign(Kernels::weight_gradients, T(3));
  const std::size_t parts = std::min(count, Kernels::most_parts);
  for (std::size_t part = 0; part < parts; ++part) {
    Kernels::begin_weights(scratch.data(), part);
    Kernels::add_weights(1, x.data() + part * Kernels::inputs, dz.data() + part * Kernels::outputs,
                         scratch.data(), part);
    if (part == 0) Kernels::add_weights(count, x.data(), dz.data(), scratch.data(), part);
  }
  auto dw = before_dw;
  Kernels::end_weights(scratch.data(), parts, dw.data());
  auto wanted_dw = wanted.dw;
  const auto of_parts = sums(parts).dw;
  for (std::size_t i = 0; i < dw.size(); ++i) wanted_dw[i] += of_parts[i] + before_dw[i];
  EXPECT_LE(difference(widened(dw), wanted_dw), gradient);
}

template <class T, ConvGeometry G>
void check_counts(std::initializer_list<std::size_t> counts) {
  for (const std::size_t count : counts) check<G, T>(count);
}

constexpr ConvGeometry conv(Shape in, int out) {
  return {.in = in, .out_channels = out, .kernel = 3, .padding = 1};
}

TEST(CpuWinograd, EqualsTheTextbookSumsOnTheCellsOfNasBench201) {
  check_counts<float, conv({16, 32, 32}, 16)>({1, 2, 3});
  check_counts<float, conv({32, 16, 16}, 32)>({1, 2, 3});
  check_counts<float, conv({64, 8, 8}, 64)>({1, 2, 3});
  check_counts<double, conv({64, 8, 8}, 64)>({1, 2, 3});
}

TEST(CpuWinograd, EqualsTheTextbookSumsWhereTilesStickOut) {
  check_counts<float, conv({16, 5, 7}, 16)>({1, 2, 16});
  check_counts<double, conv({16, 5, 7}, 16)>({1, 2, 16});
  check_counts<float, conv({16, 9, 6}, 16)>({3});
  check_counts<float, conv({32, 4, 11}, 32)>({2});
  check_counts<double, conv({16, 4, 4}, 16)>({1, 5});
}

TEST(CpuWinograd, EqualsTheTextbookSumsWhereChannelsDiffer) {
  check_counts<float, conv({16, 8, 8}, 32)>({2});
  check_counts<double, conv({64, 5, 7}, 16)>({3});
  check_counts<float, conv({24, 9, 6}, 40)>({2});
  check_counts<double, conv({24, 9, 6}, 40)>({2});
  check_counts<float, conv({16, 6, 6}, 128)>({2});
  check_counts<float, conv({128, 6, 6}, 96)>({1});
}

template <ConvGeometry G>
inline constexpr bool direct =
    std::is_same_v<typename Winograd::Samples::ConvNorm<G>, typename Cpu::Samples::ConvNorm<G>>;

TEST(CpuWinograd, LeavesEverythingElseToTheDirectAlgorithm) {
  EXPECT_FALSE((direct<ConvGeometry{{16, 8, 8}, 16, 3, 1, 1}>));
  EXPECT_TRUE((direct<ConvGeometry{{16, 8, 8}, 16, 1, 1, 0}>));
  EXPECT_TRUE((direct<ConvGeometry{{16, 8, 8}, 16, 5, 1, 2}>));
  EXPECT_TRUE((direct<ConvGeometry{{16, 8, 8}, 16, 3, 2, 1}>));
  EXPECT_TRUE((direct<ConvGeometry{{16, 8, 8}, 16, 3, 1, 0}>));
  EXPECT_TRUE((direct<ConvGeometry{{16, 8, 8}, 16, 3, 1, 2, 2}>));
  EXPECT_TRUE((direct<ConvGeometry{{16, 8, 8}, 16, 3, 1, 1, 1, 16}>));
  EXPECT_TRUE((direct<ConvGeometry{{3, 8, 8}, 16, 3, 1, 1}>));
  EXPECT_TRUE((direct<ConvGeometry{{20, 8, 8}, 20, 3, 1, 1}>));
  EXPECT_TRUE((direct<ConvGeometry{{16, 3, 8}, 16, 3, 1, 1}>));
}

}  // namespace
