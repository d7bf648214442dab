#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "parity/vector_file.hpp"
#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu.hpp"

/// @file
/// The processor backend in single precision against what PyTorch computed.

namespace {

using tepui::Shape;
using tepui::backend::ConvGeometry;
using tepui::backend::Cpu;
using tepui::backend::PoolGeometry;
using tepui::test::VectorFile;
using Values = std::vector<float>;

/// @param tolerance relative to 1 + the magnitude of the element
void expect_parity(const VectorFile& file, const std::string& name, const Values& got,
                   double tolerance = 1e-5) {
  const auto& wanted = file.exact(name);
  ASSERT_EQ(got.size(), wanted.size()) << name;
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], wanted[i], tolerance * (1 + std::abs(wanted[i])))
        << name << ", element " << i;
  }
}

template <ConvGeometry G>
void check_conv(const std::string& name) {
  SCOPED_TRACE(name);
  const VectorFile file(name);
  const ConvGeometry stored{
      {file.integer("in_channels"), file.integer("height"), file.integer("width")},
      file.integer("out_channels"),
      file.integer("kernel"),
      file.integer("stride"),
      file.integer("padding"),
      file.integer("dilation"),
      file.integer("groups")};
  ASSERT_EQ(file.op(), "conv2d");
  ASSERT_TRUE(stored == G) << "the file holds another geometry";
  const int batch = file.integer("batch");
  const bool bias = file.integer("bias") != 0;
  const Values x = file.values("x"), w = file.values("w"), dy = file.values("dy");
  const Values b = bias ? file.values("b") : Values();
  Values y(dy.size()), dx(x.size()), dw(w.size()), db(b.size());
  Values scratch(Cpu::conv2d_scratch<G>().at(batch));
  Cpu{}.conv2d_forward<G>(batch, x.data(), w.data(), bias ? b.data() : nullptr, y.data(),
                          scratch.data());
  Cpu{}.conv2d_backward_data<G>(batch, dy.data(), w.data(), dx.data(), scratch.data());
  Cpu{}.conv2d_backward_weights<G>(batch, x.data(), dy.data(), dw.data(),
                                   bias ? db.data() : nullptr, scratch.data());
  expect_parity(file, "y", y);
  expect_parity(file, "dx", dx);
  expect_parity(file, "dw", dw);
  if (bias) expect_parity(file, "db", db);
}

TEST(BackendParity, Convolution) {
  check_conv<ConvGeometry{{3, 4, 5}, 8, 3, 1, 1}>("conv_3x3");
  check_conv<ConvGeometry{{5, 5, 4}, 6, 3, 1, 1}>("conv_3x3_bias");
  check_conv<ConvGeometry{{4, 5, 5}, 5, 3, 1, 0}>("conv_3x3_unpadded");
  check_conv<ConvGeometry{{4, 7, 6}, 6, 3, 2, 1}>("conv_3x3_stride_2");
  check_conv<ConvGeometry{{3, 7, 7}, 4, 3, 1, 2, 2}>("conv_3x3_dilation_2");
  check_conv<ConvGeometry{{3, 8, 9}, 4, 3, 2, 2, 2}>("conv_3x3_stride_2_dilation_2");
  check_conv<ConvGeometry{{2, 4, 4}, 3, 3, 1, 3}>("conv_3x3_padding_3");
  check_conv<ConvGeometry{{3, 6, 6}, 4, 5, 1, 2}>("conv_5x5");
  check_conv<ConvGeometry{{2, 9, 9}, 3, 7, 2, 3}>("conv_7x7_stride_2");
  check_conv<ConvGeometry{{3, 6, 6}, 4, 2, 2, 0}>("conv_2x2_stride_2");
  check_conv<ConvGeometry{{17, 2, 3}, 18, 1, 1, 0}>("conv_1x1");
  check_conv<ConvGeometry{{6, 5, 5}, 7, 1, 2, 0}>("conv_1x1_stride_2");
}

