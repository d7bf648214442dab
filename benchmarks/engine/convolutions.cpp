#include <memory>
#include <string>
#include <vector>

#include "engine.hpp"
#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu.hpp"

namespace engine {
namespace {

using tepui::backend::ConvGeometry;
using tepui::backend::Cpu;

template <ConvGeometry G>
struct Tensors {
  static constexpr int batch = 64;
  std::vector<float> x = noise(batch * G.in.size(), 0);
  std::vector<float> w = noise(G.weights(), 1);
  std::vector<float> y = noise(batch * G.out().size(), 2);
  Cpu::Buffer<float> scratch{Cpu::conv2d_scratch<G>().at(batch)};
};

/// The three passes of a convolution, on one core.
template <ConvGeometry G>
void add(Cases& cases, const std::string& name) {
  using Data = Tensors<G>;
  const auto add_pass = [&](const char* pass, auto&& work) {
    cases.push_back({.name = name + "_" + pass,
                     .threads = 1,
                     .prepare = [work]() -> std::function<double()> {
                       auto data = std::make_shared<Data>();
                       return [data, work] {
                         work(*data);
                         return 2e-9 * static_cast<double>(G.weights()) * G.out().pixels() *
                                Data::batch;
                       };
                     },
                     .images = Data::batch});
  };
  add_pass("forward", [](Data& d) {
    const float* const no_bias = nullptr;
    Cpu::conv2d_forward<G>(Data::batch, d.x.data(), d.w.data(), no_bias, d.y.data(),
                           d.scratch.data());
  });
  add_pass("data", [](Data& d) {
    Cpu::conv2d_backward_data<G>(Data::batch, d.y.data(), d.w.data(), d.x.data(), d.scratch.data());
  });
  add_pass("weights", [](Data& d) {
    float* const no_bias = nullptr;
    Cpu::conv2d_backward_weights<G>(Data::batch, d.x.data(), d.y.data(), d.w.data(), no_bias,
                                    d.scratch.data());
  });
}

constexpr ConvGeometry conv(int channels, int side, int kernel) {
  return {.in = {channels, side, side},
          .out_channels = channels,
          .kernel = kernel,
          .padding = kernel / 2};
}

constexpr ConvGeometry strided{
    .in = {16, 32, 32}, .out_channels = 32, .kernel = 3, .stride = 2, .padding = 1};
constexpr ConvGeometry dilated{
    .in = {16, 32, 32}, .out_channels = 16, .kernel = 3, .padding = 2, .dilation = 2};
constexpr ConvGeometry grouped{
    .in = {32, 16, 16}, .out_channels = 32, .kernel = 3, .padding = 1, .groups = 4};
constexpr ConvGeometry depthwise(int kernel) {
  return {.in = {64, 16, 16},
          .out_channels = 64,
          .kernel = kernel,
          .padding = kernel / 2,
          .groups = 64};
}

}  // namespace

void add_convolutions(Cases& cases) {
  add<conv(16, 32, 3)>(cases, "conv3x3_16");
  add<conv(32, 16, 3)>(cases, "conv3x3_32");
  add<conv(64, 8, 3)>(cases, "conv3x3_64");
  add<conv(16, 32, 1)>(cases, "conv1x1_16");
  add<conv(16, 32, 5)>(cases, "conv5x5_16");
  add<conv(16, 32, 7)>(cases, "conv7x7_16");
  add<strided>(cases, "conv3x3_16_to_32_stride2");
  add<dilated>(cases, "conv3x3_16_dilation2");
  add<grouped>(cases, "conv3x3_32_groups4");
  add<depthwise(3)>(cases, "depthwise3x3_64");
  add<depthwise(5)>(cases, "depthwise5x5_64");
  add<depthwise(7)>(cases, "depthwise7x7_64");
}

}  // namespace engine
