// The images that come with the library are neither trivial nor hopeless.
#include <gtest/gtest.h>

#include <cstdint>

#include "tepui/core/parallel.hpp"
#include "tepui/data/glyphs.hpp"
#include "tepui/data/loader.hpp"
#include "tepui/data/normalize.hpp"
#include "tepui/data/split.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/optim/sgd.hpp"
#include "tepui/train/evaluation_set.hpp"
#include "tepui/train/recipe.hpp"
#include "tepui/train/trainer.hpp"

namespace {

using namespace tepui;

inline constexpr Shape image{3, 32, 32};
template <int Channels>
using Block = nn::Sequential<nn::Conv2d<Channels, 3, 2>, nn::BatchNorm2d<>, nn::Relu,
                             nn::Conv2d<Channels, 3>, nn::BatchNorm2d<>, nn::Relu>;
using SmallCnn =
    nn::Network<image, Block<16>, Block<32>, Block<64>, nn::GlobalAvgPool, nn::Linear<10>>;

TEST(Glyphs, ASmallNetworkGetsThemRight) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "takes a quarter of an hour here; shorter tests run the same loops";
#endif
  const auto data = data::glyphs<image>();
  const auto normalization = data::measure(data.train);
  train::Recipe<optim::Sgd> recipe{.epochs = 8, .batch = 32};
  recipe.optimizer = {.learning_rate = 0.05, .nesterov = true, .weight_decay = 5e-4};
  recipe.augment.crop_padding = 2;
  nn::Model<SmallCnn> model(250);
  model.initialize({1, random::Purpose::initialize});
  data::Loader<float, image> loader(data.train, normalization,
                                    {.batch = recipe.batch, .augment = recipe.augment}, 1);
  train::run_training(
      model, recipe, loader, {1, random::Purpose::dropout}, [](long) { return nullptr; },
      [](const train::Step&) {});
  const auto all = data::all_indices(data.test.size());
  const auto test = train::evaluate(
      model, train::EvaluationSet<float, image>(data.test, all, normalization, 250));
  EXPECT_GT(test.accuracy, 0.95);
}

}  // namespace
