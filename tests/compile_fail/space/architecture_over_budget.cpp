// expect-error: (static assertion failed|static_assert failed).*fits in 40 KiB
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/network.hpp"
#include "tepui/space/budget.hpp"

using namespace tepui;
#ifdef EXPECT_ERROR
using Device = nn::Network<Shape{3, 32, 32}, nn::Conv2d<16, 3>>;
#else
using Device = nn::Network<Shape{3, 32, 32}, nn::Conv2d<4, 3>>;
#endif
static_assert(fits<Device>(40 * 1024), "fits in 40 KiB of activations");