TEST(BackendParity, GroupedConvolution) {
  check_conv<ConvGeometry{{17, 3, 4}, 17, 3, 1, 1, 1, 17}>("conv_depthwise_3x3");
  check_conv<ConvGeometry{{5, 6, 7}, 5, 5, 2, 2, 1, 5}>("conv_depthwise_5x5_stride_2");
  check_conv<ConvGeometry{{4, 7, 7}, 4, 3, 1, 2, 2, 4}>("conv_depthwise_3x3_dilation_2");
  check_conv<ConvGeometry{{6, 5, 5}, 8, 3, 1, 1, 1, 2}>("conv_grouped");
  check_conv<ConvGeometry{{3, 5, 5}, 6, 3, 1, 1, 1, 3}>("conv_depth_multiplier");
}

TEST(BackendParity, Linear) {
  const VectorFile file("linear");
  const int batch = file.integer("batch");
  ASSERT_EQ(file.integer("in"), 19);
  ASSERT_EQ(file.integer("out"), 10);
  const Values x = file.values("x"), w = file.values("w"), b = file.values("b");
  const Values dy = file.values("dy");
  Values y(dy.size()), dx(x.size()), dw(w.size()), db(b.size());
  Values scratch(Cpu::linear_scratch<19, 10>().at(batch));
  Cpu{}.linear_forward<19, 10>(batch, x.data(), w.data(), b.data(), y.data(), scratch.data());
  Cpu{}.linear_backward_data<19, 10>(batch, dy.data(), w.data(), dx.data(), scratch.data());
  Cpu{}.linear_backward_weights<19, 10>(batch, x.data(), dy.data(), dw.data(), db.data(),
                                        scratch.data());
  expect_parity(file, "y", y);
  expect_parity(file, "dx", dx);
  expect_parity(file, "dw", dw);
  expect_parity(file, "db", db);
}

template <int C>
void check_batch_norm(const std::string& name) {
  SCOPED_TRACE(name);
  const VectorFile file(name);
  ASSERT_EQ(file.integer("channels"), C);
  const bool affine = file.integer("affine") != 0;
  const bool training = file.integer("training") != 0;
  const Values x = file.values("x"), dy = file.values("dy");
  const Values gamma = affine ? file.values("gamma") : Values();
  const Values beta = affine ? file.values("beta") : Values();
  Values mean = file.values("running_mean"), variance = file.values("running_var");
  const std::size_t rows = x.size() / C;
  Values scratch(Cpu::batch_norm_scratch<C>().at(1));
  if (training) {
    tepui::backend::detail::BatchNormKernels<C>::statistics(rows, x.data(), mean.data(),
                                                            variance.data(), scratch.data());
    expect_parity(file, "mean", mean);
    expect_parity(file, "var", variance);
  }
  Values inv_std;
  for (const float v : variance) {
    inv_std.push_back(1.0F / std::sqrt(v + static_cast<float>(file.real("epsilon"))));
  }
  Values y(x.size()), dx(x.size()), dgamma(C), dbeta(C);
  const float* const g = affine ? gamma.data() : nullptr;
  Cpu{}.batch_norm_apply<C>(rows, x.data(), mean.data(), inv_std.data(), g,
                            affine ? beta.data() : nullptr, y.data());
  const auto backward = [&](auto call) {
    call(rows, x.data(), dy.data(), mean.data(), inv_std.data(), g, dx.data(),
         affine ? dgamma.data() : nullptr, affine ? dbeta.data() : nullptr, scratch.data());
  };
  if (training) {
    backward([](auto... a) { Cpu{}.batch_norm_backward<C>(a...); });
  } else {
    backward([](auto... a) { Cpu{}.batch_norm_backward_fixed<C>(a...); });
  }
  expect_parity(file, "y", y);
  expect_parity(file, "dx", dx);
  if (affine) {
    expect_parity(file, "dgamma", dgamma);
    expect_parity(file, "dbeta", dbeta);
  }
}

TEST(BackendParity, BatchNorm) {
  check_batch_norm<5>("batch_norm_training");
  check_batch_norm<18>("batch_norm_training_plain");
  check_batch_norm<6>("batch_norm_inference");
  check_batch_norm<4>("batch_norm_inference_plain");
}

