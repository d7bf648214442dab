#include "tepui/backend/winograd.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "support/backend/reference.hpp"
#include "tepui/backend/backend.hpp"
#include "tepui/backend/cpu.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/space/nas_bench_201.hpp"

namespace {

using tepui::Shape;
using tepui::backend::Cpu;
using tepui::backend::Winograd;
using tepui::test::difference;
using tepui::test::numbers;
namespace nn = tepui::nn;
namespace random = tepui::random;

static_assert(tepui::backend::Backend<Winograd>);

// A cell with two 3x3 convolutions, a skip connection, a 1x1 and an average pooling.
using Net = nn::Network<
    Shape{3, 16, 16}, nn::Conv2d<16, 3>, nn::BatchNorm2d<>,
    tepui::space::nas_bench_201::Cell<"|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|"
                                      "+|avg_pool_3x3~0|nor_conv_3x3~1|skip_connect~2|">,
    nn::GlobalAvgPool, nn::Linear<10>>;

template <class T>
struct Step {
  double loss = 0;
  std::vector<T> gradient;
  std::vector<T> scores;  ///< of inference, after the step
};

template <class Backend, class T>
Step<T> take_step(int threads) {
  constexpr int batch = 11;
  tepui::ThreadLimit limit(threads);
  return limit.run([] {
    nn::Model<Net, T, Backend> model(batch);
    model.initialize({3, random::Purpose::initialize});
    const auto images = numbers<T>(batch * Net::input.size(), 8);
    std::vector<std::uint16_t> labels(batch);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      labels[i] = static_cast<std::uint16_t>(i % Net::output.size());
    }
    Step<T> step;
    step.gradient.resize(Net::parameters);
    auto pass = model.pass(batch);
    pass.statistics = nn::Statistics::batch_and_track;
    step.loss =
        model.loss_and_gradient(pass, images.data(), labels.data(), step.gradient).mean_loss();
    auto inference = model.pass(batch);
    const T* const scores = model.forward(inference, images.data());
    step.scores.assign(scores, scores + batch * Net::output.size());
    return step;
  });
}

template <class T>
void check_network(double tolerance) {
  const auto ours = take_step<Winograd, T>(2);
  const auto direct = take_step<Cpu, T>(2);
  EXPECT_NEAR(ours.loss, direct.loss, tolerance);
  EXPECT_LE(difference(ours.gradient, direct.gradient), tolerance);
  EXPECT_LE(difference(ours.scores, direct.scores), tolerance);
  EXPECT_NE(ours.gradient, direct.gradient);
}

TEST(Winograd, ANetworkHasTheSameGradient) { check_network<double>(1e-10); }

// (With other numbers a value next to zero may end up on the other side of a ReLU.)
TEST(Winograd, ANetworkHasTheSameGradientInFloat) { check_network<float>(1e-4); }

TEST(Winograd, BitsDoNotDependOnThreads) {
  const auto one = take_step<Winograd, float>(1);
  const auto two = take_step<Winograd, float>(2);
  EXPECT_EQ(one.loss, two.loss);
  EXPECT_EQ(one.gradient, two.gradient);
  EXPECT_EQ(one.scores, two.scores);
}

}  // namespace
