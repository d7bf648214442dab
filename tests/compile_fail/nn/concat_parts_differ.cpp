// expect-error: network: a layer does not accept the shape it is given
#include "tepui/nn/concat.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/nn/network.hpp"

using namespace tepui;
using namespace tepui::nn;

#ifdef EXPECT_ERROR
using Second = Conv2d<4, 3, 2>;
#else
using Second = Conv2d<4, 3>;
#endif
using Net = Network<Shape{3, 8, 8}, Concat<Conv2d<2, 1>, Second>, Linear<2>>;
static_assert(Net::parameters > 0);
