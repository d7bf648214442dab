#include "tepui/space/small.hpp"

#include <gtest/gtest.h>

#include <set>
#include <span>
#include <string>
#include <vector>

#include "tepui/backend/cpu.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/space/materialize.hpp"
#include "tepui/supernet/extract.hpp"

namespace {

using tepui::Encoding;
using tepui::Shape;
using S = tepui::space::Small<>;

TEST(Small, HasSeventyTwoArchitecturesWithNamesOfTheirOwn) {
  EXPECT_EQ(tepui::space::cardinality<S>(), 72u);
  std::set<std::string> names;
  for (std::uint64_t i = 0; i < 72; ++i) names.insert(S::print(tepui::space::unrank<S>(i)));
  EXPECT_EQ(names.size(), 72u);
  EXPECT_EQ(S::print({{1, 0, 1, 1}}), "conv3 max width16 skip");
  EXPECT_EQ(S::print({{3, 2, 2, 0}}), "separable3 strided width32 plain");
}

TEST(Small, CostsWhatTheLayersCost) {
  // stem 3*8*9 + 16; filter 8*16 + 32; block 16*8 + 16, 8*16*9 + 32; linear 16*10 + 10
  EXPECT_EQ(tepui::cost_of<S>({{0, 0, 0, 0}}).params, 232 + 160 + 144 + 1184 + 170);
  // separable: 8*9 + 8*16 + 32 in place of 160
  EXPECT_EQ(tepui::cost_of<S>({{3, 1, 0, 1}}).params, 232 + 232 + 144 + 1184 + 170);
  // 5x5: 8*16*25 + 32; strided: 16*16*4; width 32: 16*32 + 64, 32*16*9 + 32
  EXPECT_EQ(tepui::cost_of<S>({{2, 2, 2, 0}}).params, 232 + 3232 + 1024 + 576 + 4640 + 170);
  // stem 216, filter 128 at 256 pixels; block 128 + 1152 at 64; linear 160 + 10
  EXPECT_EQ(tepui::cost_of<S>({{0, 0, 0, 0}}).macs, (216 + 128) * 256 + 1280 * 64 + 170);
}

TEST(Small, TakesOtherShapesAndClasses) {
  using Grey = tepui::space::Small<Shape{1, 29, 28}, 4>;
  EXPECT_EQ(Grey::Network::output, (Shape{4, 1, 1}));
  EXPECT_EQ(tepui::space::cardinality<Grey>(), 72u);
  // one input channel instead of three, four classes instead of ten
  EXPECT_EQ(tepui::cost_of<Grey>({}).params, tepui::cost_of<S>({}).params - 2 * 72 - 6 * 17);
}

TEST(Small, StaticNetworkEqualsThePathOfTheSupernet) {
  constexpr Encoding<4> code{{3, 2, 1, 1}};
  tepui::nn::Model<S::Network> supernet(2);
  supernet.initialize({.seed = 5, .purpose = tepui::random::Purpose::initialize});
  auto single = tepui::supernet::extract<S, code>(supernet);
  EXPECT_EQ(single.parameters().size(), static_cast<std::size_t>(tepui::cost_of<S>(code).params));

  std::vector<float> images(2 * S::input.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    images[i] = static_cast<float>(i % 17) / 8.0f - 1.0f;
  }
  auto path = supernet.pass(2, code.data());
  const float* shared = supernet.forward(path, images.data());
  const std::vector<float> expected(shared, shared + 20);
  auto own = single.pass(2);
  const float* scores = single.forward(own, images.data());
  for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(scores[i], expected[i], 1e-4f) << i;
  EXPECT_NE(expected[0], expected[1]);
}

}  // namespace
