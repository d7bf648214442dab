// expect-error: Sequential: at least one layer is needed
#include "tepui/nn/linear.hpp"
#include "tepui/nn/network.hpp"

namespace {

using namespace tepui;

#ifdef EXPECT_ERROR
using Net = nn::Network<Shape{4, 8, 8}>;
#else
using Net = nn::Network<Shape{4, 8, 8}, nn::Linear<10> >;
#endif
static_assert(Net::parameters > 0);

}  // namespace
