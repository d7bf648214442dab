#include "tepui/backend/cpu/loss.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "support/backend/reference.hpp"
#include "tepui/backend/cpu.hpp"

namespace {

using tepui::backend::Cpu;
using namespace tepui::test;

struct Outcome {
  double loss = -1;
  int correct = -1;
  std::vector<double> dlogits;
};

template <int Classes, class T>
Outcome evaluate(const std::vector<T>& logits, const std::vector<std::uint16_t>& labels,
                 double smoothing) {
  Outcome o;
  std::vector<T> gradient(logits.size());
  Cpu{}.softmax_cross_entropy<Classes>(static_cast<int>(labels.size()), logits.data(),
                                       labels.data(), smoothing, gradient.data(), &o.loss,
                                       &o.correct);
  o.dlogits.assign(gradient.begin(), gradient.end());
  return o;
}

TEST(CpuLoss, TwoEqualLogitsByHand) {
  // p = 1/2 each: loss ln 2 whatever the smoothing; target 0.9, 0.1 with smoothing 0.2
  const auto o = evaluate<2, double>({3, 3}, {0}, 0.2);
  EXPECT_NEAR(o.loss, std::log(2.0), 1e-15);
  EXPECT_NEAR(o.dlogits[0], 0.5 - 0.9, 1e-15);
  EXPECT_NEAR(o.dlogits[1], 0.5 - 0.1, 1e-15);
  EXPECT_EQ(o.correct, 1);
}

TEST(CpuLoss, SumsTheLossAndAveragesTheGradient) {
  // logits ln 3, 0: p = 3/4, 1/4
  const double l = std::log(3.0);
  const auto o = evaluate<2, double>({l, 0, l, 0}, {0, 1}, 0.0);
  EXPECT_NEAR(o.loss, std::log(4.0 / 3) + std::log(4.0), 1e-14);
  EXPECT_NEAR(o.dlogits[0], -0.25 / 2, 1e-15);
  EXPECT_NEAR(o.dlogits[1], 0.25 / 2, 1e-15);
  EXPECT_NEAR(o.dlogits[2], 0.75 / 2, 1e-15);
  EXPECT_NEAR(o.dlogits[3], -0.75 / 2, 1e-15);
  EXPECT_EQ(o.correct, 1);
}

TEST(CpuLoss, GradientIsTheSlopeOfTheMeanLoss) {
  constexpr int classes = 10;
  const std::vector<std::uint16_t> labels{3, 9, 0, 3, 7};
  auto logits = numbers<double>(classes * labels.size(), 1);
  for (const double smoothing : {0.0, 0.1}) {
    const auto o = evaluate<classes, double>(logits, labels, smoothing);
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const double at = logits[i];
      logits[i] = at + 1e-5;
      const double up = evaluate<classes, double>(logits, labels, smoothing).loss;
      logits[i] = at - 1e-5;
      const double down = evaluate<classes, double>(logits, labels, smoothing).loss;
      logits[i] = at;
      EXPECT_NEAR(o.dlogits[i], (up - down) / 2e-5 / static_cast<double>(labels.size()), 1e-9);
    }
  }
}

TEST(CpuLoss, LargeLogitsStayFinite) {
  const auto o = evaluate<3, float>({1000, 0, -1000}, {1}, 0.0);
  EXPECT_NEAR(o.loss, 1000.0, 1e-9);
  EXPECT_EQ(o.dlogits, (std::vector<double>{1, -1, 0}));
}

TEST(CpuLoss, TheFirstMaximumCountsAndNotANumberNeverDoes) {
  EXPECT_EQ((evaluate<3, float>({1, 2, 2, 1, 2, 2}, {1, 2}, 0.0).correct), 1);
  const float nan = std::nanf("");
  const auto o = evaluate<3, float>({nan, 1, 2, 5, 1, nan, nan, nan, nan}, {2, 0, 0}, 0.0);
  EXPECT_EQ(o.correct, 0);
  EXPECT_TRUE(std::isnan(o.loss));
}

TEST(CpuLoss, TheGradientIsOptional) {
  double loss = 0;
  int correct = 0;
  const std::vector<float> logits{0, 1};
  const std::uint16_t label = 1;
  Cpu{}.softmax_cross_entropy<2>(1, logits.data(), &label, 0.0, static_cast<float*>(nullptr), &loss,
                                 &correct);
  EXPECT_NEAR(loss, std::log(1 + std::exp(-1.0)), 1e-15);
  EXPECT_EQ(correct, 1);
}

}  // namespace
