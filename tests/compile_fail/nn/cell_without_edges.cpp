// expect-error: Cell: list the edges by target node
#include "tepui/nn/cell.hpp"
#include "tepui/nn/conv2d.hpp"

namespace {

using namespace tepui;

#ifdef EXPECT_ERROR
using Cell = nn::Cell<2>;
#else
using Cell = nn::Cell<2, nn::Edge<0, 1, nn::Conv2d<4, 3> > >;
#endif
static_assert(Cell::output({4, 8, 8}).channels == 4);

}  // namespace
