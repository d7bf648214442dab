// The example of docs/concepts/backend.md.
#include "tepui/backend/cpu.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/nn/nn.hpp"

namespace {

/// The CPU backend, which also counts the multiply-accumulates of convolutions on the way forward.
struct CountingCpu : tepui::backend::Cpu {
  long long* macs = nullptr;

  template <tepui::backend::ConvGeometry G, class T>
  void conv2d_forward(int batch, const T* x, const T* w, const T* bias, T* y, T* scratch) const {
    *macs += static_cast<long long>(G.weights()) * G.out().pixels() * batch;
    Cpu::conv2d_forward<G>(batch, x, w, bias, y, scratch);
  }
};

using Net = tepui::nn::Network<tepui::Shape{3, 8, 8}, tepui::nn::Conv2d<8, 3>, tepui::nn::Relu,
                               tepui::nn::Conv2d<4, 1>, tepui::nn::GlobalAvgPool>;

TEST(BackendPage, ExampleCounts) {
  long long macs = 0;
  CountingCpu backend;
  backend.macs = &macs;
  tepui::nn::Model<Net, float, CountingCpu> counted(2, backend);
  tepui::nn::Model<Net> plain(2);
  counted.initialize({1, tepui::random::Purpose::initialize});
  plain.initialize({1, tepui::random::Purpose::initialize});
  const std::vector<float> images(2 * 3 * 64, 0.5f);
  auto pass = counted.pass(2);
  auto plain_pass = plain.pass(2);
  const float* scores = counted.forward(pass, images.data());
  const float* expected = plain.forward(plain_pass, images.data());
  EXPECT_EQ(macs, 2 * 64 * (9 * 3 * 8 + 8 * 4));
  EXPECT_EQ(std::vector(scores, scores + 8), std::vector(expected, expected + 8));
}

}  // namespace
