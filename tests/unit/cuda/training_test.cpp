// Whole trainings on a device whose kernels the processor runs, against the same on backend::Cpu:
// the device's memory is closed to the processor, and steps are replayed from recordings.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "support/backend/emulated_device.hpp"
#include "support/backend/network_check.hpp"
#include "tepui/cuda/evaluation.hpp"
#include "tepui/cuda/training_step.hpp"
#include "tepui/data/loader.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/optim/optim.hpp"
#include "tepui/train/trainer.hpp"

namespace {

using namespace tepui;
using test::EmulatedCuda;
using Device = EmulatedCuda::DeviceType;
constexpr Shape in = test::CheckedNet::input;

const data::Images<in> images = test::drawn_images<in>(30);
const auto normalization = data::measure(images);

struct Trained {
  std::vector<double> weights;
  std::vector<double> statistics;
  std::vector<train::EpochSummary> history;
  std::string failure;
};

struct Settings {
  int epochs = 3;
  train::OnDivergence divergence = train::OnDivergence::stop;
  bool one_path = false;
  double drop_path = 0;
};

template <class Net, class Backend, class Optimizer>
Trained trained(const Optimizer& optimizer, const Settings& run, Backend backend = {}) {
  constexpr int batch = 12;  // the last one of an epoch has 6
  nn::Model<Net, double, Backend> model(batch, backend);
  model.initialize({1, random::Purpose::initialize});
  data::Loader<double, in> loader(
      images, normalization,
      {.batch = batch, .augment = {.crop_padding = 1, .flip = true, .cutout = 3}}, 5);
  const train::Recipe<Optimizer> recipe{.optimizer = optimizer,
                                        .epochs = run.epochs,
                                        .batch = batch,
                                        .label_smoothing = 0.1,
                                        .drop_path = run.drop_path};
  Trained result;
  try {
    result.history = train::run_training(
        model, recipe, loader, {3, random::Purpose::path},
        [&](long step) { return test::checked_paths[run.one_path ? 0 : step % 3]; },
        [](const train::Step&) {}, run.divergence);
  } catch (const DivergenceError& error) {
    result.failure = error.what();
  }
  const auto weights = model.parameters();
  const auto statistics = model.buffers();
  result.weights.assign(weights.begin(), weights.end());
  result.statistics.assign(statistics.begin(), statistics.end());
  return result;
}

template <class Optimizer>
void expect_as_on_the_processor(const Optimizer& optimizer, const Settings& run = {}) {
  const Trained wanted = trained<test::CheckedNet, backend::Cpu>(optimizer, run);
  const Trained got = trained<test::CheckedNet, EmulatedCuda>(optimizer, run);
  EXPECT_EQ(got.failure, wanted.failure);
  ASSERT_EQ(got.history.size(), wanted.history.size());
  for (std::size_t e = 0; e < got.history.size(); ++e) {
    EXPECT_NEAR(got.history[e].loss, wanted.history[e].loss, 1e-7);
    EXPECT_EQ(got.history[e].accuracy, wanted.history[e].accuracy);
    EXPECT_EQ(got.history[e].skipped, wanted.history[e].skipped);
  }
  test::expect_near(got.weights, wanted.weights, 1e-6);
  test::expect_near(got.statistics, wanted.statistics, 1e-6);
}

const optim::Sgd sgd{.learning_rate = 0.05, .momentum = 0.9, .weight_decay = 1e-3};

TEST(CudaTraining, TheLossCurveIsThatOfTheProcessor) {
  const std::vector<double> wanted = test::loss_curve<double>(backend::Cpu{}, 8);
  const std::vector<double> got = test::loss_curve<double>(EmulatedCuda{}, 8);
  ASSERT_EQ(got.size(), 50u);
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-9) << "step " << i;
}

TEST(CudaTraining, SgdAsOnTheProcessor) {
  expect_as_on_the_processor(sgd);
  expect_as_on_the_processor(optim::Sgd{.learning_rate = 0.05, .momentum = 0, .weight_decay = 0});
  expect_as_on_the_processor(optim::Sgd{.learning_rate = 0.05,
                                        .nesterov = true,
                                        .weight_decay = 1e-2,
                                        .decay = optim::Decay::weights_only});
}

