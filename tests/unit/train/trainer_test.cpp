// The training loop: what a step moves, what it leaves, and what happens when numbers run away.
#include "tepui/train/trainer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tepui/core/parallel.hpp"
#include "tepui/data/glyphs.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/optim/sam.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/train/single_path.hpp"

namespace {

using namespace tepui;
inline constexpr Shape in{3, 12, 12};
using Net = nn::Network<in, nn::Conv2d<6, 3>, nn::BatchNorm2d<>, nn::Relu, nn::Dropout<20>,
                        nn::GlobalAvgPool, nn::Linear<10>>;

const auto data_set = data::glyphs<in>({.train = 60, .test = 10});
const auto normalization = data::measure(data_set.train);
const auto nobody = [](const train::Step&) {};
const random::Key key{3, random::Purpose::path, 0};

template <class T>
std::vector<T> copy(std::span<const T> values) {
  return {values.begin(), values.end()};
}

/// Parameters and statistics after training.
struct After {
  std::vector<float> parameters, buffers;
  std::vector<train::EpochSummary> history;
  bool operator==(const After& other) const {
    return parameters == other.parameters && buffers == other.buffers;
  }
};

template <class Optimizer>
After trained(Optimizer optimizer, int batch, int epochs) {
  nn::Model<Net> model(batch);
  model.initialize({1, random::Purpose::initialize, 0});
  data::Loader<float, in> loader(data_set.train, normalization, {.batch = batch}, 5);
  const train::Recipe<Optimizer> recipe{
      .optimizer = optimizer, .epochs = epochs, .batch = batch, .label_smoothing = 0.1};
  After after;
  after.history = train::run_training(
      model, recipe, loader, key, [](long) { return nullptr; }, nobody);
  after.parameters = copy<float>(model.parameters());
  after.buffers = copy<float>(model.buffers());
  return after;
}

const optim::Sgd sgd{.learning_rate = 0.05, .momentum = 0.9, .weight_decay = 1e-3};

TEST(Trainer, SamWithoutARadiusIsItsBaseBitForBit) {
  const After plain = trained(sgd, 25, 3);
  const After sam = trained(optim::Sam<optim::Sgd>{.base = sgd, .rho = 0}, 25, 3);
  EXPECT_EQ(plain, sam);
  EXPECT_EQ(plain.history.size(), 3u);
  EXPECT_EQ(plain.history[2].loss, sam.history[2].loss);
}

TEST(Trainer, AStepOfSamMovesTheStatisticsOnce) {
  const After plain = trained(sgd, 60, 1);  // one step
  const After sam = trained(optim::Sam<optim::Sgd>{.base = sgd, .rho = 0.5}, 60, 1);
  EXPECT_EQ(plain.buffers, sam.buffers);
  EXPECT_NE(plain.parameters, sam.parameters);
  EXPECT_NE(plain.buffers[0], 0);
}

TEST(Trainer, LearnsSomething) {
  const After after = trained(sgd, 20, 12);
  EXPECT_NEAR(after.history.front().loss, std::log(10.0), 0.6);
  EXPECT_LT(after.history.back().loss, after.history.front().loss - 0.05);
}

TEST(Trainer, TellsTheWatcherEveryStepAndCountsUnevenBatches) {
  nn::Model<Net> model(25);
  data::Loader<float, in> loader(data_set.train, normalization, {.batch = 25}, 5);
  std::vector<train::Step> seen;
  const train::Recipe<> recipe{.epochs = 2, .batch = 25};
  const auto history = train::run_training(
      model, recipe, loader, key, [](long) { return nullptr; },
      [&](const train::Step& step) { seen.push_back(step); });
  ASSERT_EQ(seen.size(), 6u);  // 25 + 25 + 10 images, twice
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(seen[i].step, static_cast<long>(i) + 1);
    EXPECT_EQ(seen[i].steps, 6);
    EXPECT_EQ(seen[i].epoch, static_cast<int>(i / 3));
  }
  // All weights are zero, so every score of the first step is equal.
  EXPECT_NEAR(seen[0].loss, std::log(10.0), 1e-5);
  const double weighted = (25 * seen[0].loss + 25 * seen[1].loss + 10 * seen[2].loss) / 60;
  EXPECT_NEAR(history[0].loss, weighted, 1e-9);
}

TEST(Trainer, SupernetWeightsDoNotDependOnTheThreads) {
  using Space = space::NasBench201<8, 1, 10, Shape{3, 12, 12}, false>;
  const auto weights = [](int threads) {
    ThreadLimit limit(threads);
    return limit.run([&] {
      nn::Model<Space::Network> model(20);
      model.initialize({1, random::Purpose::initialize, 0});
      data::Loader<float, in> loader(
          data_set.train, normalization,
          {.batch = 20, .augment = data::augmentation::nas_bench_201(12)}, 5);
      const train::SinglePath<optim::Sam<optim::Sgd>> policy{
          {.optimizer = {.base = sgd}, .epochs = 2, .batch = 20}};
      (void)policy.run<Space>(model, loader, key, nobody);
      auto all = copy<float>(model.parameters());
      all.insert(all.end(), model.buffers().begin(), model.buffers().end());
      return all;
    });
  };
  const auto one = weights(1);
  EXPECT_EQ(one, weights(2));
  EXPECT_EQ(one, weights(3));
}

