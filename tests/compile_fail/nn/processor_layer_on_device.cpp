// expect-error: network: a layer that runs on a device computes through pass.backend alone
#include "support/backend/emulated_device.hpp"
#include "support/custom_layer.hpp"
#include "tepui/nn/nn.hpp"

namespace {

using namespace tepui;

struct OnDevices : my::ChannelScale {
  static constexpr bool runs_on_devices = true;
};
#ifdef EXPECT_ERROR
using Layer = my::ChannelScale;
#else
using Layer = OnDevices;
#endif
using Network = nn::Network<Shape{3, 8, 8}, nn::Residual<nn::Sequential<nn::Relu, Layer>>,
                            nn::GlobalAvgPool, nn::Linear<10>>;
static_assert(sizeof(nn::Model<Network>) > 0);
static_assert(sizeof(nn::Model<Network, float, test::EmulatedCuda>) > 0);

}  // namespace
