// expect-error: network: a layer does not accept the shape it is given
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/network.hpp"
#include "tepui/nn/residual.hpp"

namespace {

using namespace tepui;

#ifdef EXPECT_ERROR
using Net = nn::Network<Shape{4, 8, 8}, nn::Residual<nn::Conv2d<5, 3>>>;
#else
using Net = nn::Network<Shape{4, 8, 8}, nn::Residual<nn::Conv2d<4, 3>>>;
#endif
static_assert(Net::parameters > 0);

}  // namespace
