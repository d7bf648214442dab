// expect-error: network: a layer that runs on a device computes through pass.backend alone
#include "support/backend/emulated_device.hpp"
#include "tepui/nn/nn.hpp"

namespace {

using namespace tepui;

template <class L>
struct Twice : nn::Sequential<L, L> {
#ifdef EXPECT_ERROR
  static constexpr bool runs_on_devices = false;  // its own trips, not those of its parts
#endif
};
using Network = nn::Network<Shape{3, 8, 8}, Twice<nn::Relu>, nn::GlobalAvgPool, nn::Linear<10>>;
static_assert(sizeof(nn::Model<Network, float, test::EmulatedCuda>) > 0);

}  // namespace
