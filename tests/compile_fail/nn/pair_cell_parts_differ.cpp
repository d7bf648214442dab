// expect-error: network: a layer of two inputs does not accept the shapes it is given
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/nn/network.hpp"
#include "tepui/nn/pair_cell.hpp"
#include "tepui/nn/pair_chain.hpp"

using namespace tepui;
using namespace tepui::nn;

#ifdef EXPECT_ERROR
using Second = Conv2d<4, 3, 2>;
#else
using Second = Conv2d<4, 3>;
#endif
using Joins =
    PairCell<Conv2d<4, 1>, Conv2d<4, 1>, types<Edge<0, 2, Conv2d<4, 3>>, Edge<1, 3, Second>>, 2, 3>;
using Net = Network<Shape{3, 8, 8}, PairChain<Identity, Joins, Joins>, Linear<2>>;
static_assert(Net::parameters > 0);
