#include "tepui/core/range_pass.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <vector>

#include "tepui/core/parallel.hpp"
#include "tepui/core/parameter.hpp"

namespace {

using tepui::ParameterRange;

const std::vector<ParameterRange> few{{2, 3}, {7, 0}, {9, 1}};
// long enough to be split, with boundaries inside the second and third part
const std::vector<ParameterRange> many{{5, 10}, {100, 70'000}, {80'000, 20'001}};

std::vector<int> visits_of(std::span<const ParameterRange> parts, std::size_t n) {
  std::vector<int> visits(n);
  tepui::for_each_piece(parts,
                        [&](const ParameterRange& part, std::size_t offset, std::size_t count) {
                          EXPECT_GE(offset, part.offset);
                          EXPECT_LE(offset + count, part.offset + part.count);
                          for (std::size_t i = offset; i < offset + count; ++i) ++visits[i];
                        });
  return visits;
}

TEST(RangePass, EveryElementOnceAndNoOther) {
  for (const auto& parts : {few, many}) {
    const std::vector<int> visits = visits_of(parts, 110'000);
    std::vector<int> expected(visits.size());
    for (const ParameterRange& r : parts) {
      for (std::size_t i = r.offset; i < r.offset + r.count; ++i) expected[i] = 1;
    }
    EXPECT_EQ(visits, expected);
  }
  EXPECT_EQ(tepui::elements_in(std::span(many)), 90'011u);
}

TEST(RangePass, SumsAreTheSameForEveryThreadCount) {
  const auto sum = [](int threads) {
    tepui::ThreadLimit limit(threads);
    return limit.run([] {
      return tepui::sum_over_pieces(
          std::span<const ParameterRange>(many),
          [](const ParameterRange&, std::size_t offset, std::size_t count) {
            return tepui::sum_of_terms(
                count, [&](std::size_t i) { return 1.0 / static_cast<double>(offset + i); });
          });
    });
  };
  const double one = sum(1);
  EXPECT_EQ(one, sum(2));
  double expected = 0;
  for (const ParameterRange& r : many) {
    for (std::size_t i = r.offset; i < r.offset + r.count; ++i) {
      expected += 1.0 / static_cast<double>(i);
    }
  }
  EXPECT_NEAR(one, expected, 1e-12);
}

TEST(RangePass, SumOfTermsForEveryRemainder) {
  for (std::size_t n = 0; n < 20; ++n) {
    EXPECT_EQ(tepui::sum_of_terms(n, [](std::size_t i) { return static_cast<double>(i); }),
              static_cast<double>(n * (n == 0 ? 0 : n - 1) / 2));
  }
}

}  // namespace