template <PoolGeometry G>
void check_pool(const std::string& name) {
  SCOPED_TRACE(name);
  const VectorFile file(name);
  const bool maximum = file.op() == "max_pool";
  const PoolGeometry stored{
      {file.integer("channels"), file.integer("height"), file.integer("width")},
      file.integer("kernel"),
      file.integer("stride"),
      file.integer("padding"),
      !maximum && file.integer("count_padding") != 0};
  ASSERT_TRUE(stored == G) << "the file holds another geometry";
  const int batch = file.integer("batch");
  const Values x = file.values("x"), dy = file.values("dy");
  Values y(dy.size()), dx(x.size());
  if (maximum) {
    Cpu{}.max_pool_forward<G>(batch, x.data(), y.data());
    Cpu{}.max_pool_backward<G>(batch, x.data(), dy.data(), dx.data());
  } else {
    Cpu{}.avg_pool_forward<G>(batch, x.data(), y.data());
    Cpu{}.avg_pool_backward<G>(batch, dy.data(), dx.data());
  }
  expect_parity(file, "y", y);
  expect_parity(file, "dx", dx);
}

TEST(BackendParity, Pooling) {
  check_pool<PoolGeometry{{5, 5, 6}, 3, 1, 1}>("max_pool_3x3");
  check_pool<PoolGeometry{{4, 7, 7}, 3, 2, 1}>("max_pool_3x3_stride_2");
  check_pool<PoolGeometry{{3, 6, 5}, 2, 2, 0}>("max_pool_2x2_stride_2");
  check_pool<PoolGeometry{{5, 5, 6}, 3, 1, 1}>("avg_pool_3x3");
  check_pool<PoolGeometry{{5, 5, 5}, 3, 1, 1, true}>("avg_pool_3x3_counting");
  check_pool<PoolGeometry{{4, 6, 6}, 2, 2, 0}>("avg_pool_2x2_stride_2");
  check_pool<PoolGeometry{{3, 7, 6}, 3, 2, 1}>("avg_pool_3x3_stride_2");
}

TEST(BackendParity, GlobalPooling) {
  const VectorFile file("global_avg_pool");
  constexpr Shape shape{18, 3, 4};
  const Values x = file.values("x"), dy = file.values("dy");
  ASSERT_EQ(file.dims("x"), (std::vector<int>{2, 3, 4, 18}));
  Values y(dy.size()), dx(x.size());
  Cpu{}.global_avg_pool_forward<shape>(2, x.data(), y.data());
  Cpu{}.global_avg_pool_backward<shape>(2, dy.data(), dx.data());
  expect_parity(file, "y", y);
  expect_parity(file, "dx", dx);
}

template <class Forward, class Backward>
void check_activation(const std::string& name, Forward forward, Backward backward) {
  SCOPED_TRACE(name);
  const VectorFile file(name);
  const Values x = file.values("x"), dy = file.values("dy");
  Values y(x.size()), dx(x.size());
  forward(x.size(), x.data(), y.data());
  backward(x.size(), x.data(), dy.data(), dx.data());
  expect_parity(file, "y", y);
  expect_parity(file, "dx", dx);
}

TEST(BackendParity, Activations) {
  check_activation(
      "relu", [](auto... a) { Cpu{}.relu_forward(a...); },
      [](auto... a) { Cpu{}.relu_backward(a...); });
  check_activation(
      "hard_swish", [](auto... a) { Cpu{}.hard_swish_forward(a...); },
      [](auto... a) { Cpu{}.hard_swish_backward(a...); });
  check_activation(
      "hard_sigmoid", [](auto... a) { Cpu{}.hard_sigmoid_forward(a...); },
      [](auto... a) { Cpu{}.hard_sigmoid_backward(a...); });
}

