// expect-error: budget: the costs of this space are not a sum over its decisions
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/pool.hpp"
#include "tepui/space/budget.hpp"
#include "tepui/space/choice.hpp"

using namespace tepui;
using Inner = space::Choice<1, nn::Conv2d<8, 1>, nn::Conv2d<8, 3>>;
template <int Decision>
using Pick = space::Choice<Decision, nn::Identity, nn::Conv2d<8, 3>, nn::Conv2d<8, 5>,
                           nn::Conv2d<8, 7>, nn::AvgPool<3, 1, 1>, nn::MaxPool<3, 1, 1>>;
#ifdef EXPECT_ERROR
using S = Space<Shape{8, 8, 8}, space::Choice<0, nn::Identity, Inner>, Pick<2>, Pick<3>, Pick<4>,
                Pick<5>, Pick<6>, Pick<7>, Pick<8>>;
#else
using S = Space<Shape{8, 8, 8}, space::Choice<0, nn::Identity, Inner>, Pick<2>>;
#endif
static_assert(max_params<S> > 0);
