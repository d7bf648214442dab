#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine.hpp"
#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu.hpp"

namespace engine {
namespace {

using tepui::Shape;
using tepui::backend::Cpu;
using tepui::backend::PoolGeometry;

constexpr int batch = 64;
constexpr Shape stage{16, 32, 32};
constexpr PoolGeometry three{.in = stage, .kernel = 3, .stride = 1, .padding = 1};
constexpr std::size_t rows = static_cast<std::size_t>(batch) * 32 * 32;
constexpr std::size_t elements = rows * 16;

/// Images of the first stage, and what the kernels want beside them.
struct Arrays {
  std::vector<float> x = noise(elements, 0);
  std::vector<float> dy = noise(elements, 1);
  std::vector<float> y = noise(elements, 2);
  std::vector<float> channel = noise(64, 3);
  std::vector<float> weights = noise(64 * 10, 4);
  std::vector<float> sums = std::vector<float>(64 * 10 + 10);  // also holds (batch, 10)
  std::vector<float> scores = noise(batch * 10, 5);
  std::vector<float> features = noise(batch * 64, 6);
  std::vector<std::uint16_t> labels = std::vector<std::uint16_t>(batch, 3);
  Cpu::Buffer<float> scratch{Cpu::batch_norm_scratch<16>().at(batch) +
                             Cpu::linear_scratch<64, 10>().at(batch)};
};

/// @param passes how often all elements are read or written
template <class Work>
void add(Cases& cases, const char* name, double passes, double flops, Work work) {
  cases.push_back({.name = name,
                   .threads = 1,
                   .prepare = [work, flops]() -> std::function<double()> {
                     auto data = std::make_shared<Arrays>();
                     return [data, work, flops] {
                       work(*data);
                       return 1e-9 * flops;
                     };
                   },
                   .images = batch,
                   .gigabytes = 4e-9 * passes * static_cast<double>(elements)});
}

}  // namespace

/// All that is no convolution: passes over memory, mostly.
void add_kernels(Cases& cases) {
  constexpr auto n = static_cast<double>(elements);
  add(cases, "batch_norm_statistics", 1, 4 * n, [](Arrays& a) {
    Cpu::batch_norm_statistics<16>(rows, a.x.data(), a.channel.data(), a.channel.data() + 16,
                                   a.scratch.data());
  });
  add(cases, "batch_norm_apply", 2, 3 * n, [](Arrays& a) {
    const float* const c = a.channel.data();
    Cpu::batch_norm_apply<16>(rows, a.x.data(), c, c + 16, c + 32, c + 48, a.y.data());
  });
  add(cases, "batch_norm_backward", 5, 8 * n, [](Arrays& a) {
    const float* const c = a.channel.data();
    Cpu::batch_norm_backward<16>(rows, a.x.data(), a.dy.data(), c, c + 16, c + 32, a.y.data(),
                                 a.sums.data(), a.sums.data() + 16, a.scratch.data());
  });
  add(cases, "relu_forward", 2, n,
      [](Arrays& a) { Cpu::relu_forward(elements, a.x.data(), a.y.data()); });
  add(cases, "relu_backward", 3, n,
      [](Arrays& a) { Cpu::relu_backward(elements, a.x.data(), a.dy.data(), a.y.data()); });
  add(cases, "hard_swish_forward", 2, 5 * n,
      [](Arrays& a) { Cpu::hard_swish_forward(elements, a.x.data(), a.y.data()); });
  add(cases, "hard_swish_backward", 3, 6 * n,
      [](Arrays& a) { Cpu::hard_swish_backward(elements, a.x.data(), a.dy.data(), a.y.data()); });
  add(cases, "residual_sum", 3, n, [](Arrays& a) { Cpu::add(elements, a.x.data(), a.y.data()); });
  add(cases, "avg_pool3x3_forward", 2, 6 * n,
      [](Arrays& a) { Cpu::avg_pool_forward<three>(batch, a.x.data(), a.y.data()); });
  add(cases, "avg_pool3x3_backward", 2, 6 * n,
      [](Arrays& a) { Cpu::avg_pool_backward<three>(batch, a.dy.data(), a.y.data()); });
  add(cases, "max_pool3x3_forward", 2, 9 * n,
      [](Arrays& a) { Cpu::max_pool_forward<three>(batch, a.x.data(), a.y.data()); });
  add(cases, "max_pool3x3_backward", 3, 18 * n,
      [](Arrays& a) { Cpu::max_pool_backward<three>(batch, a.x.data(), a.dy.data(), a.y.data()); });
  add(cases, "global_avg_pool_forward", 1, n,
      [](Arrays& a) { Cpu::global_avg_pool_forward<stage>(batch, a.x.data(), a.features.data()); });
  add(cases, "linear64_forward", 0, 2.0 * batch * 64 * 10, [](Arrays& a) {
    Cpu::linear_forward<64, 10>(batch, a.features.data(), a.weights.data(), a.channel.data(),
                                a.scores.data(), a.scratch.data());
  });
  add(cases, "linear64_weights", 0, 2.0 * batch * 64 * 10, [](Arrays& a) {
    Cpu::linear_backward_weights<64, 10>(batch, a.features.data(), a.scores.data(), a.sums.data(),
                                         a.sums.data() + 640, a.scratch.data());
  });
  add(cases, "softmax_cross_entropy", 0, 20.0 * batch * 10, [](Arrays& a) {
    double loss = 0;
    int correct = 0;
    Cpu::softmax_cross_entropy<10>(batch, a.scores.data(), a.labels.data(), 0.0, a.sums.data(),
                                   &loss, &correct);
  });
}

}  // namespace engine
