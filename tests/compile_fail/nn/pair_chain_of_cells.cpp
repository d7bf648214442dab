// expect-error: PairChain: every part must be a layer of two inputs; see nn/pair_layer.hpp
#include "tepui/nn/cell.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/pair_cell.hpp"
#include "tepui/nn/pair_chain.hpp"

using namespace tepui;
using namespace tepui::nn;

#ifdef EXPECT_ERROR
using Part = Cell<2, Edge<0, 1, Conv2d<4, 3>>>;
#else
using Part = PairCell<Identity, Identity, types<Edge<0, 2, Identity>>, 2>;
#endif
using Chain = PairChain<Identity, Part>;
static_assert(sizeof(Chain) > 0);
