#include "tepui/space/operators.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "support/toy_space.hpp"
#include "tepui/space/enumeration.hpp"

namespace {

namespace space = tepui::space;
using tepui::random::Key;
using tepui::random::Stream;

template <class Encoding>
std::size_t hamming(const Encoding& a, const Encoding& b) {
  std::size_t distance = 0;
  for (std::size_t i = 0; i < Encoding::size(); ++i) distance += a[i] != b[i] ? 1 : 0;
  return distance;
}

constexpr bool operators_run_at_compile_time() {
  Stream stream{Key{1}};
  const auto a = space::sample<toy::Repaired>(stream);
  const auto b = space::sample<toy::Repaired>(stream);
  const auto mutant = space::mutate<toy::Repaired>(a, 0.5, stream);
  const auto one = space::mutate_one<toy::Repaired>(a, stream);
  const auto child = space::crossover_uniform<toy::Repaired>(a, b, stream);
  const auto pair = space::crossover_two_point<toy::Repaired>(a, b, stream);
  const auto near = space::mutate_polynomial<toy::Repaired>(a, 0.5, 1.0, stream);
  for (const auto& neighbour : space::neighbours<toy::Repaired>(a, stream)) {
    if (!toy::Repaired::valid(neighbour)) return false;
  }
  return toy::Repaired::valid(near) && toy::Repaired::valid(mutant) && toy::Repaired::valid(one) &&
         toy::Repaired::valid(child) && toy::Repaired::valid(pair[0]) &&
         toy::Repaired::valid(pair[1]);
}
static_assert(operators_run_at_compile_time());

TEST(Sample, IsUniformOverEncodings) {
  Stream stream{Key{2}};
  std::map<std::uint64_t, int> counts;
  for (int i = 0; i < 24000; ++i) {
    ++counts[space::rank<toy::Mixed>(space::sample<toy::Mixed>(stream))];
  }
  EXPECT_EQ(counts.size(), 24u);
  for (const auto& [rank, count] : counts) EXPECT_NEAR(count, 1000, 160) << rank;  // 5 sigma
}

TEST(Sample, IsRepaired) {
  Stream stream{Key{3}};
  for (int i = 0; i < 500; ++i) {
    EXPECT_TRUE(toy::RepairedBig::valid(space::sample<toy::RepairedBig>(stream)));
  }
}

struct OnlyRepair {
  using Encoding = tepui::Encoding<2>;
  static constexpr std::size_t decisions = 2;
  static constexpr std::array<std::uint8_t, 2> options = {2, 2};
  static Encoding repair(Encoding encoding, Stream&) {
    if (encoding[0] == 1) encoding[1] = 0;
    return encoding;
  }
};
static_assert(OnlyRepair::options.size() == OnlyRepair::decisions);

TEST(IsValid, AsksTheRuleOrTheRepair) {
  EXPECT_TRUE(space::is_valid<OnlyRepair>({{1, 0}}));
  EXPECT_FALSE(space::is_valid<OnlyRepair>({{1, 1}}));
  EXPECT_FALSE(space::is_valid<toy::Repaired>({{1, 1, 1, 0, 0, 0, 1, 1}}));
  EXPECT_TRUE(space::is_valid<toy::Repaired>({{1, 1, 0, 0, 0, 0, 1, 1}}));
  EXPECT_TRUE(space::is_valid<toy::Small>({}));
}

TEST(Mutate, ExtremesOfTheRate) {
  Stream stream{Key{4}};
  const auto start = space::sample<toy::Big>(stream);
  EXPECT_EQ(space::mutate<toy::Big>(start, 0, stream), start);
  EXPECT_EQ(hamming(space::mutate<toy::Big>(start, 1, stream), start), 28u);  // every gene changes
}

TEST(Mutate, RatesOfBothKindsOfRedraw) {
  Stream stream{Key{5}};
  const toy::Big::Encoding start{};
  double other = 0, any = 0;
  constexpr int rounds = 4000;
  for (int i = 0; i < rounds; ++i) {
    other += static_cast<double>(hamming(space::mutate<toy::Big>(start, 0.1, stream), start));
    any += static_cast<double>(
        hamming(space::mutate<toy::Big>(start, 0.1, stream, space::Redraw::any), start));
  }
  EXPECT_NEAR(other / rounds, 2.8, 0.13);        // 28 * 0.1, five standard errors
  EXPECT_NEAR(any / rounds, 2.8 * 7 / 8, 0.12);  // one redraw in eight keeps the value
}

TEST(Mutate, OnlyTheLeadingGenesWhenAsked) {
  Stream stream{Key{6}};
  const auto start = space::sample<toy::Big>(stream);
  const auto mutant = space::mutate<toy::Big>(start, 1, stream, space::Redraw::other, 14);
  EXPECT_EQ(hamming(mutant, start), 14u);
  for (std::size_t i = 14; i < 28; ++i) EXPECT_EQ(mutant[i], start[i]);
}

TEST(MutateOne, ReachesEveryNeighbourEquallyPerGene) {
  Stream stream{Key{7}};
  const toy::Mixed::Encoding start{{1, 1, 0, 2}};
  std::map<std::uint64_t, int> counts;
  for (int i = 0; i < 18000; ++i) {
    const auto mutant = space::mutate_one<toy::Mixed>(start, stream);
    ASSERT_EQ(hamming(mutant, start), 1u);
    ASSERT_EQ(mutant[2], 0);  // this gene has no other option
    ++counts[space::rank<toy::Mixed>(mutant)];
  }
  ASSERT_EQ(counts.size(), 6u);
  // A third of the draws per free gene, shared among its 1, 2 or 3 other options.
  EXPECT_NEAR(counts[space::rank<toy::Mixed>({{0, 1, 0, 2}})], 6000, 320);
  EXPECT_NEAR(counts[space::rank<toy::Mixed>({{1, 0, 0, 2}})], 3000, 250);
  EXPECT_NEAR(counts[space::rank<toy::Mixed>({{1, 1, 0, 3}})], 2000, 205);
}

TEST(MutateOne, LeavesASpaceWithoutChoicesAlone) {
  Stream stream{Key{8}};
  EXPECT_EQ((space::mutate_one<toy::Grid<3, 1>>({}, stream)), (tepui::Encoding<3>{}));
}

TEST(CrossoverUniform, TakesGenesFromBothParents) {
  Stream stream{Key{9}};
  toy::Big::Encoding a{}, b{};
  for (std::size_t i = 0; i < 28; ++i) b[i] = 7;
  double from_b = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto child = space::crossover_uniform<toy::Big>(a, b, stream);
    for (const auto gene : child) {
      ASSERT_TRUE(gene == 0 || gene == 7);
      from_b += gene == 7 ? 1 : 0;
    }
  }
  EXPECT_NEAR(from_b / 2000, 14, 0.3);
}

