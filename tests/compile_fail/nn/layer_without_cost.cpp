// expect-error: Sequential: every part must be a layer
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/network.hpp"

namespace {

using namespace tepui;

/// Everything but cost().
struct Mine {
  static constexpr nn::Rule check(Shape) { return nn::Rule::fits; }
  static constexpr Shape output(Shape in) { return in; }
  static constexpr std::size_t parameters(Shape) { return 0; }
  static constexpr std::size_t buffers(Shape) { return 0; }
  static constexpr Extent saved(Shape) { return {}; }
  static constexpr nn::Flow flow(const std::uint8_t*) { return nn::Flow::general; }
  static constexpr bool adds(const std::uint8_t*) { return false; }
  static void describe(Shape, nn::Description&) {}
#ifdef EXPECT_ERROR
#else
  static constexpr Cost cost(Shape, const cost::Query&) { return {}; }
#endif
};
using Net = nn::Network<Shape{4, 8, 8}, nn::Conv2d<4, 3>, Mine>;
static_assert(Net::parameters > 0);

}  // namespace
