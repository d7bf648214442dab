// expect-error: network: a layer does not accept the shape it is given; the type above names
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/explain.hpp"
#include "tepui/nn/pair_cell.hpp"
#include "tepui/nn/pair_chain.hpp"

using namespace tepui;
using namespace tepui::nn;

#ifdef EXPECT_ERROR
constexpr int groups = 3;
#else
constexpr int groups = 2;
#endif
using Grouped = Conv2d<4, 3, 1, same_padding, 1, groups>;
using Joins = PairCell<Conv2d<4, 1>, Conv2d<4, 1>,
                       types<Edge<0, 2, Conv2d<4, 3>>, Edge<1, 3, Grouped>>, 2, 3>;
// A Network says this too, and that it does not fit.
template <class Chain, Shape In>
constexpr bool fits() {
  if constexpr (Chain::check(In) != Rule::fits) explain_layer<Chain, In, 0>();
  return true;
}
static_assert(fits<PairChain<Identity, Joins, Joins>, Shape{3, 8, 8}>());
