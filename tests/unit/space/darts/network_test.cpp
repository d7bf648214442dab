// DARTS networks: gradients of a small one with every operation, and one that learns.
#include "tepui/space/darts/network.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <type_traits>
#include <vector>

#include "tepui/nn/check_layer.hpp"
#include "tepui/nn/model.hpp"

namespace {

using namespace tepui;
using namespace tepui::space;

template <class L, Shape In>
void expect_gradients(const nn::LayerCheckOptions& options = {}) {
  const nn::LayerCheck check = nn::check_layer<L, In>(options);
  EXPECT_LT(check.input_error, 1e-6);
  EXPECT_LT(check.parameter_error, 1e-6);
  EXPECT_TRUE(check.described);
  EXPECT_TRUE(check.gradient_is_added);
}

TEST(Darts, FactorizedReduceSeesEvenAndOddPixels) {
  using L = nn::Concat<nn::Conv2d<1, 1, 2>, nn::Sequential<nn::Crop<1>, nn::Conv2d<1, 1, 2>>>;
  static_assert(
      std::is_same_v<darts::FactorizedReduce<2>, nn::Sequential<nn::Relu, L, nn::BatchNorm2d<>>>);
  const std::vector<double> x{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  const std::vector<double> w{1, 100};
  std::vector<double> y(8);
  std::vector<double> scratch(L::scratch<Shape{1, 4, 4}, backend::Cpu>().at(1));
  std::vector<double> saved(L::saved({1, 4, 4}).at(1));
  backend::Cpu cpu;
  nn::Pass<backend::Cpu> pass{.backend = cpu};
  L::forward<Shape{1, 4, 4}>(pass, nn::Forward<double>{.x = x.data(),
                                                       .y = y.data(),
                                                       .parameters = w.data(),
                                                       .saved = saved.data(),
                                                       .scratch = scratch.data()});
  EXPECT_EQ(y, (std::vector<double>{1, 600, 3, 800, 9, 1400, 11, 1600}));
}

// Every operation is in it, none as well; two of three cells reduce.
#define EVERY_OPERATION                                                                  \
  "Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1), ('max_pool_3x3', 0), "     \
  "('dil_conv_3x3', 2), ('none', 1), ('avg_pool_3x3', 3), ('skip_connect', 2), "         \
  "('sep_conv_3x3', 4)], normal_concat=[2, 4, 5], reduce=[('skip_connect', 0), "         \
  "('max_pool_3x3', 1), ('avg_pool_3x3', 0), ('sep_conv_5x5', 2), ('dil_conv_5x5', 1), " \
  "('none', 0), ('skip_connect', 4), ('sep_conv_3x3', 0)], reduce_concat=range(2, 6))"
template <bool DropPath>
using Tiny = darts::Network<EVERY_OPERATION, 4, 3, 10, Shape{3, 8, 8}, DropPath>;

TEST(Darts, GradientsOfANetwork) {
  static_assert(Tiny<false>::output == Shape{10, 1, 1});
  expect_gradients<Tiny<false>::Body, Shape{3, 8, 8}>({.batch = 2});
}

TEST(Darts, DropPathStandsBehindEveryOperationButTheIdentity) {
  using Plain = Tiny<false>;
  using Dropping = Tiny<true>;
  static_assert(Plain::parameters == Dropping::parameters && Plain::cost() == Dropping::cost());
  nn::Model<Plain, double> plain(2);
  nn::Model<Dropping, double> dropping(2);
  plain.initialize({1, random::Purpose::initialize});
  dropping.initialize({1, random::Purpose::initialize});
  std::vector<double> images(2 * Plain::input.size());
  random::Stream stream({2, random::Purpose::user});
  for (double& v : images) v = stream.normal();
  const auto scores = [&](auto& model, double probability) {
    auto pass = model.pass(2);
    pass.stochastic = true;
    pass.drop_path = probability;
    const double* first = model.forward(pass, images.data());
    return std::vector<double>(first, first + 20);
  };
  EXPECT_EQ(scores(dropping, 0), scores(plain, 0));
  EXPECT_EQ(scores(plain, 0.5), scores(plain, 0));
  EXPECT_NE(scores(dropping, 0.5), scores(dropping, 0));
}

TEST(Darts, ASmallNetworkLearns) {
  // Two classes of stripes; the same 16 images at every step.
  using Net = Tiny<false>;
  constexpr int batch = 16;
  nn::Model<Net, double> model(batch);
  model.initialize({3, random::Purpose::initialize});
  std::vector<double> images(batch * Net::input.size());
  std::vector<std::uint16_t> labels(batch);
  random::Stream stream({4, random::Purpose::user});
  for (std::size_t s = 0; s < batch; ++s) {
    labels[s] = s % 2;
    for (std::size_t i = 0; i < 192; ++i) {
      const std::size_t line = labels[s] == 0 ? i / 24 : i / 3;
      images[192 * s + i] = (line % 2 == 0 ? 1 : -1) + 0.5 * stream.normal();
    }
  }
  std::vector<double> gradient(Net::parameters);
  double first = 0;
  nn::BatchLoss last;
  for (int step = 0; step < 30; ++step) {
    auto pass = model.pass(batch);
    pass.statistics = nn::Statistics::batch_and_track;
    last = model.loss_and_gradient(pass, images.data(), labels.data(), gradient);
    if (step == 0) first = last.mean_loss();
    for (std::size_t i = 0; i < gradient.size(); ++i) model.parameters()[i] -= 0.1 * gradient[i];
  }
  EXPECT_LT(last.mean_loss(), 0.2 * first);
  auto pass = model.pass(batch);
  EXPECT_GE(model.loss(pass, images.data(), labels.data()).correct, 15);  // running statistics
}

}  // namespace
