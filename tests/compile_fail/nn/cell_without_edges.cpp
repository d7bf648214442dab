// expect-error: Cell: list the edges by target node
#include "tepui/nn/cell.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/network.hpp"

namespace {

using namespace tepui;

#ifdef EXPECT_ERROR
using Cell = nn::Cell<2>;
#else
using Cell = nn::Cell<2, nn::Edge<0, 1, nn::Conv2d<4, 3> > >;
#endif
using Net = nn::Network<Shape{4, 8, 8}, Cell>;
static_assert(Net::parameters > 0);

}  // namespace
