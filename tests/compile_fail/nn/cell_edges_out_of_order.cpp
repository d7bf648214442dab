// expect-error: Cell: list the edges by target node
#include "tepui/nn/cell.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"

namespace {

using namespace tepui;

using Conv = nn::Conv2d<4, 3>;
#ifdef EXPECT_ERROR
using Cell = nn::Cell<3, nn::Edge<0, 2, Conv>, nn::Edge<0, 1, Conv>, nn::Edge<1, 2, Conv>>;
#else
using Cell = nn::Cell<3, nn::Edge<0, 1, Conv>, nn::Edge<0, 2, Conv>, nn::Edge<1, 2, Conv>>;
#endif
static_assert(Cell::output({4, 8, 8}).channels == 4);

}  // namespace
