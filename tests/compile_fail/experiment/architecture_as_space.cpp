// expect-error: experiment: the first argument must be a search space
#include "tepui/experiment/experiment.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/nn/pool.hpp"

namespace {

using namespace tepui;

using Mine = Space<Shape{3, 8, 8}, space::Choice<0, nn::Identity, nn::Conv2d<3, 3>>,
                   nn::GlobalAvgPool, nn::Linear<10>>;
using Net = nn::Network<Shape{3, 8, 8}, nn::GlobalAvgPool, nn::Linear<10>>;
#ifdef EXPECT_ERROR
static_assert(sizeof(Experiment<Net>) > 0);
#else
static_assert(sizeof(Experiment<Mine>) > 0 && Net::parameters > 0);
#endif

}  // namespace
