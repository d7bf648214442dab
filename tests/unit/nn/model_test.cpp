// A network with weights and memory: limits, replaced weights, and no allocation while it runs.
#include "tepui/nn/model.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/count_allocations.hpp"
#include "tepui/nn/nn.hpp"

namespace {

using namespace tepui;
using namespace tepui::nn;

using Net = Network<Shape{3, 6, 5}, Conv2d<8, 3>, BatchNorm2d<>, Relu,
                    Residual<Sequential<Conv2d<8, 3>, BatchNorm2d<>>>, GlobalAvgPool, Linear<4>>;
using TestModel = Model<Net>;

std::vector<float> images(std::size_t count) {
  std::vector<float> values(count * TestModel::input.size());
  random::Stream stream({5, random::Purpose::user, 0});
  for (float& v : values) v = static_cast<float>(stream.normal());
  return values;
}
TestModel model(int max_batch) {
  TestModel m(max_batch);
  m.initialize({1, random::Purpose::initialize, 0});
  return m;
}
template <class Error, class Work>
std::string message_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

void expect_says(const std::string& message, const std::string& words) {
  EXPECT_NE(message.find(words), std::string::npos) << message;
}

TEST(Model, RefusesBatchesItHasNoRoomFor) {
  TestModel m = model(4);
  const auto x = images(5);
  for (const int batch : {0, -1, 5}) {
    auto pass = m.pass(batch);
    const std::string message = message_of<SettingError>([&] { m.forward(pass, x.data()); });
    expect_says(message, std::to_string(batch));
    expect_says(message, "1 to 4");
  }
  expect_says(message_of<SettingError>([] { TestModel none(0); }), "at least 1");
}

TEST(Model, RefusesAnImageOfAnotherSize) {
  TestModel m = model(1);
  const auto x = images(2);
  const std::string message = message_of<SettingError>([&] { (void)m(std::span(x).first(91)); });
  expect_says(message, "91");
  expect_says(message, "3x6x5");
  EXPECT_EQ(m(std::span(x).first(90)).size(), 4u);
}

TEST(Model, RefusesAGradientOfAnotherLength) {
  TestModel m = model(1);
  const auto x = images(1);
  const std::uint16_t label = 2;
  std::vector<float> gradient(m.parameters().size() - 1);
  auto pass = m.pass(1);
  expect_says(message_of<SettingError>(
                  [&] { m.loss_and_gradient(pass, x.data(), &label, std::span(gradient)); }),
              std::to_string(gradient.size()));
}

TEST(Model, GivenWeightsReplaceItsOwnForOneTrip) {
  TestModel m = model(2);
  TestModel other(2);
  other.initialize({2, random::Purpose::initialize, 0});
  const auto x = images(2);
  const std::vector<float> own(m.parameters().begin(), m.parameters().end());
  const std::vector<float> statistics(m.buffers().begin(), m.buffers().end());

  auto pass = m.pass(2);
  const float* scores = m.forward(pass, x.data(), other.parameters().data());
  const std::vector<float> with_others(scores, scores + 8);
  auto other_pass = other.pass(2);
  const float* wanted = other.forward(other_pass, x.data());
  EXPECT_EQ(with_others, std::vector<float>(wanted, wanted + 8));
  const float* back = m.forward(pass, x.data());
  EXPECT_NE(with_others, std::vector<float>(back, back + 8));

  const std::array<std::uint16_t, 2> labels{1, 3};
  std::vector<float> gradient(own.size()), own_gradient(own.size());
  m.loss_and_gradient(pass, x.data(), labels.data(), gradient, 0, other.parameters().data());
  other.loss_and_gradient(other_pass, x.data(), labels.data(), own_gradient);
  EXPECT_EQ(gradient, own_gradient);
  EXPECT_TRUE(std::equal(own.begin(), own.end(), m.parameters().begin()));
  EXPECT_TRUE(std::equal(statistics.begin(), statistics.end(), m.buffers().begin()));
}

TEST(Model, LossIsCrossEntropyAndCountsHits) {
  TestModel m(3);  // all weights zero: four equal scores
  const auto x = images(3);
  const std::array<std::uint16_t, 3> labels{0, 3, 0};
  auto pass = m.pass(3);
  const BatchLoss loss = m.loss(pass, x.data(), labels.data());
  EXPECT_NEAR(loss.loss_sum, 3 * std::log(4.0), 1e-5);
  EXPECT_NEAR(loss.mean_loss(), std::log(4.0), 1e-5);
  EXPECT_EQ(loss.samples, 3);
}

TEST(Model, LabelSmoothingByHand) {
  // Scores 2, 0, 0 with label 0 and smoothing 0.1.
  using Head = Network<Shape{1, 1, 1}, Linear<3>>;
  Model<Head> m(1);
  m.parameters()[0] = 2;
  const float x = 1;
  const std::uint16_t label = 0;
  auto pass = m.pass(1);
  const double total = std::exp(2.0) + 2;
  // 0.9 + 0.1 / 3 on the label, 0.1 / 3 on the others.
  EXPECT_NEAR(m.loss(pass, &x, &label, 0.1).loss_sum, std::log(total) - 2 * (0.9 + 0.1 / 3), 1e-6);
  // FlatNAS puts s / (C - 1) on the others: the same targets come from s C / (C - 1) here.
  EXPECT_NEAR(m.loss(pass, &x, &label, 0.15).loss_sum, 0.4395448, 1e-6);
  std::vector<float> gradient(6);
  m.loss_and_gradient(pass, &x, &label, gradient, 0.1);
  EXPECT_NEAR(gradient[3], std::exp(2.0) / total - (0.9 + 0.1 / 3), 1e-6);
  EXPECT_NEAR(gradient[4], 1 / total - 0.1 / 3, 1e-6);
}

TEST(Model, ANanComesOutAsANan) {
  TestModel m = model(2);
  auto x = images(2);
  x[TestModel::input.size() + 7] = std::numeric_limits<float>::quiet_NaN();
  const std::array<std::uint16_t, 2> labels{0, 1};
  auto pass = m.pass(2);
  const BatchLoss loss = m.loss(pass, x.data(), labels.data());
  EXPECT_TRUE(std::isnan(loss.loss_sum));
  EXPECT_LE(loss.correct, 1);  // a sample without scores is no hit
  const float* scores = m.forward(pass, x.data());
  for (int c = 0; c < 4; ++c) EXPECT_TRUE(std::isfinite(scores[c]));  // the sound neighbour
}

TEST(Model, AllocatesNothingAfterTheFirstStep) {
  TestModel m = model(4);
  const auto x = images(4);
  const std::array<std::uint16_t, 4> labels{0, 1, 2, 3};
  std::vector<float> gradient(m.parameters().size());
  const auto step = [&](int batch) {
    auto pass = m.pass(batch);
    pass.statistics = Statistics::batch_and_track;
    pass.stochastic = true;
    m.loss_and_gradient(pass, x.data(), labels.data(), gradient, 0.1);
    m.loss(pass, x.data(), labels.data());
    m.forward(pass, x.data());
    (void)m(std::span(x).first(TestModel::input.size()));
  };
  step(4);
  const long before = test::allocations;
  for (const int batch : {4, 1, 3, 4}) step(batch);
  EXPECT_EQ(test::allocations, before);
}

TEST(Model, StartsWithInitialStatisticsAndForgetsThemOnInitialize) {
  TestModel m(2);
  const auto fresh = [&] {
    for (std::size_t b = 0; b < 2; ++b) {
      for (std::size_t c = 0; c < 8; ++c) {
        EXPECT_EQ(m.buffers()[16 * b + c], 0);
        EXPECT_EQ(m.buffers()[16 * b + 8 + c], 1);
      }
    }
  };
  ASSERT_EQ(m.buffers().size(), 32u);
  fresh();
  m.initialize({3, random::Purpose::initialize, 0});
  auto pass = m.pass(2);
  pass.statistics = Statistics::batch_and_track;
  m.forward(pass, images(2).data());
  EXPECT_NE(m.buffers()[0], 0);
  m.initialize({3, random::Purpose::initialize, 0});
  fresh();
}

}  // namespace
