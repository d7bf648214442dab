// Depthwise convolutions on the CUDA backend with more pixels than a block takes, against plain
// loops.
#include "tepui/backend/cuda/depthwise.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "support/backend/emulated_device.hpp"
#include "support/backend/reference.hpp"
#include "tepui/backend/cuda/operations.hpp"

namespace {

using namespace tepui;
using namespace tepui::test;
using backend::ConvGeometry;
using Device = EmulatedDevice<Reach::open>;
using Operations = backend::cuda::Operations<Device>;
using Order = backend::cuda::HostBlock::Order;

template <ConvGeometry G>
void check() {
  SCOPED_TRACE(::testing::Message() << to_string(G.in) << " kernel " << G.kernel << " stride "
                                    << G.stride << " dilation " << G.dilation);
  static_assert(G.depthwise());
  constexpr int batch = 3;
  const auto x = numbers<double>(batch * G.in.size(), 1);
  const auto w = numbers<double>(G.weights(), 2);
  const auto dy = numbers<double>(batch * G.out().size(), 4);
  const auto wanted = reference_conv(G, batch, x, w, {}, dy);
  for (const Order order : {Order::ascending, Order::descending}) {
    const Operations ops{Device(order)};
    std::vector<double> scratch(Operations::conv2d_scratch<G>().at(batch));
    std::vector<double> y(dy.size());
    std::vector<double> dx(x.size());
    std::vector<double> dw(w.size());
    const double* const no_bias = nullptr;
    ops.conv2d_forward<G>(batch, x.data(), w.data(), no_bias, y.data(), scratch.data());
    ops.conv2d_backward_data<G>(batch, dy.data(), w.data(), dx.data(), scratch.data());
    ops.conv2d_backward_weights<G>(batch, x.data(), dy.data(), dw.data(),
                                   static_cast<double*>(nullptr), scratch.data());
    expect_close(y, wanted.y, 1e-13, "y");
    expect_close(dx, wanted.dx, 1e-13, "dx");
    expect_close(dw, wanted.dw, 1e-12, "dw");
  }
}

TEST(CudaDepthwise, IsThatOfPlainLoops) {
  check<ConvGeometry{
      .in = {7, 30, 31}, .out_channels = 7, .kernel = 3, .stride = 1, .padding = 1, .groups = 7}>();
  check<ConvGeometry{.in = {70, 9, 12},
                     .out_channels = 70,
                     .kernel = 5,
                     .stride = 2,
                     .padding = 4,
                     .dilation = 2,
                     .groups = 70}>();
}

}  // namespace
