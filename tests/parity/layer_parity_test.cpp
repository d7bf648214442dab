#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "parity/vector_file.hpp"
#include "tepui/nn/nn.hpp"
#include "unit/nn/layer_runner.hpp"

/// @file
/// Layers in single precision against what PyTorch computed: parameters where the layers keep them,
/// both trips, running statistics.

namespace {

using namespace tepui;
using namespace tepui::nn;
using test::VectorFile;
using Values = std::vector<float>;

void expect_parity(const std::vector<double>& wanted, const Values& got, const std::string& name) {
  ASSERT_EQ(got.size(), wanted.size()) << name;
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], wanted[i], 1e-5 * (1 + std::abs(wanted[i]))) << name << ", element " << i;
  }
}

/// The named tensors one after the other, as a layer keeps them.
std::vector<double> joined(const VectorFile& file, const std::vector<std::string>& names) {
  std::vector<double> all;
  for (const auto& name : names) {
    const auto& values = file.exact(name);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

template <class L, Shape In>
void check(const std::string& name, const std::vector<std::string>& parameters = {},
           const std::vector<std::string>& buffers = {},
           Statistics statistics = Statistics::batch_and_track) {
  SCOPED_TRACE(name);
  const VectorFile file(name);
  const Values x = file.values("x"), dy = file.values("dy");
  const int batch = file.dims("x")[0];
  ASSERT_EQ(x.size(), static_cast<std::size_t>(batch) * In.size());
  ASSERT_EQ(dy.size(), static_cast<std::size_t>(batch) * L::output(In).size());
  const auto weights = joined(file, parameters);
  ASSERT_EQ(weights.size(), L::parameters(In));
  const auto state = joined(file, buffers);
  std::vector<std::string> gradients;
  for (const auto& parameter : parameters) gradients.push_back("d" + parameter);

  const auto found = test::run_layer<L, In, float>(x, Values(weights.begin(), weights.end()),
                                                   Values(state.begin(), state.end()), dy,
                                                   {.batch = batch, .statistics = statistics});
  expect_parity(file.exact("y"), found.y, "y");
  expect_parity(file.exact("dx"), found.dx, "dx");
  expect_parity(joined(file, gradients), found.gradient, "parameter gradient");
  std::vector<std::string> after = buffers;
  if (file.has("new_running_mean")) after = {"new_running_mean", "new_running_var"};
  expect_parity(joined(file, after), found.buffers, "running statistics");
  EXPECT_TRUE(found.intact);
}

TEST(LayerParity, Convolutions) {
  check<Conv2d<8, 3>, Shape{3, 4, 5}>("conv_3x3", {"w"});
  check<Conv2d<6, 3, 1, 1, 1, 1, true>, Shape{5, 5, 4}>("conv_3x3_bias", {"w", "b"});
  check<Conv2d<6, 3, 2>, Shape{4, 7, 6}>("conv_3x3_stride_2", {"w"});
  check<Conv2d<4, 3, 1, same_padding, 2>, Shape{3, 7, 7}>("conv_3x3_dilation_2", {"w"});
  check<Conv2d<7, 1, 2, same_padding, 1, 1, true>, Shape{6, 5, 5}>("conv_1x1_stride_2", {"w", "b"});
  check<Conv2d<8, 3, 1, 1, 1, 2>, Shape{6, 5, 5}>("conv_grouped", {"w"});
  check<Conv2d<6, 3, 1, 1, 1, 3>, Shape{3, 5, 5}>("conv_depth_multiplier", {"w"});
  check<DepthwiseConv2d<3>, Shape{17, 3, 4}>("conv_depthwise_3x3", {"w"});
  check<DepthwiseConv2d<5, 2, same_padding, 1, true>, Shape{5, 6, 7}>("conv_depthwise_5x5_stride_2",
                                                                      {"w", "b"});
}

TEST(LayerParity, BatchNormInBothModes) {
  const std::vector<std::string> running{"running_mean", "running_var"};
  check<BatchNorm2d<>, Shape{5, 4, 5}>("batch_norm_training", {"gamma", "beta"}, running);
  check<BatchNorm2d<>, Shape{6, 4, 4}>("batch_norm_inference", {"gamma", "beta"}, running,
                                       Statistics::running);
}

TEST(LayerParity, Linear) { check<Linear<10>, Shape{19, 1, 1}>("linear", {"w", "b"}); }

TEST(LayerParity, Pools) {
  check<MaxPool<3, 2, 1>, Shape{4, 7, 7}>("max_pool_3x3_stride_2");
  check<AvgPool<3, 1, 1>, Shape{5, 5, 6}>("avg_pool_3x3");
  check<AvgPool<3, 1, 1, true>, Shape{5, 5, 5}>("avg_pool_3x3_counting");
  check<AvgPool<2, 2>, Shape{4, 6, 6}>("avg_pool_2x2_stride_2");
  check<GlobalAvgPool, Shape{18, 3, 4}>("global_avg_pool");
}

TEST(LayerParity, SqueezeExcite) {
  check<nn::SqueezeExcite<4>, Shape{10, 4, 4}>("squeeze_excite", {"w1", "b1", "w2", "b2"});
}

TEST(LayerParity, HardSwish) {
  const VectorFile file("hard_swish");
  const Values x = file.values("x"), dy = file.values("dy");
  const auto found = test::run_layer<nn::HardSwish, Shape{1, 1, 1}, float>(
      x, {}, {}, dy, {.batch = static_cast<int>(x.size())});
  expect_parity(file.exact("y"), found.y, "y");
  expect_parity(file.exact("dx"), found.dx, "dx");
}

TEST(LayerParity, CrossEntropyThroughAModel) {
  // A head whose weights are the identity: the scores are the input, and the gradient by the bias
  // is the sum of the gradients by the scores.
  using Head = Network<Shape{10, 1, 1}, nn::Linear<10>>;
  for (const char* name : {"cross_entropy", "cross_entropy_smoothed"}) {
    SCOPED_TRACE(name);
    const VectorFile file(name);
    const int batch = file.integer("batch");
    Model<Head> model(batch);
    for (std::size_t i = 0; i < 10; ++i) model.parameters()[11 * i] = 1;
    const Values logits = file.values("logits");
    std::vector<std::uint16_t> labels;
    for (const double v : file.exact("labels")) labels.push_back(static_cast<std::uint16_t>(v));
    auto pass = model.pass(batch);
    Values gradient(Head::parameters);
    const auto loss = model.loss_and_gradient(pass, logits.data(), labels.data(),
                                              std::span(gradient), file.real("smoothing"));
    double wanted = 0;
    for (const double v : file.exact("loss")) wanted += v;
    EXPECT_NEAR(loss.loss_sum, wanted, 1e-5 * wanted);
    EXPECT_EQ(loss.correct, file.integer("correct"));
    std::vector<double> by_bias(10);
    const auto& by_score = file.exact("dlogits");
    for (std::size_t i = 0; i < by_score.size(); ++i) by_bias[i % 10] += by_score[i];
    expect_parity(by_bias, Values(gradient.end() - 10, gradient.end()), "bias gradient");
  }
}

}  // namespace
