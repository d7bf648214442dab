#include "tepui/space/select.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tepui/nn/model.hpp"
#include "tepui/space/for_each_architecture.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/space/small.hpp"

namespace {

using tepui::Cost;
using S = tepui::space::Small<>;
using Bench = tepui::space::NasBench201<>;

constexpr auto light = [](Cost c) { return c.params < 2'000; };
constexpr auto light_ones = tepui::select<S>(light);

/// What select should find, found at run time without its walk.
template <class Space, class Predicate>
std::vector<typename Space::Encoding> filtered(Predicate predicate) {
  std::vector<typename Space::Encoding> result;
  for (std::uint64_t i = 0; i < tepui::space::cardinality<Space>(); ++i) {
    const auto code = tepui::space::unrank<Space>(i);
    if (predicate(Space::Network::cost({.choices = code.data()}))) result.push_back(code);
  }
  return result;
}

TEST(Select, FindsWhatAFilterAtRunTimeFinds) {
  const auto expected = filtered<S>(light);
  ASSERT_EQ(light_ones.size(), expected.size());
  EXPECT_TRUE(std::equal(light_ones.begin(), light_ones.end(), expected.begin()));
  EXPECT_EQ(light_ones[0], expected[0]);
}

TEST(Select, FindsTheLightestHundredthOfTheBenchmark) {
  constexpr auto few = [](Cost c) { return c.params > 1'400'000; };
  constexpr auto chosen = tepui::select<Bench>(few);
  const auto expected = filtered<Bench>(few);
  ASSERT_EQ(chosen.size(), expected.size());
  EXPECT_TRUE(std::equal(chosen.begin(), chosen.end(), expected.begin()));
}

TEST(Select, CountsMacsByTheRuleAskedFor) {
  // the rules differ by 150 in the classifier: 170 against 310 on 16 inputs and 10 classes
  constexpr auto below = [](Cost c) { return c.macs < 170'200; };
  EXPECT_EQ((tepui::count_if<S>(below)), 4u);
  EXPECT_EQ((tepui::count_if<S, tepui::cost::Rule::thop>(below)), 0u);
}

TEST(ForEachArchitecture, VisitsEveryStaticTypeInOrder) {
  std::vector<std::string> codes;
  std::vector<std::int64_t> params;
  tepui::for_each_architecture<light_ones>([&]<class Architecture>(const auto& code) {
    static_assert(Architecture::cost().params < 2'000);
    codes.push_back(to_string(code));
    params.push_back(static_cast<std::int64_t>(Architecture::parameters));
  });
  const std::vector<std::string> expected{"0.0.0.0", "0.0.0.1", "0.1.0.0", "0.1.0.1",
                                          "3.0.0.0", "3.0.0.1", "3.1.0.0", "3.1.0.1"};
  EXPECT_EQ(codes, expected);
  EXPECT_EQ(params, (std::vector<std::int64_t>{1890, 1890, 1890, 1890, 1962, 1962, 1962, 1962}));
}

TEST(ForEachArchitecture, TakesVisitorsWithoutTheEncoding) {
  constexpr auto one = tepui::select<S>([](Cost, const tepui::Encoding<4>& code) {
    return code == tepui::Encoding<4>{{1, 2, 0, 1}};
  });
  int visits = 0;
  tepui::for_each_architecture<one>([&visits]<class Architecture>() {
    tepui::nn::Model<Architecture> network;
    EXPECT_EQ(network.parameters().size(), 3938u);
    ++visits;
  });
  EXPECT_EQ(visits, 1);
}

}  // namespace
