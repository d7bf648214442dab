// expect-error: Choice: decisions are numbered from 0 to 255
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/space/space.hpp"

namespace {

using namespace tepui;

template <int Decision>
using Pick = space::Choice<Decision, nn::Identity, nn::Conv2d<4, 3>>;
#ifdef EXPECT_ERROR
using Mine = Space<Shape{4, 8, 8}, Pick<0>, Pick<300>, nn::Linear<10>>;
#else
using Mine = Space<Shape{4, 8, 8}, Pick<0>, nn::Linear<10>>;
#endif
static_assert(Mine::decisions > 0);

}  // namespace
