// Winograd's kernels and a network on them. Their GFLOP are those of the direct algorithm, so that
// fractions of the peak above one are possible.

#include "tepui/backend/winograd.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine.hpp"
#include "networks.hpp"
#include "tepui/backend/conv_geometry.hpp"
#include "train.hpp"

namespace engine {
namespace {

using tepui::backend::ConvGeometry;
using tepui::backend::Winograd;

/// A convolution of a batch, a few samples at a time as in a network.
template <ConvGeometry G>
struct Groups {
  using Kernels = Winograd::Samples::ConvNorm<G>;
  static constexpr std::size_t batch = 64;
  static constexpr std::size_t at_once =
      Winograd::Samples::at_once(std::max(Kernels::inputs, Kernels::outputs));
  static constexpr std::size_t part = batch / std::min(batch, Kernels::most_parts);

  using Buffer = Winograd::Buffer<float>;

  Buffer x = noisy(batch * Kernels::inputs, 0);
  Buffer w = noisy(G.weights(), 1);
  Buffer y = noisy(batch * Kernels::outputs, 2);
  Buffer scratch{
      std::max({Kernels::forward_weights, Kernels::backward_weights, Kernels::weight_gradients})};

  static Buffer noisy(std::size_t count, std::uint64_t tag) {
    Buffer buffer(count);
    std::ranges::copy(noise(count, tag), buffer.data());
    return buffer;
  }

  template <class Body>
  static void for_groups(std::size_t first, std::size_t last, Body&& body) {
    for (std::size_t s = first; s < last; s += at_once) body(s, std::min(at_once, last - s));
  }
  void forward() {
    const float* const prepared = Kernels::prepare_forward(w.data(), scratch.data());
    for_groups(0, batch, [&](std::size_t s, std::size_t count) {
      Kernels::convolve(count, x.data() + s * Kernels::inputs, prepared,
                        y.data() + s * Kernels::outputs);
    });
  }
  void data() {
    const float* const prepared = Kernels::prepare_backward(w.data(), scratch.data());
    for_groups(0, batch, [&](std::size_t s, std::size_t count) {
      Kernels::input_gradient(count, y.data() + s * Kernels::outputs, prepared,
                              x.data() + s * Kernels::inputs, false);
    });
  }
  void weights() {
    std::size_t parts = 0;
    for (std::size_t first = 0; first < batch; first += part) {
      Kernels::begin_weights(scratch.data(), parts);
      for_groups(first, std::min(first + part, batch), [&](std::size_t s, std::size_t count) {
        Kernels::add_weights(count, x.data() + s * Kernels::inputs, y.data() + s * Kernels::outputs,
                             scratch.data(), parts);
      });
      ++parts;
    }
    Kernels::end_weights(scratch.data(), parts, w.data());
  }
};

/// The three passes, on one core.
template <ConvGeometry G>
void add(Cases& cases, const std::string& name) {
  using Data = Groups<G>;
  const auto add_pass = [&](const char* pass, void (Data::*work)()) {
    cases.push_back({.name = name + "_winograd_" + pass,
                     .threads = 1,
                     .prepare = [work]() -> std::function<double()> {
                       auto data = std::make_shared<Data>();
                       return [data, work] {
                         ((*data).*work)();
                         return 2e-9 * static_cast<double>(G.weights()) * G.out().pixels() *
                                static_cast<double>(Data::batch);
                       };
                     },
                     .images = static_cast<int>(Data::batch)});
  };
  add_pass("forward", &Data::forward);
  add_pass("data", &Data::data);
  add_pass("weights", &Data::weights);
}

constexpr ConvGeometry conv(int channels, int side) {
  return {.in = {channels, side, side}, .out_channels = channels, .kernel = 3, .padding = 1};
}

}  // namespace

void add_winograd(Cases& cases) {
  cases.push_back(train_case<Network<5, all3x3>, Winograd>("all3x3_n5_winograd", 64));
  add<conv(16, 32)>(cases, "conv3x3_16");
  add<conv(32, 16)>(cases, "conv3x3_32");
  add<conv(64, 8)>(cases, "conv3x3_64");
}

}  // namespace engine