/// Breaks the gradient, or the values too.
template <bool Forward>
struct Poison : nn::LayerDefaults {
  static constexpr auto nan = std::numeric_limits<float>::quiet_NaN();
  template <Shape In, class Backend, class T>
  static void forward(nn::Pass<Backend>& pass, nn::Forward<T> at) {
    const std::size_t n = In.size() * static_cast<std::size_t>(pass.batch);
    for (std::size_t i = 0; i < n; ++i) at.y[i] = Forward ? nan : at.x[i];
  }
  template <Shape In, class Backend, class T>
  static void backward(nn::Pass<Backend>& pass, nn::Backward<T> at) {
    const std::size_t n = In.size() * static_cast<std::size_t>(pass.batch);
    for (std::size_t i = 0; i < n; ++i) at.dx[i] = nan;
  }
};
template <bool Forward>
using Poisoned = Space<in, nn::Conv2d<4, 3>,
                       space::Choice<0, nn::Identity, nn::Relu, nn::HardSwish, Poison<Forward>>,
                       nn::BatchNorm2d<>, nn::GlobalAvgPool, nn::Linear<10>>;

template <bool Forward>
void expect_left_out(bool with_momentum) {
  using Space = Poisoned<Forward>;
  nn::Model<typename Space::Network> model(5);
  model.initialize({1, random::Purpose::initialize, 0});
  data::Loader<float, in> loader(data_set.train, normalization, {.batch = 5}, 5);
  const train::Recipe<> recipe{
      .optimizer = {.learning_rate = 0.01, .momentum = with_momentum ? 0.9 : 0.0},
      .epochs = 3,
      .batch = 5};
  // Every fourth step takes the poisoned option.
  std::uint8_t path = 0;
  std::vector<float> before;
  const auto choose = [&](long step) {
    path = static_cast<std::uint8_t>(step % 4);
    before = copy<float>(model.parameters());
    before.insert(before.end(), model.buffers().begin(), model.buffers().end());
    return &path;
  };
  long same = 0;
  const auto history = train::run_training(
      model, recipe, loader, key, choose,
      [&](const train::Step&) {
        auto now = copy<float>(model.parameters());
        now.insert(now.end(), model.buffers().begin(), model.buffers().end());
        same += now == before;
        if (now == before) {
          EXPECT_EQ(path, 3);
        }
      },
      train::OnDivergence::skip);
  EXPECT_EQ(same, 9);  // 36 steps
  for (const auto& epoch : history) {
    EXPECT_EQ(epoch.skipped, 3);
    EXPECT_TRUE(std::isfinite(epoch.loss));
  }
  for (const float v : model.parameters()) ASSERT_TRUE(std::isfinite(v));
  for (const float v : model.buffers()) ASSERT_TRUE(std::isfinite(v));
}

TEST(Trainer, ASkippedStepLeavesWeightsAndStatistics) {
  expect_left_out<true>(true);
  expect_left_out<false>(true);
  expect_left_out<false>(false);
}

template <bool Forward>
std::string stopped(train::OnDivergence mode) {
  using Space = Poisoned<Forward>;
  nn::Model<typename Space::Network> model(5);
  data::Loader<float, in> loader(data_set.train, normalization, {.batch = 5}, 5);
  const std::uint8_t poisoned = 3;
  try {
    (void)train::run_training(
        model, train::Recipe<>{.epochs = 1, .batch = 5}, loader, key,
        [&](long) { return &poisoned; }, nobody, mode);
  } catch (const DivergenceError& error) {
    return error.what();
  }
  return "went on";
}

TEST(Trainer, DivergenceStopsATrainingOfItsOwn) {
  EXPECT_NE(stopped<true>(train::OnDivergence::stop).find("the loss is nan at epoch 1, step 1"),
            std::string::npos);
  EXPECT_NE(stopped<false>(train::OnDivergence::stop).find("gradient is not finite at epoch 1"),
            std::string::npos);
  // 12 steps: the seventh that is left out is too much.
  EXPECT_NE(stopped<true>(train::OnDivergence::skip).find("step 7"), std::string::npos);
}

TEST(Trainer, RefusesSettingsOutOfRange) {
  const auto refused = [](train::Recipe<> recipe) {
    nn::Model<Net> model(20);
    data::Loader<float, in> loader(data_set.train, normalization, {.batch = 20}, 5);
    EXPECT_THROW((void)train::run_training(
                     model, recipe, loader, key, [](long) { return nullptr; }, nobody),
                 SettingError);
  };
  refused({.epochs = 0});
  refused({.batch = 0});
  refused({.label_smoothing = 1});
  refused({.label_smoothing = std::nan("")});
  refused({.drop_path = -0.1});
  refused({.drop_path = 1});
  refused({.optimizer = {.learning_rate = -1}});
}

}  // namespace
