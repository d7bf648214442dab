// The layers that the documentation shows: they are layers, their gradients are right, they can be
// searched, and the one for every backend does the same.
#include "support/custom_layer.hpp"

#include <gtest/gtest.h>

#include "support/backend/layer_against_cpu.hpp"
#include "support/cuda/channel_scale.hpp"

#include "tepui/nn/nn.hpp"
#include "tepui/space/cost.hpp"

namespace {

using namespace tepui;

TEST(CustomLayer, PassesTheGradientCheck) {
  static_assert(nn::Layer<my::ChannelScale>);
  const auto check = nn::check_layer<my::ChannelScale, Shape{5, 4, 3}>();
  EXPECT_TRUE(check.passes()) << check.input_error << " " << check.parameter_error;
}

TEST(CustomLayer, ComputedByTheBackendDoesTheSame) {
  constexpr Shape in{5, 4, 3};
  const auto check = nn::check_layer<my::DeviceChannelScale, in>();
  EXPECT_TRUE(check.passes()) << check.input_error << " " << check.parameter_error;
  const auto loops = test::layer_trips<my::ChannelScale, in, float, backend::Cpu>(
      7, nn::Statistics::batch_and_track);
  const auto calls = test::layer_trips<my::DeviceChannelScale, in, float, backend::Cpu>(
      7, nn::Statistics::batch_and_track);
  EXPECT_EQ(calls.y, loops.y);
  EXPECT_EQ(calls.dx, loops.dx);
  test::expect_close(calls.gradient, loops.gradient, 1e-5, "gradient by the parameters");
}

using Choice =
    Space<Shape{3, 8, 8}, nn::Conv2d<8, 3>, space::Choice<0, nn::BatchNorm2d<>, my::ChannelScale>,
          nn::Relu, nn::GlobalAvgPool, nn::Linear<10>>;

TEST(CustomLayer, CostsAndStartsLikeAnyOther) {
  static_assert(cost_of<Choice>({{0}}).params == 216 + 16 + 90);
  static_assert(cost_of<Choice>({{1}}).params == 216 + 8 + 90);
  static_assert(cost_of<Choice>({{1}}).macs == 216 * 64 + 512 + 90);
  nn::Model<Choice::Network> supernet;
  supernet.initialize({1, random::Purpose::initialize, 0});
  const std::uint8_t option = 1;
  const auto tensors = Choice::Network::describe(&option).parameters;
  ASSERT_EQ(tensors[1].name, "1.scale");
  EXPECT_EQ(supernet.parameters()[tensors[1].offset], 1);  // it starts as the identity
}

}  // namespace
