// expect-error: network: a layer does not accept the shape it is given
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/network.hpp"
#include "tepui/nn/repeat.hpp"

namespace {

using namespace tepui;

#ifdef EXPECT_ERROR
using Net = nn::Network<Shape{4, 8, 8}, nn::Repeat<3, nn::Conv2d<4, 3, 2>>>;
#else
using Net = nn::Network<Shape{4, 8, 8}, nn::Repeat<3, nn::Conv2d<4, 3>>>;
#endif
static_assert(Net::parameters > 0);

}  // namespace
