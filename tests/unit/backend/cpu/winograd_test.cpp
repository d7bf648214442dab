#include "tepui/backend/winograd.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <vector>

#include "gtest/gtest.h"
#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/core/random.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/space/materialize.hpp"
#include "tepui/space/nas_bench_201.hpp"

namespace {

using tepui::Shape;
using tepui::backend::ConvGeometry;
using tepui::backend::Cpu;
using tepui::backend::Winograd;
namespace nn = tepui::nn;
namespace random = tepui::random;

template <class T>
std::vector<T> noise(std::size_t count, std::uint64_t tag) {
  random::Stream stream({7, random::Purpose::user, tag});
  std::vector<T> values(count);
  for (T& v : values) v = static_cast<T>(stream.uniform(-1.0, 1.0));
  return values;
}

/// @return the largest difference as a fraction of the largest value
template <class T>
double difference(const std::vector<T>& a, const std::vector<T>& b) {
  double most = 0;
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    if (!(d <= most)) most = d;
    largest = std::max(largest, std::abs(static_cast<double>(b[i])));
  }
  return most / largest;
}

/// What the kernels of a backend make of the same numbers.
template <ConvGeometry G, class Backend, class T>
struct Results {
  using Kernels = typename Backend::Samples::template ConvNorm<G>;

  explicit Results(std::size_t count)
      : z(noise<T>(count * Kernels::outputs, 5)), y(z), added(z), dw(noise<T>(G.weights(), 6)) {
    const auto x = noise<T>(count * Kernels::inputs, 0);
    const auto w = noise<T>(G.weights(), 1);
    const auto dz = noise<T>(count * Kernels::outputs, 2);
    const auto scale = noise<T>(Kernels::channels, 3);
    const auto shift = noise<T>(Kernels::channels, 4);
    dx = noise<T>(count * Kernels::inputs, 7);
    added_dx = dx;

    std::vector<T> scratch(Kernels::forward_weights);
    const T* prepared = Kernels::prepare_forward(w.data(), scratch.data());
    Kernels::convolve(count, x.data(), prepared, z.data());
    Kernels::convolve_normalized(count, x.data(), prepared, scale.data(), shift.data(), false,
                                 y.data());
    Kernels::convolve_normalized(count, x.data(), prepared, scale.data(), shift.data(), true,
                                 added.data());

    scratch.assign(Kernels::backward_weights, T(0));
    prepared = Kernels::prepare_backward(w.data(), scratch.data());
    Kernels::input_gradient(count, dz.data(), prepared, dx.data(), false);
    Kernels::input_gradient(count, dz.data(), prepared, added_dx.data(), true);

    // every sample is a part of its own, and the first ones take all samples in once more
    scratch.assign(Kernels::weight_gradients, T(3));
    const std::size_t parts = std::min(count, Kernels::most_parts);
    for (std::size_t part = 0; part < parts; ++part) {
      Kernels::begin_weights(scratch.data(), part);
      Kernels::add_weights(1, x.data() + part * Kernels::inputs,
                           dz.data() + part * Kernels::outputs, scratch.data(), part);
      if (part == 0) Kernels::add_weights(count, x.data(), dz.data(), scratch.data(), part);
    }
    Kernels::end_weights(scratch.data(), parts, dw.data());
  }

  std::vector<T> z, y, added, dx, added_dx, dw;
};

template <ConvGeometry G, class T>
void check(std::size_t count) {
  static_assert(
      !std::is_same_v<typename Winograd::Samples::ConvNorm<G>, typename Cpu::Samples::ConvNorm<G>>);
  SCOPED_TRACE(::testing::Message()
               << G.in.channels << "x" << G.in.height << "x" << G.in.width << " to "
               << G.out_channels << ", " << count << " samples, " << sizeof(T) << " bytes");
  const double output = sizeof(T) == 8 ? 1e-12 : 1e-5;
  const double gradient = sizeof(T) == 8 ? 1e-12 : 1e-4;
  const Results<G, Winograd, T> ours(count);
  const Results<G, Cpu, T> direct(count);
  EXPECT_LE(difference(ours.z, direct.z), output);
  EXPECT_LE(difference(ours.y, direct.y), output);
  EXPECT_LE(difference(ours.added, direct.added), output);
  EXPECT_LE(difference(ours.dx, direct.dx), output);
  EXPECT_LE(difference(ours.added_dx, direct.added_dx), output);
  EXPECT_LE(difference(ours.dw, direct.dw), gradient);
}

