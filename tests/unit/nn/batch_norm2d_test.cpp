// Batch normalisation: which statistics it uses and how the running ones move.
#include "tepui/nn/batch_norm2d.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "unit/nn/layer_runner.hpp"

namespace {

using namespace tepui;
using namespace tepui::nn;
using namespace tepui::test;

using Norm = BatchNorm2d<false>;
using Numbers = std::vector<double>;
inline constexpr Shape in{1, 1, 2};

/// One channel, two images of two pixels: mean 2, biased variance 3, unbiased variance 4.
const Numbers x{2 - std::sqrt(3.0), 2 + std::sqrt(3.0), 2 + std::sqrt(3.0), 2 - std::sqrt(3.0)};

/// Running mean and variance after the batch.
Numbers moved(Numbers buffers, Statistics statistics, double momentum, Numbers* y = nullptr) {
  backend::Cpu backend;
  Pass<backend::Cpu> pass{
      .backend = backend, .batch = 2, .statistics = statistics, .statistics_momentum = momentum};
  Numbers out(4), saved(Norm::saved(in).at(2));
  Numbers scratch(Norm::scratch<in, backend::Cpu>().at(2));
  Norm::forward<in>(pass, Forward<double>{.x = x.data(),
                                          .y = out.data(),
                                          .buffers = buffers.data(),
                                          .saved = saved.data(),
                                          .scratch = scratch.data()});
  if (y != nullptr) *y = out;
  return buffers;
}

TEST(BatchNorm2d, OneBatchMovesATenthOfTheWay) {
  const Numbers after = moved({0, 1}, Statistics::batch_and_track, 0.1);
  EXPECT_NEAR(after[0], 0.2, 1e-14);
  EXPECT_NEAR(after[1], 0.9 + 0.4, 1e-14);  // unbiased
}

TEST(BatchNorm2d, NormalisesWithTheBiasedVarianceOfTheBatch) {
  Numbers y;
  moved({50, 7}, Statistics::batch_and_track, 0.1, &y);
  const double one = std::sqrt(3.0) / std::sqrt(3.0 + 1e-5);
  EXPECT_NEAR(y[0], -one, 1e-13);
  EXPECT_NEAR(y[1], one, 1e-13);
  EXPECT_NEAR(y[2], one, 1e-13);
}

TEST(BatchNorm2d, BatchModeLeavesTheRunningStatistics) {
  EXPECT_EQ(moved({0.25, 1.5}, Statistics::batch, 0.1), (Numbers{0.25, 1.5}));
}

TEST(BatchNorm2d, RunningModeUsesAndLeavesThem) {
  Numbers y;
  EXPECT_EQ(moved({1, 4}, Statistics::running, 0.1, &y), (Numbers{1, 4}));
  EXPECT_NEAR(y[1], (1 + std::sqrt(3.0)) / std::sqrt(4 + 1e-5), 1e-13);
}

TEST(BatchNorm2d, FourteenEqualBatchesLeaveTheStartingValues) {
  Numbers buffers{0, 1};
  for (int i = 0; i < 14; ++i) buffers = moved(buffers, Statistics::batch_and_track, 0.1);
  EXPECT_NEAR(buffers[0], 0.7712321 * 2, 1e-6);
  EXPECT_NEAR(buffers[1], 0.2287679 + 0.7712321 * 4, 1e-6);
}

TEST(BatchNorm2d, MomentumOneOverKIsTheMeanOverTheBatches) {
  // What is there before does not matter: the first batch replaces it.
  Numbers buffers{1000, 1000};
  for (int k = 1; k <= 5; ++k) {
    buffers = moved(buffers, Statistics::batch_and_track, 1.0 / k);
    EXPECT_NEAR(buffers[0], 2, 1e-12);
    EXPECT_NEAR(buffers[1], 4, 1e-12);
  }
  // A batch of another mean, by hand: (2 + 2 + 8) / 3.
  Numbers mixed =
      moved(moved({0, 1}, Statistics::batch_and_track, 1), Statistics::batch_and_track, 0.5);
  mixed[0] += (8 - mixed[0]) / 3;
  EXPECT_NEAR(mixed[0], 4, 1e-12);
}

TEST(BatchNorm2d, OnePixelAloneHasNoVariance) {
  // The unbiased variance of one number does not exist; the running variance moves towards 0.
  const Trips<double> trips = run_layer<BatchNorm2d<>, Shape{3, 1, 1}, double>({.batch = 1});
  EXPECT_TRUE(all_finite(trips.y) && all_finite(trips.dx));
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(trips.buffers[3 + c], 0.9, 1e-15);
  for (const double d : trips.dx) EXPECT_NEAR(d, 0, 1e-12);
}

TEST(BatchNorm2d, ScaleAndShiftComeAfter) {
  const Numbers w{3, 5};  // scale, shift
  const Numbers dy(4, 1.0);
  const auto trips = run_layer<BatchNorm2d<>, in, double>(x, w, Numbers{0, 1}, dy, {.batch = 2});
  const double one = std::sqrt(3.0) / std::sqrt(3.0 + 1e-5);
  EXPECT_NEAR(trips.y[0], 5 - 3 * one, 1e-13);
  EXPECT_NEAR(trips.y[1], 5 + 3 * one, 1e-13);
  EXPECT_NEAR(trips.gradient[0], 0, 1e-13);  // sum of the normalised values
  EXPECT_NEAR(trips.gradient[1], 4, 1e-13);
}

}  // namespace
