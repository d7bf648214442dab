// expect-error: Space: number the decisions from 0 without gaps, and give all choices
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/space/space.hpp"

namespace {

using namespace tepui;

template <class... More>
using Pick = space::Choice<0, nn::Identity, nn::Conv2d<4, 3>, More...>;
#ifdef EXPECT_ERROR
using Mine = Space<Shape{4, 8, 8}, Pick<>, Pick<nn::Conv2d<4, 1>>, nn::Linear<10>>;
#else
using Mine = Space<Shape{4, 8, 8}, Pick<>, Pick<>, nn::Linear<10>>;
#endif
static_assert(Mine::decisions > 0);

}  // namespace
