// The example of docs/concepts/search_space.md.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <type_traits>

#include "tepui/nn/nn.hpp"
#include "tepui/space/choice.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/space/materialize.hpp"
#include "tepui/space/space.hpp"

namespace {

using namespace tepui;

/// Six networks for grey 12x12 images: three ways to look, two ways to shrink.
struct Tiny : Space<Shape{1, 12, 12},  //
                    space::Choice<0, nn::Conv2d<8, 1>, nn::Conv2d<8, 3>, nn::Conv2d<8, 5>>,
                    nn::BatchNorm2d<>, nn::Relu,                       //
                    space::Choice<1, nn::MaxPool<2>, nn::AvgPool<2>>,  //
                    nn::GlobalAvgPool, nn::Linear<10>> {
  static std::string print(const Encoding& code) {
    return "conv" + std::to_string(2 * code[0] + 1) + (code[1] == 0 ? " max" : " average");
  }
};

static_assert(SearchSpace<Tiny>);
static_assert(space::cardinality<Tiny>() == 6);

// An architecture as a value, and as a type; what it costs is the same.
constexpr Tiny::Encoding code{{1, 0}};  // conv3 max
using Architecture = materialize_t<Tiny, code>;
static_assert(cost_of<Tiny>(code) == Architecture::cost());

static_assert(
    std::is_same_v<Architecture,
                   nn::Network<Shape{1, 12, 12}, nn::Conv2d<8, 3>, nn::BatchNorm2d<>, nn::Relu,
                               nn::MaxPool<2>, nn::GlobalAvgPool, nn::Linear<10>>>);

TEST(SearchSpacePage, ExampleCostsWhatAHandCountSays) {
  // 3x3 weights, scale and shift, linear map with bias; pooling has none.
  EXPECT_EQ(cost_of<Tiny>(code).params, 9 * 8 + 2 * 8 + 8 * 10 + 10);
  EXPECT_EQ(cost_of<Tiny>(code).macs, 9 * 8 * 144 + 8 * 10 + 10);
  EXPECT_EQ(cost_of<Tiny>(Tiny::Encoding{{2, 1}}).params, 25 * 8 + 2 * 8 + 8 * 10 + 10);
}

TEST(SearchSpacePage, ExampleIsPrinted) {
  EXPECT_EQ(Tiny::print(code), "conv3 max");
  EXPECT_EQ(Tiny::print({{2, 1}}), "conv5 average");
}

}  // namespace