TEST(CrossoverTwoPoint, SwapsOneInnerSegment) {
  Stream stream{Key{10}};
  std::set<std::pair<std::size_t, std::size_t>> segments;
  for (int round = 0; round < 2000; ++round) {
    toy::Small::Encoding a{}, b{};
    for (std::size_t i = 0; i < 6; ++i) {
      a[i] = static_cast<std::uint8_t>(stream.below(2));
      b[i] = static_cast<std::uint8_t>(2 + stream.below(3));
    }
    const auto children = space::crossover_two_point<toy::Small>(a, b, stream);
    std::vector<std::size_t> swapped;
    for (std::size_t i = 0; i < 6; ++i) {
      const bool moved = children[0][i] == b[i];
      ASSERT_EQ(children[0][i], moved ? b[i] : a[i]);
      ASSERT_EQ(children[1][i], moved ? a[i] : b[i]);
      if (moved) swapped.push_back(i);
    }
    ASSERT_FALSE(swapped.empty());
    ASSERT_EQ(swapped.back() - swapped.front() + 1, swapped.size());
    ASSERT_NE(swapped.front(), 0u);
    ASSERT_NE(swapped.back(), 5u);
    segments.insert({swapped.front(), swapped.size()});
  }
  EXPECT_EQ(segments.size(), 10u);  // two of the five cuts
}

TEST(CrossoverTwoPoint, NeedsThreeGenes) {
  Stream stream{Key{11}};
  const tepui::Encoding<2> a{{0, 1}}, b{{2, 2}};
  const auto children = space::crossover_two_point<toy::Grid<2, 3>>(a, b, stream);
  EXPECT_EQ(children[0], a);
  EXPECT_EQ(children[1], b);
}

TEST(PolynomialMutation, WorkedExample) {
  const std::array<double, 6> u = {0, 0.1, 0.25, 0.5, 0.75, 0.9};
  const std::map<double, std::array<double, 6>> expected = {
      {1, {0, 0.264911, 0.581139, 1, 1.418861, 1.735089}},
      {0, {0, 0, 0, 0, 0.585786, 1.105573}},
      {2, {0, 0.894427, 1.414214, 2, 2, 2}}};
  for (const auto& [x, row] : expected) {
    for (std::size_t i = 0; i < u.size(); ++i) {
      EXPECT_NEAR(space::polynomial_mutation(x, 0, 2, 1, u[i]), row[i], 5e-7) << x << " " << u[i];
    }
  }
}

TEST(PolynomialMutation, NeverLeavesTheBounds) {
  for (double u = 0; u <= 1; u += 1.0 / 512) {
    for (double x = -0.5; x <= 2.5; x += 0.25) {
      for (const double eta : {0.0, 1.0, 20.0}) {
        const double moved = space::polynomial_mutation(x, -0.5, 2.5, eta, u);
        EXPECT_GE(moved, -0.5);
        EXPECT_LE(moved, 2.5);
      }
    }
  }
  EXPECT_EQ(space::polynomial_mutation(3, 3, 3, 1, 0.7), 3);
}

