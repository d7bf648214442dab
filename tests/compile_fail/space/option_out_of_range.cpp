// expect-error: materialize: the encoding takes an option that the choice does not have
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/space/materialize.hpp"
#include "tepui/space/space.hpp"

namespace {

using namespace tepui;

using Mine =
    Space<Shape{4, 8, 8}, space::Choice<0, nn::Identity, nn::Conv2d<4, 3>>, nn::Linear<10>>;
#ifdef EXPECT_ERROR
using Net = materialize_t<Mine, Mine::Encoding{{2}}>;
#else
using Net = materialize_t<Mine, Mine::Encoding{{1}}>;
#endif
static_assert(Net::parameters > 0);

}  // namespace