template <ConvGeometry G>
void check_counts(std::initializer_list<std::size_t> counts) {
  for (const std::size_t count : counts) {
    check<G, double>(count);
    check<G, float>(count);
  }
}

constexpr ConvGeometry conv(Shape in, int out) {
  return {.in = in, .out_channels = out, .kernel = 3, .padding = 1};
}

TEST(CpuWinograd, EqualsTheDirectAlgorithmOnTheCellsOfNasBench201) {
  check_counts<conv({16, 32, 32}, 16)>({1, 2, 3});
  check_counts<conv({32, 16, 16}, 32)>({1, 2, 3});
  check_counts<conv({64, 8, 8}, 64)>({1, 2, 3});
}

TEST(CpuWinograd, EqualsTheDirectAlgorithmWhereTilesStickOut) {
  check_counts<conv({16, 5, 7}, 16)>({1, 2, 16});
  check_counts<conv({16, 9, 6}, 16)>({3});
  check_counts<conv({32, 4, 11}, 32)>({2});
  check_counts<conv({16, 4, 4}, 16)>({1, 5});
}

TEST(CpuWinograd, EqualsTheDirectAlgorithmWhereChannelsDiffer) {
  check_counts<conv({16, 8, 8}, 32)>({2});
  check_counts<conv({64, 5, 7}, 16)>({3});
  check_counts<conv({24, 9, 6}, 40)>({2});
  check_counts<conv({16, 6, 6}, 128)>({2});
  check_counts<conv({128, 6, 6}, 96)>({1});
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

// A cell with two 3x3 convolutions, a skip connection, a 1x1 and an average pooling, in each stage.
using Net = tepui::materialize_t<tepui::space::NasBench201<16, 1, 10, Shape{3, 16, 16}>,
                                 tepui::Encoding<6>{{3, 1, 2, 4, 3, 1}}>;

struct Step {
  double loss = 0;
  std::vector<float> gradient;
  std::vector<float> scores;  ///< of inference, after the step
};

template <class Backend>
Step take_step(int threads) {
  constexpr int batch = 11;
  tepui::ThreadLimit limit(threads);
  return limit.run([] {
    nn::Model<Net, float, Backend> model(batch);
    model.initialize({3, random::Purpose::initialize});
    const auto images = noise<float>(batch * Net::input.size(), 8);
    std::vector<std::uint16_t> labels(batch);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      labels[i] = static_cast<std::uint16_t>(i % Net::output.size());
    }
    Step step;
    step.gradient.resize(Net::parameters);
    auto pass = model.pass(batch);
    pass.statistics = nn::Statistics::batch_and_track;
    step.loss =
        model.loss_and_gradient(pass, images.data(), labels.data(), step.gradient).mean_loss();
    auto inference = model.pass(batch);
    const float* const scores = model.forward(inference, images.data());
    step.scores.assign(scores, scores + batch * Net::output.size());
    return step;
  });
}

TEST(CpuWinograd, ANetworkHasTheSameGradient) {
  const Step ours = take_step<Winograd>(2);
  const Step direct = take_step<Cpu>(2);
  EXPECT_NEAR(ours.loss, direct.loss, 1e-5);
  EXPECT_LE(difference(ours.gradient, direct.gradient), 1e-4);
  EXPECT_LE(difference(ours.scores, direct.scores), 1e-4);
  EXPECT_NE(ours.gradient, direct.gradient);
}

TEST(CpuWinograd, BitsDoNotDependOnThreads) {
  const Step one = take_step<Winograd>(1);
  const Step two = take_step<Winograd>(2);
  EXPECT_EQ(one.loss, two.loss);
  EXPECT_EQ(one.gradient, two.gradient);
  EXPECT_EQ(one.scores, two.scores);
}

}  // namespace