TEST(CudaTraining, AdamAsOnTheProcessor) {
  expect_as_on_the_processor(optim::Adam{.weight_decay = 1e-3});
  expect_as_on_the_processor(optim::AdamW{.decay = optim::Decay::weights_only, .amsgrad = true});
}

TEST(CudaTraining, SharpnessAwareAndClippedAsOnTheProcessor) {
  expect_as_on_the_processor(optim::Sam<>{.base = sgd, .rho = 0.1});
  expect_as_on_the_processor(optim::Sam<>{.base = sgd, .rho = 0.5, .adaptive = true});
  expect_as_on_the_processor(optim::Asam<>{.base = sgd});
  expect_as_on_the_processor(optim::ClipNorm<>{.base = sgd, .max_norm = 0.2});
  expect_as_on_the_processor(optim::Sam<optim::ClipNorm<>>{.base = {sgd, 0.2}});
}

/// A rule that knows nothing of devices.
struct Homemade {
  template <class T>
  struct State {
    std::vector<T> steps;
  };
  template <class T>
  [[nodiscard]] State<T> start(std::size_t parameters) const {
    return {std::vector<T>(parameters)};
  }
  template <class T>
  void apply(State<T>& state, const optim::Target<T>& target) const {
    for_each_piece(target.active, [&](const ParameterRange&, std::size_t first, std::size_t count) {
      for (std::size_t i = first; i < first + count; ++i) {
        state.steps[i] += 1;
        target.weights[i] -= static_cast<T>(0.05 * target.learning_rate_factor) *
                             target.gradient[i] / std::sqrt(state.steps[i]);
      }
    });
  }
};
static_assert(!optim::RunsOn<Homemade, double, cuda::DeviceVectors<Device>>);
static_assert(!optim::RunsOn<optim::Sam<Homemade>, double, cuda::DeviceVectors<Device>>);
static_assert(!optim::RunsOn<optim::ClipNorm<Homemade>, double, cuda::DeviceVectors<Device>>);
static_assert(optim::RunsOn<optim::Sam<>, double, cuda::DeviceVectors<Device>>);

TEST(CudaTraining, RulesOfUsersRunOnTheProcessor) {
  expect_as_on_the_processor(Homemade{});
  expect_as_on_the_processor(optim::Sam<Homemade>{.rho = 0.1});
}

// Weights become so large that the squares of what convolutions give are infinite.
const optim::Sgd wild{.learning_rate = 1e200, .momentum = 0};

TEST(CudaTraining, DivergenceStopsItWithFiniteWeights) {
  const Settings run{.one_path = true};
  const Trained wanted = trained<test::CheckedNet, backend::Cpu>(wild, run);
  const Trained got = trained<test::CheckedNet, EmulatedCuda>(wild, run);
  EXPECT_NE(wanted.failure.find("at epoch 1, step 2"), std::string::npos) << wanted.failure;
  EXPECT_NE(got.failure.find("at epoch 1, step 2"), std::string::npos) << got.failure;
  test::expect_near(got.weights, wanted.weights, 1e-6);
}

TEST(CudaTraining, SkippedStepsLeaveWeightsAndStatistics) {
  // the first step is sound; of the others more than half an epoch is lost
  const Settings run{.divergence = train::OnDivergence::skip, .one_path = true};
  const Trained got = trained<test::CheckedNet, EmulatedCuda>(wild, run);
  EXPECT_NE(got.failure, "");
  const Trained wanted = trained<test::CheckedNet, backend::Cpu>(wild, run);
  test::expect_near(got.weights, wanted.weights, 1e-6);
  test::expect_near(got.statistics, wanted.statistics, 1e-6);
}

TEST(CudaTraining, StepsAreRecordedOnceForEachPathAndSize) {
  const EmulatedCuda backend;
  trained<test::CheckedNet, EmulatedCuda>(sgd, {.epochs = 8}, backend);
  // three paths, each with batches of 12 and of 6
  EXPECT_LE(backend.device().recordings(), 6);
  EXPECT_GE(backend.device().recordings(), 3);
  EXPECT_GE(backend.device().replays(), 24 - 2 * 6);
}

