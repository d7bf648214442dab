// expect-error: network: a layer does not accept the shape it is given
#include "tepui/nn/activation.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/network.hpp"
#include "tepui/nn/pool.hpp"
#include "tepui/nn/repeat.hpp"
#include "tepui/nn/residual.hpp"

namespace {

using namespace tepui;

template <int Kernel>
using Net =
    nn::Network<Shape{3, 8, 8}, nn::Conv2d<8, 3>,
                nn::Repeat<2, nn::Residual<nn::Sequential<
                                  nn::Relu, nn::Conv2d<8, Kernel, 1, Kernel / 2 - (Kernel > 8)>>>>,
                nn::AvgPool<2>>;

#ifdef EXPECT_ERROR
static_assert(Net<19>::parameters > 0);
#else
static_assert(Net<5>::parameters > 0);
#endif

}  // namespace
