// expect-error: Edge: an edge runs from an earlier node to a later one
#include "tepui/nn/cell.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/network.hpp"

namespace {

using namespace tepui;

using Conv = nn::Conv2d<4, 3>;
#ifdef EXPECT_ERROR
using Last = nn::Edge<2, 1, Conv>;
#else
using Last = nn::Edge<1, 2, Conv>;
#endif
static_assert(Last::from >= 1);

}  // namespace
