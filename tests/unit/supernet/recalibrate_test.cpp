// Statistics of one path measured again: exact means, and nobody else's change.
#include "tepui/supernet/recalibrate.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tepui/data/glyphs.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/space/space.hpp"
#include "tepui/supernet/candidate.hpp"

namespace {

using namespace tepui;
inline constexpr Shape in{3, 12, 12};
using Two = Space<in, nn::BatchNorm2d<>,
                  space::Choice<0, nn::Sequential<nn::Relu, nn::BatchNorm2d<>>,
                                nn::Sequential<nn::HardSwish, nn::BatchNorm2d<>>>,
                  nn::GlobalAvgPool, nn::Linear<10>>;
using Model = nn::Model<Two::Network>;
using supernet::Averaging;

const auto images = data::glyphs<in>({.train = 60, .test = 10});
const auto normalization = data::measure(images.train);

std::vector<float> statistics(Model& model) {
  return {model.buffers().begin(), model.buffers().end()};
}
/// First layer (mean, variance), then one option, then the other; 3 channels each.
void spoil(Model& model) {
  for (float& v : model.buffers()) v = 77;
}

TEST(Recalibrate, CumulativeAveragesAreMeansOverTheBatches) {
  Model model(20);
  model.initialize({1, random::Purpose::initialize, 0});
  spoil(model);
  data::Loader<float, in> loader(images.train, normalization, {.batch = 20}, 5);
  const std::uint8_t path = 1;
  supernet::recalibrate(model, loader, &path, 3, Averaging::cumulative);

  // By hand: mean and unbiased variance of each of the three batches of that epoch.
  double mean[3] = {}, variance[3] = {};
  loader.start_epoch(0);
  while (const auto batch = loader.next()) {
    const int rows = batch.size * in.pixels();
    for (std::size_t c = 0; c < 3; ++c) {
      double sum = 0, squares = 0;
      for (int r = 0; r < rows; ++r) sum += batch.images[static_cast<std::size_t>(r) * 3 + c];
      for (int r = 0; r < rows; ++r) {
        const double d = batch.images[static_cast<std::size_t>(r) * 3 + c] - sum / rows;
        squares += d * d;
      }
      mean[c] += sum / rows / 3;
      variance[c] += squares / (rows - 1) / 3;
    }
  }
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(model.buffers()[c], mean[c], 1e-5);
    EXPECT_NEAR(model.buffers()[3 + c], variance[c], 1e-5);
    EXPECT_NEAR(mean[c], 0, 1e-5);  // all training images, normalised by their own mean
  }
  // The option that was not taken keeps what it had.
  for (std::size_t i = 6; i < 12; ++i) EXPECT_EQ(model.buffers()[i], 77);
  for (std::size_t i = 12; i < 18; ++i) EXPECT_NE(model.buffers()[i], 77);
}

TEST(Recalibrate, TheSameImagesForEveryCandidateAndNoMemory) {
  Model model(20);
  model.initialize({1, random::Purpose::initialize, 0});
  data::Loader<float, in> loader(images.train, normalization, {.batch = 20}, 5);
  const std::uint8_t first = 0, second = 1;
  supernet::recalibrate(model, loader, &first, 2, Averaging::cumulative);
  const auto once = statistics(model);
  spoil(model);
  supernet::recalibrate(model, loader, &second, 2, Averaging::cumulative);
  supernet::recalibrate(model, loader, &first, 2, Averaging::cumulative);
  for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(model.buffers()[i], once[i]) << i;
}

TEST(Recalibrate, ExponentialAveragesKeepATraceOfTheStart) {
  Model model(60);
  model.initialize({1, random::Purpose::initialize, 0});
  spoil(model);
  data::Loader<float, in> loader(images.train, normalization, {.batch = 60}, 5);
  const std::uint8_t path = 0;
  supernet::recalibrate(model, loader, &path, 14, Averaging::exponential);  // one batch an epoch
  // One batch of everything: variance 1 but for the unbiased factor, a tenth of the way from 1.
  const double unbiased = 60.0 * 144 / (60 * 144 - 1);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(model.buffers()[3 + c], 0.9 + 0.1 * unbiased, 1e-4);
  }
}

TEST(Candidate, MeasuresWithoutMovingAnything) {
  Model model(20);
  model.initialize({1, random::Purpose::initialize, 0});
  const auto all = data::all_indices(images.train.size());
  const train::EvaluationSet<float, in> set(images.train, all, normalization, 16);
  const std::uint8_t path = 1;
  const std::vector<float> weights(model.parameters().begin(), model.parameters().end());
  const auto before = statistics(model);
  supernet::Candidate<Model, in> candidate(model, set, &path, {});
  static_assert(DifferentiableLandscape<supernet::Candidate<Model, in>>);

  std::vector<float> elsewhere = weights;
  for (float& w : elsewhere) w *= 0.5f;
  const Evaluation here = candidate.evaluate(candidate.weights());
  const Evaluation there = candidate.evaluate(elsewhere);
  EXPECT_NE(here.loss_per_sample, there.loss_per_sample);
  EXPECT_EQ(here.samples, 60u);
  EXPECT_EQ(candidate.evaluate(candidate.weights()).loss, here.loss);

  // The gradient is that of the mean over samples, also where the last batch is smaller.
  std::vector<float> gradient(weights.size(), 99);
  EXPECT_NEAR(candidate.gradient(candidate.weights(), gradient), here.loss_per_sample, 1e-6);
  const std::size_t bias = weights.size() - 10;
  std::vector<float> moved = weights;
  moved[bias + 3] += 0.01f;
  const double above = candidate.evaluate(moved).loss_per_sample;
  moved[bias + 3] -= 0.02f;
  const double below = candidate.evaluate(moved).loss_per_sample;
  EXPECT_NEAR(gradient[bias + 3], (above - below) / 0.02, 1e-3);
  for (const auto& tensor : Two::Network::describe().parameters) {
    if (tensor.name.find("option0") == std::string::npos) continue;
    for (std::size_t i = 0; i < tensor.count; ++i) EXPECT_EQ(gradient[tensor.offset + i], 0);
  }
  EXPECT_TRUE(std::equal(weights.begin(), weights.end(), model.parameters().begin()));
  EXPECT_EQ(statistics(model), before);
}

}  // namespace