TEST(BackendParity, CrossEntropy) {
  for (const char* name : {"cross_entropy", "cross_entropy_smoothed"}) {
    SCOPED_TRACE(name);
    const VectorFile file(name);
    ASSERT_EQ(file.integer("classes"), 10);
    const Values logits = file.values("logits");
    std::vector<std::uint16_t> labels;
    for (const double v : file.exact("labels")) labels.push_back(static_cast<std::uint16_t>(v));
    Values dlogits(logits.size());
    double loss = 0;
    int correct = 0;
    Cpu{}.softmax_cross_entropy<10>(file.integer("batch"), logits.data(), labels.data(),
                                    file.real("smoothing"), dlogits.data(), &loss, &correct);
    double wanted = 0;
    for (const double v : file.exact("loss")) wanted += v;
    EXPECT_NEAR(loss, wanted, 1e-6 * wanted);
    EXPECT_EQ(correct, file.integer("correct"));
    expect_parity(file, "dlogits", dlogits);
  }
}

TEST(BackendParity, SqueezeAndExcitation) {
  const VectorFile file("squeeze_excite");
  constexpr Shape shape{10, 4, 4};
  constexpr int reduced = 4;
  constexpr int batch = 2;
  ASSERT_EQ(file.dims("x"), (std::vector<int>{batch, 4, 4, 10}));
  const Values x = file.values("x"), dy = file.values("dy");
  const Values w1 = file.values("w1"), b1 = file.values("b1");
  const Values w2 = file.values("w2"), b2 = file.values("b2");
  Values scratch(Cpu::linear_scratch<10, reduced>().at(batch) +
                 Cpu::linear_scratch<reduced, 10>().at(batch));
  Cpu cpu;
  Values mean(batch * 10), hidden(batch * reduced), active(hidden.size()), score(mean.size());
  Values gate(mean.size()), y(x.size());
  cpu.global_avg_pool_forward<shape>(batch, x.data(), mean.data());
  cpu.linear_forward<10, reduced>(batch, mean.data(), w1.data(), b1.data(), hidden.data(),
                                  scratch.data());
  cpu.relu_forward(hidden.size(), hidden.data(), active.data());
  cpu.linear_forward<reduced, 10>(batch, active.data(), w2.data(), b2.data(), score.data(),
                                  scratch.data());
  cpu.hard_sigmoid_forward(score.size(), score.data(), gate.data());
  cpu.scale_channels_forward<shape>(batch, x.data(), gate.data(), y.data());
  expect_parity(file, "y", y);

  Values dx(x.size()), dgate(gate.size()), dscore(gate.size()), dactive(hidden.size());
  Values dhidden(hidden.size()), dmean(mean.size()), dx_mean(x.size());
  Values dw1(w1.size()), db1(b1.size()), dw2(w2.size()), db2(b2.size());
  cpu.scale_channels_backward<shape>(batch, x.data(), gate.data(), dy.data(), dx.data(),
                                     dgate.data());
  cpu.hard_sigmoid_backward(score.size(), score.data(), dgate.data(), dscore.data());
  cpu.linear_backward_weights<reduced, 10>(batch, active.data(), dscore.data(), dw2.data(),
                                           db2.data(), scratch.data());
  cpu.linear_backward_data<reduced, 10>(batch, dscore.data(), w2.data(), dactive.data(),
                                        scratch.data());
  cpu.relu_backward(hidden.size(), hidden.data(), dactive.data(), dhidden.data());
  cpu.linear_backward_weights<10, reduced>(batch, mean.data(), dhidden.data(), dw1.data(),
                                           db1.data(), scratch.data());
  cpu.linear_backward_data<10, reduced>(batch, dhidden.data(), w1.data(), dmean.data(),
                                        scratch.data());
  cpu.global_avg_pool_backward<shape>(batch, dmean.data(), dx_mean.data());
  cpu.add(dx.size(), dx_mean.data(), dx.data());
  expect_parity(file, "dx", dx);
  expect_parity(file, "dw1", dw1);
  expect_parity(file, "db1", db1);
  expect_parity(file, "dw2", dw2);
  expect_parity(file, "db2", db2);
}

}  // namespace