TEST(PolynomialMutation, TransitionRowsOfThreeOptions) {
  const std::array<std::array<double, 3>, 3> expected = {
      {{0.657, 0.229, 0.114}, {0.296, 0.407, 0.296}, {0.114, 0.229, 0.657}}};
  constexpr int steps = 200000;
  for (std::uint8_t x = 0; x < 3; ++x) {
    std::array<double, 3> row{};
    for (int i = 0; i < steps; ++i) {
      row[space::polynomial_mutation_index(x, 3, 1, (i + 0.5) / steps)] += 1.0 / steps;
    }
    for (std::size_t y = 0; y < 3; ++y) EXPECT_NEAR(row[y], expected[x][y], 6e-4);
  }
}

TEST(PolynomialMutation, RoundsHalvesToEven) {
  EXPECT_EQ(space::polynomial_mutation_index(0, 3, 1, 0.0), 0);  // -0.5 -> -0 -> 0
  EXPECT_EQ(space::polynomial_mutation_index(2, 3, 1, 1.0), 2);  // 2.5 -> 2
  EXPECT_EQ(space::polynomial_mutation_index(0, 1, 1, 0.9), 0);
  EXPECT_EQ(space::polynomial_mutation_index(3, 4, 1, 1.0), 3);  // 3.5 -> 4, clamped to 3
}

TEST(PolynomialMutation, HasTheSameBitsInConstantExpressions) {
  constexpr std::size_t steps = 500;
  constexpr auto moved = [](std::size_t i) {
    const double u = (static_cast<double>(i) + 0.3) / steps;
    const double eta = 0.7 * static_cast<double>(i % 5);
    return space::polynomial_mutation(static_cast<double>(i % 7) * 0.41, -0.5, 4.5, eta, u);
  };
  constexpr auto constants = [moved] {
    std::array<double, steps> values{};
    for (std::size_t i = 0; i < steps; ++i) values[i] = moved(i);
    return values;
  }();
  for (std::size_t i = 0; i < steps; ++i) {
    const volatile std::size_t at = i;  // so that nothing is folded
    EXPECT_EQ(moved(at), constants[i]);
  }
}

TEST(MutatePolynomial, ChanceThatNothingIsDrawn) {
  // 46 genes at rate 1/46: no gene is drawn with probability (45/46)^46 = 0.3638; with 250 options
  // and a flat distribution a drawn gene keeps its value about once in 250.
  using Space = toy::Grid<46, 250>;
  Space::Encoding start{};
  for (auto& gene : start.choices) gene = 125;
  Stream stream{Key{12}};
  int unchanged = 0;
  for (int i = 0; i < 20000; ++i) {
    unchanged += space::mutate_polynomial<Space>(start, 1.0 / 46, 0.0, stream) == start ? 1 : 0;
  }
  EXPECT_NEAR(unchanged / 20000.0, std::pow(45.0 / 46, 46), 0.02);
  EXPECT_EQ(space::mutate_polynomial<Space>(start, 0, 1, stream), start);
}

TEST(Neighbours, AreAllEncodingsOneGeneAway) {
  const toy::Mixed::Encoding start{{1, 1, 0, 2}};
  const auto near = space::neighbours<toy::Mixed>(start);
  const std::vector<toy::Mixed::Encoding> expected = {{{0, 1, 0, 2}}, {{1, 0, 0, 2}},
                                                      {{1, 2, 0, 2}}, {{1, 1, 0, 0}},
                                                      {{1, 1, 0, 1}}, {{1, 1, 0, 3}}};
  EXPECT_EQ(near, expected);
  Stream stream{Key{13}}, untouched{Key{13}};
  EXPECT_EQ(space::neighbours<toy::Mixed>(start, stream), expected);
  EXPECT_EQ(stream(), untouched());
  EXPECT_EQ(space::neighbours<toy::Big>({}).size(), 28u * 7u);
}

TEST(Neighbours, AreValidWhereTheSpaceHasARule) {
  const toy::Repaired::Encoding start{{1, 2, 0, 0, 0, 1, 0, 1}};
  const auto near = space::neighbours<toy::Repaired>(start);
  EXPECT_EQ(near.size(), 4u);  // the four live genes may take the other live option
  Stream stream{Key{14}};
  const auto repaired = space::neighbours<toy::Repaired>(start, stream);
  EXPECT_GT(repaired.size(), 4u);
  std::set<toy::Repaired::Encoding> unique(repaired.begin(), repaired.end());
  EXPECT_EQ(unique.size(), repaired.size());
  EXPECT_FALSE(unique.contains(start));
  for (const auto& encoding : repaired) EXPECT_TRUE(toy::Repaired::valid(encoding));
  for (const auto& encoding : near) EXPECT_TRUE(unique.contains(encoding));
}

}  // namespace
