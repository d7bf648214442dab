// expect-error: network: a layer does not accept the shape it is given
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/network.hpp"

namespace {

using namespace tepui;

#ifdef EXPECT_ERROR
using Net = nn::Network<Shape{3, 8, 8}, nn::Conv2d<8, 3, 1, 1, 1, 4>>;
#else
using Net = nn::Network<Shape{4, 8, 8}, nn::Conv2d<8, 3, 1, 1, 1, 4>>;
#endif
static_assert(Net::parameters > 0);

}  // namespace
