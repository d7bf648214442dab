// top_k and pareto_front against the same question asked at run time.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "tepui/search/dominance.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/space/pareto_front.hpp"
#include "tepui/space/small.hpp"
#include "tepui/space/top_k.hpp"

namespace {

using tepui::Cost;
using tepui::minimize;
using tepui::pareto_front;
using tepui::top_k;
namespace key = tepui::key;
using S = tepui::space::Small<>;
using Bench = tepui::space::NasBench201<>;

template <class Space>
std::vector<typename Space::Encoding> all() {
  std::vector<typename Space::Encoding> codes;
  for (std::uint64_t i = 0; i < tepui::space::cardinality<Space>(); ++i) {
    codes.push_back(tepui::space::unrank<Space>(i));
  }
  return codes;
}

template <class Space>
Cost cost(const typename Space::Encoding& code) {
  return Space::Network::cost({.choices = code.data()});
}

TEST(TopK, IsTheHeadOfAStableSort) {
  constexpr auto best = top_k<S, 30>(minimize(key::macs));
  auto codes = all<S>();
  std::stable_sort(codes.begin(), codes.end(),
                   [](const auto& a, const auto& b) { return cost<S>(a).macs < cost<S>(b).macs; });
  EXPECT_TRUE(std::equal(best.begin(), best.end(), codes.begin()));
}

TEST(TopK, JoinsThePiecesOfALargeSpace) {
  constexpr auto uneven = [](Cost c, const Bench::Encoding& code) {
    return static_cast<double>(c.macs % 1'000'003) + code[5] - 3.0 * code[1];
  };
  constexpr auto best = top_k<Bench, 40>(uneven);
  auto codes = all<Bench>();
  std::stable_sort(codes.begin(), codes.end(), [&](const auto& a, const auto& b) {
    return uneven(cost<Bench>(a), a) > uneven(cost<Bench>(b), b);
  });
  EXPECT_TRUE(std::equal(best.begin(), best.end(), codes.begin()));
}

template <class Space, class Values>
std::vector<typename Space::Encoding> front_at_run_time(Values values) {
  const auto codes = all<Space>();
  std::vector<std::vector<double>> points;
  for (const auto& code : codes) points.push_back(values(cost<Space>(code), code));
  std::vector<typename Space::Encoding> front;
  for (const std::size_t i :
       tepui::search::non_dominated(points, tepui::search::Direction::maximise)) {
    front.push_back(codes[i]);
  }
  return front;
}

TEST(ParetoFront, IsWhatNobodyDominates) {
  constexpr auto front =
      pareto_front<S>(key::depth, minimize(key::params), minimize(key::peak_activations));
  const auto expected = front_at_run_time<S>([](Cost c, const auto& code) {
    return std::vector<double>{static_cast<double>(tepui::depth_of<S>(code)),
                               -static_cast<double>(c.params),
                               -static_cast<double>(tepui::peak_activations_of<S>(code))};
  });
  ASSERT_EQ(front.size(), expected.size());
  EXPECT_TRUE(std::equal(front.begin(), front.end(), expected.begin()));
  EXPECT_LT(front.size(), 72u);
}

TEST(ParetoFront, JoinsThePiecesOfALargeSpace) {
  constexpr auto used = [](Cost, const Bench::Encoding& code) {
    double sum = 0;
    for (std::size_t d = 0; d < 6; ++d) sum += static_cast<double>((code[d] * (d + 3)) % 5);
    return sum;
  };
  constexpr auto front = pareto_front<Bench>(used, minimize(key::activations));
  const auto expected = front_at_run_time<Bench>([&](Cost c, const auto& code) {
    return std::vector<double>{used(c, code), -static_cast<double>(c.activations)};
  });
  ASSERT_EQ(front.size(), expected.size());
  EXPECT_TRUE(std::equal(front.begin(), front.end(), expected.begin()));
}

}  // namespace
