#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "tepui/backend/cpu.hpp"
#include "tepui/core/random.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/data/loader.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/train/trainer.hpp"

/// @file
/// A supernet of cells on another backend against the same on backend::Cpu.

namespace tepui::test {

/// Small enough for kernels of a GPU that the processor runs.
using CheckedSpace = space::NasBench201<4, 1, 10, Shape{3, 8, 8}>;
using CheckedNet = CheckedSpace::Network;
inline constexpr int check_batch = 6;
inline constexpr std::uint8_t checked_paths[][6] = {{3, 3, 3, 3, 3, 3}, {3, 1, 2, 4, 3, 1},
                                                    {4, 2, 1, 0, 4, 2}, {0, 0, 0, 0, 0, 0},
                                                    {1, 1, 1, 1, 1, 1}, {0, 3, 0, 0, 0, 4}};

template <class T>
std::vector<T> drawn_numbers(std::size_t count, std::uint64_t seed) {
  std::vector<T> values(count);
  random::Stream stream({seed, random::Purpose::user, 0});
  for (T& v : values) v = static_cast<T>(stream.normal());
  return values;
}

/// Random pixels and labels 0 to 9.
template <Shape S>
data::Images<S> drawn_images(std::size_t count) {
  data::Images<S> images;
  random::Stream stream({7, random::Purpose::user, 0});
  for (std::size_t i = 0; i < count * S.size(); ++i) {
    images.pixels.push_back(static_cast<std::uint8_t>(stream.below(256)));
  }
  for (std::size_t i = 0; i < count; ++i) {
    images.labels.push_back(static_cast<std::uint16_t>(stream.below(10)));
  }
  return images;
}

struct TrainingStep {
  double loss;
  int correct;
  std::vector<double> gradient;
  std::vector<double> statistics;
};
template <class Backend, class T>
TrainingStep training_step(const std::uint8_t* path, Backend backend = Backend{}) {
  nn::Model<CheckedNet, T, Backend> model(check_batch, backend);
  model.initialize({3, random::Purpose::initialize});
  const auto images = drawn_numbers<T>(check_batch * CheckedNet::input.size(), 5);
  const std::vector<std::uint16_t> labels{1, 3, 5, 7, 9, 0};
  std::vector<T> gradient(model.parameters().size());
  auto pass = model.pass(check_batch, path);
  pass.statistics = nn::Statistics::batch_and_track;
  const nn::BatchLoss loss =
      model.loss_and_gradient(pass, images.data(), labels.data(), gradient, 0.1);
  const auto statistics = model.buffers();
  return {loss.loss_sum,
          loss.correct,
          {gradient.begin(), gradient.end()},
          {statistics.begin(), statistics.end()}};
}

inline void expect_near(const std::vector<double>& got, const std::vector<double>& wanted,
                        double relative) {
  ASSERT_EQ(got.size(), wanted.size());
  double largest = 0;
  for (const double v : wanted) largest = std::max(largest, std::abs(v));
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], wanted[i], relative * largest) << "at " << i;
  }
}

/// Loss, gradient and running statistics along paths.
template <class Backend, class T>
void check_training(double relative) {
  for (const auto& path : checked_paths) {
    const TrainingStep wanted = training_step<backend::Cpu, T>(path);
    const TrainingStep got = training_step<Backend, T>(path);
    EXPECT_NEAR(got.loss, wanted.loss, relative * wanted.loss);
    EXPECT_EQ(got.correct, wanted.correct);
    expect_near(got.gradient, wanted.gradient, relative);
    expect_near(got.statistics, wanted.statistics, relative);
  }
}

/// The same step twice, perhaps on backends that differ in what must not matter.
template <class Backend, class T>
void check_repeats(Backend first = Backend{}, Backend second = Backend{}) {
  const TrainingStep a = training_step<Backend, T>(checked_paths[1], first);
  const TrainingStep b = training_step<Backend, T>(checked_paths[1], second);
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(a.gradient, b.gradient);
  EXPECT_EQ(a.statistics, b.statistics);
}

/// The losses of 50 steps along one path. In float, rounding decides now and then on which side of
/// a kink a number lies, and from there on two backends go ways of their own; in double it does
/// not.
template <class T = float, class Backend>
std::vector<double> loss_curve(Backend backend, int batch) {
  constexpr Shape in = CheckedNet::input;
  const data::Images<in> images = drawn_images<in>(static_cast<std::size_t>(batch) * 10);
  nn::Model<CheckedNet, T, Backend> model(batch, backend);
  model.initialize({1, random::Purpose::initialize});
  data::Loader<T, in> loader(
      images, data::measure(images),
      {.batch = batch, .augment = {.crop_padding = 1, .flip = true, .cutout = 3}}, 5);
  const train::Recipe<> recipe{.optimizer = {.learning_rate = 0.005}, .epochs = 5, .batch = batch};
  std::vector<double> losses;
  train::run_training(
      model, recipe, loader, {3, random::Purpose::path}, [](long) { return checked_paths[0]; },
      [&](const train::Step& step) { losses.push_back(step.loss); });
  return losses;
}

template <class Backend, class T>
std::vector<double> inferred_scores(const std::uint8_t* path) {
  const Backend backend{};
  nn::Model<CheckedNet, T, Backend> model(check_batch, backend);
  model.initialize({3, random::Purpose::initialize});
  for (T& v : model.buffers()) v += T(0.25);
  const auto images = drawn_numbers<T>(check_batch * CheckedNet::input.size(), 5);
  auto pass = model.pass(check_batch, path);
  const T* const scores = model.forward(pass, images.data());
  return std::vector<double>(scores, scores + check_batch * 10);
}
template <class Backend, class T>
void check_inference(double relative) {
  for (const auto& path : checked_paths) {
    expect_near(inferred_scores<Backend, T>(path), inferred_scores<backend::Cpu, T>(path),
                relative);
  }
}

}  // namespace tepui::test
