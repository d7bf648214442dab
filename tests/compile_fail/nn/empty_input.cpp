// expect-error: Network: the input needs at least one channel, row and column
#include "tepui/nn/linear.hpp"
#include "tepui/nn/network.hpp"

namespace {

using namespace tepui;

#ifdef EXPECT_ERROR
using Net = nn::Network<Shape{}, nn::Linear<10>>;
#else
using Net = nn::Network<Shape{4}, nn::Linear<10>>;
#endif
static_assert(Net::parameters > 0);

}  // namespace
