// One architecture, three views: encoding, static network, path through the supernet.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "tepui/nn/nn.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/space/materialize.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/space/spell.hpp"
#include "tepui/supernet/extract.hpp"

namespace {

using namespace tepui;

using Tiny = space::NasBench201<4, 2, 5, Shape{3, 8, 8}>;

/// A choice inside an option of another, one decision at two places, and a mask.
template <int Decision, class... More>
using Pick = space::Choice<Decision, nn::Identity, nn::Conv2d<6, 3>, More...>;
using Nested = Space<Shape{3, 8, 8}, nn::Conv2d<6, 3>, nn::BatchNorm2d<>,
                     space::Choice<0, nn::Sequential<Pick<1>, nn::Relu, nn::Dropout<20>>,
                                   nn::Residual<Pick<2, nn::AvgPool<3, 1, 1>>>, nn::Zero<>>,
                     Pick<1>, nn::GlobalAvgPool, nn::Linear<5>>;

template <class S, typename S::Encoding Code>
void expect_same_network() {
  using Alone = materialize_t<S, Code>;
  SCOPED_TRACE(to_string(Code));
  EXPECT_EQ(space::spell<S>(Code), type_name<Alone>());
  for (const auto rule :
       {cost::Rule::f201, cost::Rule::thop, cost::Rule::older, cost::Rule::spos}) {
    EXPECT_EQ(cost_of<S>(Code, rule), Alone::cost({.rule = rule}));
    EXPECT_EQ(cost_of<S>(Code, rule), S::Network::cost({rule, Code.data()}));
  }
  EXPECT_EQ(static_cast<std::int64_t>(Alone::parameters), cost_of<S>(Code).params);

  constexpr int batch = 3;
  nn::Model<typename S::Network, double> supernet(batch);
  supernet.initialize({11, random::Purpose::initialize, 0});
  random::Stream stream({12, random::Purpose::user, 0});
  for (double& b : supernet.buffers()) b += 0.3 * stream.uniform();
  auto alone = supernet::extract<S, Code>(supernet);
  static_assert(decltype(alone)::input == S::input);

  std::vector<double> x(batch * S::input.size());
  for (double& v : x) v = stream.normal();
  const std::array<std::uint16_t, batch> labels{0, 4, 2};
  std::vector<double> whole(supernet.parameters().size()), part(alone.parameters().size());
  for (const auto statistics : {nn::Statistics::running, nn::Statistics::batch_and_track}) {
    auto path = supernet.pass(batch, Code.data());
    auto pass = alone.pass(batch);
    path.statistics = pass.statistics = statistics;
    path.stochastic = pass.stochastic = statistics != nn::Statistics::running;
    path.noise = pass.noise = {13, random::Purpose::dropout, 4};
    const auto a = supernet.loss_and_gradient(path, x.data(), labels.data(), whole, 0.1);
    const auto b = alone.loss_and_gradient(pass, x.data(), labels.data(), part, 0.1);
    EXPECT_NEAR(a.loss_sum, b.loss_sum, 1e-12);
    EXPECT_EQ(a.correct, b.correct);

    // The gradient of the path equals the static network's; off the path it is zero.
    std::vector<bool> on_path(whole.size());
    std::size_t i = 0;
    for (const auto& tensor : S::Network::describe(Code.data()).parameters) {
      for (std::size_t k = 0; k < tensor.count; ++k, ++i) {
        ASSERT_NEAR(whole[tensor.offset + k], part[i], 1e-12) << tensor.name;
        on_path[tensor.offset + k] = true;
      }
    }
    EXPECT_EQ(i, part.size());
    for (std::size_t k = 0; k < whole.size(); ++k) {
      if (!on_path[k]) {
        ASSERT_EQ(whole[k], 0) << k;
      }
    }
  }
  // Tracking moved the same statistics by the same amount.
  const auto after = supernet::gather(supernet, Code.data());
  ASSERT_EQ(after.buffers.size(), alone.buffers().size());
  for (std::size_t k = 0; k < after.buffers.size(); ++k) {
    EXPECT_NEAR(after.buffers[k], alone.buffers()[k], 1e-12);
  }
}

TEST(RoundTrip, NasBench201) {
  expect_same_network<Tiny, Tiny::Encoding{{3, 0, 2, 1, 4, 3}}>();
  expect_same_network<Tiny, Tiny::Encoding{{0, 0, 0, 0, 0, 0}}>();
  expect_same_network<Tiny, Tiny::Encoding{{0, 2, 3, 0, 3, 2}}>();
}

TEST(RoundTrip, NestedChoices) {
  expect_same_network<Nested, Nested::Encoding{{0, 1, 0}}>();
  expect_same_network<Nested, Nested::Encoding{{1, 0, 2}}>();
  expect_same_network<Nested, Nested::Encoding{{2, 1, 1}}>();
}

TEST(RoundTrip, NestedChoicesHaveTheirDecisions) {
  static_assert(Nested::decisions == 3);
  static_assert(Nested::options == std::array<std::uint8_t, 3>{3, 2, 3});
  static_assert(space::cardinality<Nested>() == 18);
  // What decision 2 takes only costs where decision 0 takes its option.
  EXPECT_EQ(cost_of<Nested>({{0, 0, 0}}), cost_of<Nested>({{0, 0, 1}}));
  EXPECT_EQ(cost_of<Nested>({{1, 0, 1}}).params - cost_of<Nested>({{1, 0, 0}}).params, 6 * 6 * 9);
  // Decision 1 stands at two places when decision 0 is 0.
  EXPECT_EQ(cost_of<Nested>({{0, 1, 0}}).params - cost_of<Nested>({{0, 0, 0}}).params,
            2 * 6 * 6 * 9);
}

TEST(RoundTrip, CostTablesAgreeWithTheWalkOnEveryHundredthNetwork) {
  for (std::uint64_t i = 0; i < 15625; i += 97) {
    const auto code = space::unrank<Tiny>(i);
    ASSERT_EQ(cost_of<Tiny>(code), Tiny::Network::cost({cost::Rule::f201, code.data()}));
  }
}

}  // namespace
