#include "tepui/space/enumeration.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "support/toy_space.hpp"

namespace {

namespace space = tepui::space;

struct FlatNasGenes {  // 45 genes of 3 options and the resolution
  using Encoding = tepui::Encoding<46>;
  static constexpr std::size_t decisions = 46;
  static constexpr std::array<std::uint8_t, 46> options = [] {
    std::array<std::uint8_t, 46> result{};
    for (auto& count : result) count = 3;
    result[45] = 25;
    return result;
  }();
};
struct TwoTo64 {
  using Encoding = tepui::Encoding<64>;
  static constexpr std::size_t decisions = 64;
  static constexpr std::array<std::uint8_t, 64> options = toy::Grid<64, 2>::options;
};

static_assert(space::cardinality<toy::Small>() == 15625);
static_assert(space::cardinality<toy::Mixed>() == 24);
static_assert(space::countable<toy::Grid<63, 2>> && !space::countable<TwoTo64>);
static_assert(space::cardinality<toy::Grid<63, 2>>() == std::uint64_t{1} << 63);
static_assert(FlatNasGenes::options.size() == FlatNasGenes::decisions);
static_assert(TwoTo64::options.size() == TwoTo64::decisions);
static_assert(!space::countable<toy::Big> && !space::countable<FlatNasGenes>);
static_assert(space::rank<toy::Small>({{1, 2, 3, 4, 0, 1}}) ==
              ((((1 * 5 + 2) * 5 + 3) * 5 + 4) * 5 + 0) * 5 + 1);
static_assert(space::unrank<toy::Mixed>(23) == toy::Mixed::Encoding{{1, 2, 0, 3}});
static_assert(space::in_range<toy::Mixed>({{1, 2, 0, 3}}));
static_assert(!space::in_range<toy::Mixed>({{0, 0, 1, 0}}));

template <toy::Mixed::Encoding Code>
concept Ranked = requires {
  typename std::integral_constant<std::uint64_t, space::rank<toy::Mixed>(Code)>;
};
static_assert(Ranked<toy::Mixed::Encoding{{1, 2, 0, 3}}>);
static_assert(!Ranked<toy::Mixed::Encoding{{1, 2, 1, 3}}>);
static_assert(!Ranked<toy::Mixed::Encoding{{9, 9, 9, 9}}>);

TEST(Enumeration, IsLexicographicWithDecisionZeroFirst) {
  toy::Mixed::Encoding previous{};
  for (std::uint64_t i = 0; i < 24; ++i) {
    const auto encoding = space::unrank<toy::Mixed>(i);
    EXPECT_TRUE(space::in_range<toy::Mixed>(encoding));
    EXPECT_EQ(space::rank<toy::Mixed>(encoding), i);
    if (i > 0) {
      EXPECT_LT(previous, encoding);
    }
    previous = encoding;
  }
  EXPECT_EQ(to_string(space::unrank<toy::Mixed>(1)), "0.0.0.1");
  EXPECT_EQ(to_string(space::unrank<toy::Mixed>(4)), "0.1.0.0");
  EXPECT_EQ(to_string(space::unrank<toy::Mixed>(12)), "1.0.0.0");
}

TEST(Enumeration, RoundTripsAtTheTopOf64Bits) {
  using Wide = toy::Grid<63, 2>;
  const std::uint64_t last = (std::uint64_t{1} << 63) - 1;
  EXPECT_EQ(space::rank<Wide>(space::unrank<Wide>(last)), last);
}

TEST(Enumeration, LogarithmForSpacesOfAnySize) {
  EXPECT_NEAR(space::log10_cardinality<toy::Small>(), std::log10(15625.0), 1e-12);
  EXPECT_NEAR(space::log10_cardinality<FlatNasGenes>(), 45 * std::log10(3.0) + std::log10(25.0),
              1e-9);
}

}  // namespace
