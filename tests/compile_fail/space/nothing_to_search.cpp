// expect-error: Space: no Choice in it, so there is nothing to search
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/space/space.hpp"

namespace {

using namespace tepui;

#ifdef EXPECT_ERROR
using Mine = Space<Shape{4, 8, 8}, nn::Linear<10>>;
#else
using Mine =
    Space<Shape{4, 8, 8}, space::Choice<0, nn::Identity, nn::Conv2d<4, 3>>, nn::Linear<10>>;
#endif
static_assert(Mine::decisions > 0);

}  // namespace
