#include "tepui/core/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "tepui/core/hash.hpp"

namespace {

namespace random = tepui::random;
using random::Key;
using random::Purpose;
using random::Stream;
using Words = std::array<std::uint32_t, 4>;

static_assert(std::uniform_random_bit_generator<Stream>);
static_assert(random::block(Key{1, Purpose::user, 2}, 3) ==
              random::block(Key{1, Purpose::user, 2}, 3));

// Known-answer tests of the Random123 distribution, file kat_vectors, philox4x32 10.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(random::philox({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(
      random::philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
      (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(
      random::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
      (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// Worked out with an independent program; they pin what a seed means.
TEST(Streams, PlaceOfSeedPurposeStepAndIndex) {
  EXPECT_EQ(random::block({0x0123456789abcdef, Purpose::noise, 0x1122334455667788}, 0xabcd00000001),
            (Words{0x4fdeba40, 0xc29ed9ab, 0xcd1a8a4c, 0xa946f18f}));
  EXPECT_EQ(random::block({7, Purpose::shuffle, 3}, 0),
            (Words{0xfa1eb6c7, 0x9dd81003, 0xff72a3aa, 0xf42653fc}));
  EXPECT_EQ(Stream({7, Purpose::shuffle, 3}).uniform(), 0x1.f43d6da776040p-1);
}

TEST(Streams, FamiliesAreSplitmix64OfTheSeed) {
  const Key key{0, Purpose::path, 9};
  EXPECT_EQ(key.with(0), (Key{0xe220a8397b1dcdaf, Purpose::path, 9}));
  EXPECT_EQ((Key{1234567, Purpose::path, 9}.with(0).seed), 0x599ed017fb08fc85u);
  EXPECT_EQ(key.at_step(4), (Key{0, Purpose::path, 4}));
}

TEST(Streams, ReadTheBlocksInOrder) {
  const Key key{5, Purpose::draw, 1};
  Stream stream(key);
  for (std::uint64_t b = 0; b < 5; ++b) {
    for (const std::uint32_t word : random::block(key, b)) EXPECT_EQ(stream(), word);
  }
}

TEST(Streams, DifferInEveryPartOfTheKey) {
  std::set<Words> seen;
  std::size_t keys = 0;
  for (std::uint64_t seed : {0ull, 1ull, 1ull << 32}) {
    for (const Purpose purpose : {Purpose::initialize, Purpose::shuffle, Purpose::user}) {
      for (std::uint64_t step : {0ull, 1ull, 1ull << 32}) {
        const Key key{seed, purpose, step};
        for (const Key& k : {key, key.with(0), key.with(1)}) {
          for (std::uint64_t index : {0ull, 1ull, 1ull << 32}) {
            seen.insert(random::block(k, index));
            ++keys;
          }
        }
      }
    }
  }
  EXPECT_EQ(seen.size(), keys);
}

// Values to 20 digits from an arbitrary-precision program, for the doubles that are written. Two
// lie on either side of each border between the pieces.
TEST(NormalQuantile, MatchesKnownValues) {
  EXPECT_EQ(random::normal_quantile(0.5), 0.0);
  const std::array<std::array<double, 2>, 16> known{{{0.25, -0.67448975019608174320},
                                                     {0.9, 1.2815515655446005935},
                                                     {0.075, -1.4395314709384559153},
                                                     {0.0749, -1.4402382675279636631},
                                                     {0.925, 1.4395314709384562291},
                                                     {0.9251, 1.4402382675279638594},
                                                     {0.975, 1.9599639845400542355},
                                                     {0.001, -3.0902323061678135415},
                                                     {1e-10, -6.3613409024040562047},
                                                     {0x1p-33, -6.3379577545537892525},
                                                     {1 - 0x1p-33, 6.3379577545537892525},
                                                     {1.39e-11, -6.6577770730492017319},
                                                     {1.38e-11, -6.6588385028507655283},
                                                     {1e-20, -9.2623400897984075737},
                                                     {1e-100, -21.273453560965324294},
                                                     {0x1p-1022, -37.519379347144499821}}};
  for (const auto& [p, z] : known) {
    EXPECT_NEAR(random::normal_quantile(p) / z, 1.0, 1e-15) << p;
  }
}

TEST(NormalQuantile, IsOddAndIncreasing) {
  double last = -100;
  for (int i = 1; i < 4096; ++i) {
    const double p = i / 4096.0;
    const double z = random::normal_quantile(p);
    EXPECT_GT(z, last);
    EXPECT_NEAR(z, -random::normal_quantile(1 - p), 1e-15 * std::max(1.0, std::abs(z)));
    last = z;
  }
}

TEST(Normal, BitsCoverTheDistributionEvenly) {
  EXPECT_NEAR(random::normal_from_bits(0), -6.3379577545537892525, 1e-14);
  EXPECT_NEAR(random::normal_from_bits(0xffffffffu), 6.3379577545537892525, 1e-9);
  EXPECT_LT(random::normal_from_bits(0x7fffffffu), 0);
  EXPECT_GT(random::normal_from_bits(0x80000000u), 0);
}

TEST(Normal, EveryWayOfReadingGivesTheSameNumbers) {
  const Key key{11, Purpose::noise, 2};
  Stream stream(key);
  std::vector<double> read;
  for (std::uint64_t i = 0; i < 23; ++i) {
    read.push_back(stream.normal());
    EXPECT_EQ(read.back(), random::normal_at(key, i));
  }
  for (std::uint64_t first = 0; first < 9; ++first) {
    for (std::uint64_t last = first; last <= 23; ++last) {
      std::uint64_t next = first;
      random::for_each_normal(key, first, last, [&](std::uint64_t i, double z) {
        EXPECT_EQ(i, next++);
        EXPECT_EQ(z, read[static_cast<std::size_t>(i)]);
      });
      EXPECT_EQ(next, last);
    }
  }
}

// The hashes come from g++ 12 and clang++ 14 on x86-64, which gave these two values with and
// without optimisation, AVX-512, FMA instructions and contraction of products and sums.
TEST(Normal, HasTheSameBitsEverywhere) {
  tepui::Fnv1a numbers;
  for (std::uint64_t i = 0; i < 100000; ++i) {
    numbers.add_number(std::bit_cast<std::uint64_t>(random::normal_at({12, Purpose::noise, 1}, i)));
  }
  EXPECT_EQ(tepui::hex_text(numbers.value()), "8645abf3dec814a9");

  tepui::Fnv1a far_quantiles;  // what 32 bits do not reach
  for (int exponent = -1021; exponent <= -33; ++exponent) {
    for (const double p : {0.5, 0.625, 0.75, 0.875}) {
      far_quantiles.add_number(
          std::bit_cast<std::uint64_t>(random::normal_quantile(std::ldexp(p, exponent))));
    }
  }
  EXPECT_EQ(tepui::hex_text(far_quantiles.value()), "677b74861b98ef32");
}

// Bounds are five standard errors of the moment.
TEST(Normal, Moments) {
  constexpr int n = 200000;
  std::array<double, 5> sum{};
  random::for_each_normal({3, Purpose::noise, 0}, 0, n, [&](std::uint64_t, double z) {
    double power = 1;
    for (double& s : sum) s += std::exchange(power, power * z);
  });
  const double root = std::sqrt(static_cast<double>(n));
  EXPECT_EQ(sum[0], n);
  EXPECT_NEAR(sum[1] / n, 0.0, 5 / root);
  EXPECT_NEAR(sum[2] / n, 1.0, 5 * std::sqrt(2.0) / root);
  EXPECT_NEAR(sum[3] / n, 0.0, 5 * std::sqrt(15.0) / root);
  EXPECT_NEAR(sum[4] / n, 3.0, 5 * std::sqrt(96.0) / root);
}

TEST(Uniform, IsEvenOnTheUnitInterval) {
  Stream stream({4, Purpose::user, 0});
  constexpr int n = 100000;
  std::array<double, 64> bins{};
  double lowest = 1, highest = 0, mean = 0;
  for (int i = 0; i < n; ++i) {
    const double u = stream.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    lowest = std::min(lowest, u);
    highest = std::max(highest, u);
    mean += u / n;
    ++bins[static_cast<std::size_t>(u * 64)];
  }
  EXPECT_NEAR(mean, 0.5, 5 * std::sqrt(1.0 / 12 / n));
  EXPECT_LT(lowest, 1e-3);
  EXPECT_GT(highest, 1 - 1e-3);
  double chi_square = 0;
  for (const double count : bins) chi_square += (count - n / 64.0) * (count - n / 64.0) * 64 / n;
  EXPECT_LT(chi_square, 103.4);  // 63 degrees of freedom, 0.999 quantile
  EXPECT_GT(chi_square, 34.0);   // 0.001 quantile: too even is wrong as well
  for (int i = 0; i < 1000; ++i) {
    const double u = stream.uniform(-3, 5);
    ASSERT_GE(u, -3.0);
    ASSERT_LT(u, 5.0);
  }
}

TEST(Below, SmallRangesAreEven) {
  Stream stream({5, Purpose::user, 0});
  constexpr int n = 100000;
  std::array<double, 10> bins{};
  for (int i = 0; i < n; ++i) {
    const std::uint32_t value = stream.below(10);
    ASSERT_LT(value, 10u);
    ++bins[value];
  }
  double chi_square = 0;
  for (const double count : bins) chi_square += (count - n / 10.0) * (count - n / 10.0) * 10 / n;
  EXPECT_LT(chi_square, 27.9);  // 9 degrees of freedom, 0.999 quantile
  EXPECT_GT(chi_square, 1.15);  // 0.001 quantile
}

TEST(Below, RangesThatDoNotDivideTwoToThe32AreEvenToo) {
  // A plain remainder by 3 * 2^30 would put half of the numbers, not a third, below 2^30.
  Stream stream({6, Purpose::user, 0});
  constexpr int n = 30000;
  int low = 0;
  for (int i = 0; i < n; ++i) low += stream.below(3u << 30) < (1u << 30) ? 1 : 0;
  EXPECT_NEAR(low / static_cast<double>(n), 1.0 / 3, 5 * std::sqrt(2.0 / 9 / n));
}

TEST(Below, OneIsAlwaysZero) {
  Stream stream({7, Purpose::user, 0});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(stream.below(1), 0u);
}

TEST(Bernoulli, KeepsItsProbability) {
  Stream stream({8, Purpose::user, 0});
  constexpr int n = 20000;
  int hits = 0;
  for (int i = 0; i < n; ++i) {
    hits += stream.bernoulli(0.2) ? 1 : 0;
    ASSERT_FALSE(stream.bernoulli(0.0));
    ASSERT_TRUE(stream.bernoulli(1.0));
  }
  EXPECT_NEAR(hits / static_cast<double>(n), 0.2, 5 * std::sqrt(0.16 / n));
}

TEST(Shuffle, KeepsTheItemsAndRepeats) {
  std::vector<int> items(100);
  std::iota(items.begin(), items.end(), 0);
  const auto sorted = items;
  auto again = items;
  Stream({9, Purpose::shuffle, 0}).shuffle(std::span<int>(items));
  Stream({9, Purpose::shuffle, 0}).shuffle(std::span<int>(again));
  EXPECT_EQ(items, again);
  EXPECT_NE(items, sorted);
  std::sort(items.begin(), items.end());
  EXPECT_EQ(items, sorted);
}

TEST(Shuffle, EveryOrderIsEquallyLikely) {
  constexpr int n = 24000;
  Stream stream({10, Purpose::shuffle, 0});
  std::map<std::array<int, 4>, double> orders;
  for (int i = 0; i < n; ++i) {
    std::array<int, 4> items{0, 1, 2, 3};
    stream.shuffle(std::span<int>(items));
    ++orders[items];
  }
  ASSERT_EQ(orders.size(), 24u);
  double chi_square = 0;
  for (const auto& [order, count] : orders) {
    chi_square += (count - n / 24.0) * (count - n / 24.0) * 24 / n;
  }
  EXPECT_LT(chi_square, 49.8);  // 23 degrees of freedom, 0.999 quantile
  EXPECT_GT(chi_square, 7.5);   // 0.001 quantile
}

TEST(Shuffle, OfNothingAndOfOneIsFine) {
  Stream stream({11, Purpose::shuffle, 0});
  std::vector<int> none, one{5};
  stream.shuffle(std::span<int>(none));
  stream.shuffle(std::span<int>(one));
  EXPECT_EQ(one[0], 5);
}

}  // namespace
