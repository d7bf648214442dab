// expect-error: network: a layer does not accept the shape it is given
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/space/space.hpp"

namespace {

using namespace tepui;

#ifdef EXPECT_ERROR
using Mine =
    Space<Shape{4, 8, 8}, space::Choice<0, nn::Identity, nn::Conv2d<5, 3>>, nn::Linear<10>>;
static_assert(Mine::Network::parameters > 0);
#else
using Mine =
    Space<Shape{4, 8, 8}, space::Choice<0, nn::Identity, nn::Conv2d<4, 3>>, nn::Linear<10>>;
static_assert(Mine::Network::parameters > 0);
#endif

}  // namespace