using Dropping = nn::Network<in, nn::Conv2d<4, 3>, nn::BatchNorm2d<>, nn::Relu, nn::Dropout<30>,
                             nn::GlobalAvgPool, nn::Linear<10>>;

TEST(CudaTraining, NetworksThatDrawAreNotRecorded) {
  const EmulatedCuda backend;
  const Trained wanted = trained<Dropping, backend::Cpu>(sgd, {});
  const Trained got = trained<Dropping, EmulatedCuda>(sgd, {}, backend);
  EXPECT_EQ(backend.device().recordings(), 0);
  test::expect_near(got.weights, wanted.weights, 1e-8);
}

/// Drop path begins with probability 0, when nothing is drawn yet.
using PathDropping =
    nn::Network<in, nn::Conv2d<4, 3>, nn::BatchNorm2d<>,
                nn::Residual<nn::Sequential<nn::Conv2d<4, 3>, nn::DropPath>, nn::Identity>,
                nn::GlobalAvgPool, nn::Linear<10>>;

TEST(CudaTraining, DropPathThatComesLaterIsNotMissed) {
  const EmulatedCuda backend;
  const Settings settings{.drop_path = 0.5};
  const Trained wanted = trained<PathDropping, backend::Cpu>(sgd, settings);
  const Trained got = trained<PathDropping, EmulatedCuda>(sgd, settings, backend);
  EXPECT_EQ(backend.device().recordings(), 0);
  test::expect_near(got.weights, wanted.weights, 1e-8);
}

using Plain = nn::Network<in, nn::Conv2d<6, 3>, nn::BatchNorm2d<>, nn::Relu, nn::GlobalAvgPool,
                          nn::Linear<10>>;
using Larger = nn::Network<in, nn::Conv2d<8, 5>, nn::BatchNorm2d<>, nn::Relu, nn::GlobalAvgPool,
                           nn::Linear<10>>;

/// The weights of two networks that one model was in turn, then of the first one again.
template <class Backend>
std::vector<double> trained_in_turn() {
  nn::AnyModel<in, 10, double, Backend> model(nn::table_of<Plain, double, Backend>, 10);
  std::vector<double> weights;
  for (const auto* table :
       {&nn::table_of<Plain, double, Backend>, &nn::table_of<Larger, double, Backend>,
        &nn::table_of<Plain, double, Backend>}) {
    model.use(*table);
    model.initialize({1, random::Purpose::initialize});
    data::Loader<double, in> loader(images, normalization, {.batch = 10}, 5);
    const train::Recipe<> recipe{.optimizer = sgd, .epochs = 2, .batch = 10};
    train::run_training(
        model, recipe, loader, {3, random::Purpose::path},
        [](long) -> const std::uint8_t* { return nullptr; }, [](const train::Step&) {});
    const auto after = std::as_const(model).parameters();
    weights.insert(weights.end(), after.begin(), after.end());
  }
  return weights;
}

TEST(CudaTraining, AModelMayBecomeAnotherNetwork) {
  test::expect_near(trained_in_turn<EmulatedCuda>(), trained_in_turn<backend::Cpu>(), 1e-8);
}

/// Threads that run ahead of each other until a barrier holds them, in either order.
TEST(CudaTraining, TurnsOfThreadsDoNotChangeABit) {
  using ByThread = test::EmulatedCudaIn<backend::cuda::Math::exact, test::Turns::by_thread>;
  using Order = test::Fibers::Order;
  const optim::Sam<optim::ClipNorm<>> optimizer{.base = {sgd, 0.2}};
  const Settings one_epoch{.epochs = 1};
  const Trained wanted = trained<test::CheckedNet, EmulatedCuda>(optimizer, one_epoch);
  for (const Order order : {Order::ascending, Order::descending}) {
    const Trained got =
        trained<test::CheckedNet>(optimizer, one_epoch, ByThread(ByThread::DeviceType(order)));
    EXPECT_EQ(got.weights, wanted.weights);
    EXPECT_EQ(got.statistics, wanted.statistics);
  }
}

}  // namespace
