// expect-error: network: a layer does not accept the shape it is given
#include "tepui/nn/cell.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/network.hpp"

namespace {

using namespace tepui;

template <int Channels>
using Cell = nn::Cell<3, nn::Edge<0, 1, nn::Conv2d<4, 3>>, nn::Edge<0, 2, nn::Identity>,
                      nn::Edge<1, 2, nn::Conv2d<Channels, 3>>>;
#ifdef EXPECT_ERROR
using Net = nn::Network<Shape{4, 8, 8}, Cell<5>>;
#else
using Net = nn::Network<Shape{4, 8, 8}, Cell<4>>;
#endif
static_assert(Net::parameters > 0);

}  // namespace
