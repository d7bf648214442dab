// Measuring on a fixed set: which samples, in which batches, and what the means are over.
#include "tepui/train/evaluation_set.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tepui/data/split.hpp"

namespace {

using namespace tepui;
inline constexpr Shape dot{1, 1, 1};

/// The loss of a sample is 1 + its label; odd labels count as hits.
struct LabelledLoss {
  struct Pass {
    int batch;
  };
  std::vector<int> batches;
  Pass pass(int batch, const std::uint8_t*) { return {batch}; }
  nn::BatchLoss loss(Pass& pass, const float*, const std::uint16_t* labels, double, const float*) {
    batches.push_back(pass.batch);
    nn::BatchLoss result{.samples = pass.batch};
    for (int i = 0; i < pass.batch; ++i) {
      result.loss_sum += 1 + labels[i];
      result.correct += labels[i] % 2;
    }
    return result;
  }
};

data::Images<dot> labelled(std::vector<std::uint16_t> labels) {
  return {std::vector<std::uint8_t>(labels.size(), 100), std::move(labels)};
}

TEST(EvaluationSet, MeanOverBatchesAndMeanOverSamples) {
  // 25,000 images in batches of 64: 391 batches, the last of 40 images, and only those have loss 2.
  std::vector<std::uint16_t> labels(25000, 0);
  std::fill(labels.end() - 40, labels.end(), std::uint16_t{1});
  const auto images = labelled(labels);
  const train::EvaluationSet<float, dot> set(images, data::all_indices(25000),
                                             data::Normalization<1>{{0.5}, {0.5}}, 64);
  LabelledLoss model;
  const Evaluation found = train::evaluate(model, set);
  EXPECT_EQ(model.batches.size(), 391u);
  EXPECT_EQ(model.batches.front(), 64);
  EXPECT_EQ(model.batches.back(), 40);
  EXPECT_NEAR(found.loss, 1.002557545, 5e-10);
  EXPECT_NEAR(found.loss_per_sample, 1.0016, 1e-12);
  EXPECT_NEAR(found.accuracy, 0.0016, 1e-12);
  EXPECT_EQ(found.samples, 25000u);
}

TEST(EvaluationSet, TakesTheNamedImagesInOrderAndNormalised) {
  data::Images<dot> images = labelled({0, 1, 2, 3});
  images.pixels = {0, 51, 102, 255};
  const std::vector<std::uint32_t> chosen{3, 1, 1};
  const train::EvaluationSet<float, dot> set(images, chosen, data::Normalization<1>{{0.2}, {0.4}},
                                             2);
  std::vector<float> pixels;
  std::vector<int> labels, counts;
  set.for_each_batch([&](const float* x, const std::uint16_t* y, int count) {
    counts.push_back(count);
    pixels.insert(pixels.end(), x, x + count);
    labels.insert(labels.end(), y, y + count);
  });
  EXPECT_EQ(counts, (std::vector<int>{2, 1}));
  EXPECT_EQ(labels, (std::vector<int>{3, 1, 1}));
  EXPECT_NEAR(pixels[0], 2, 1e-6);
  EXPECT_NEAR(pixels[1], 0, 1e-6);
}

TEST(EvaluationSet, RefusesToBeEmpty) {
  const auto images = labelled({0});
  const data::Normalization<1> plain{{0}, {1}};
  using Set = train::EvaluationSet<float, dot>;
  EXPECT_THROW(Set(images, std::vector<std::uint32_t>{}, plain, 4), SettingError);
  EXPECT_THROW(Set(images, std::vector<std::uint32_t>{0}, plain, 0), SettingError);
}

}  // namespace
