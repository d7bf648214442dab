#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

#include "tepui/search/rank_statistics.hpp"

namespace tepui {

/// @brief Friedman's test whether treatments differ, over blocks in which each was tried once.
struct RankTest {
  double chi_square = 0;          ///< corrected for ties
  std::size_t degrees = 0;        ///< of freedom: treatments - 1
  double p_value = 1;             ///< probability of such ranks or more unequal ones by chance
  std::vector<double> mean_rank;  ///< of every treatment; 1 is the best
};

namespace detail {

/// @return probability that a chi-square variable exceeds x; degrees >= 1
/// @source Abramowitz and Stegun 26.4.4, 26.4.5: finite sums, exact to rounding
[[nodiscard]] inline double chi_square_tail(double x, std::size_t degrees) {
  if (!(x > 0)) return 1;
  const double half = x / 2;
  const bool odd = degrees % 2 == 1;
  double tail = odd ? std::erfc(std::sqrt(half)) : std::exp(-half);
  // every two degrees add half^a e^-half / Gamma(a + 1)
  double term = odd ? std::exp(-half) / std::sqrt(half * std::numbers::pi) : std::exp(-half);
  for (std::size_t k = odd ? 1 : 2; k < degrees; k += 2) {
    term *= half / (static_cast<double>(k) / 2);
    tail += term;
  }
  return tail < 1 ? tail : 1;
}

/// Sum of t^3 - t over the groups of t equal ranks.
[[nodiscard]] inline double tie_term(std::span<const double> ranks) {
  double sum = 0;
  for (const double rank : ranks) {
    double equal = 0;
    for (const double other : ranks) equal += other == rank ? 1 : 0;
    sum += equal * equal - 1;  // t members each give t^2 - 1
  }
  return sum;
}

/// @brief Ranks treatments inside every block and tests whether their mean ranks differ.
/// @param blocks one row per block with one value per treatment, LARGER IS BETTER; -infinity for a
///               treatment that failed, which then shares the last ranks
/// @return mean ranks always; the test has degrees 0 and p-value 1 where it says nothing: fewer
///         than two blocks or treatments, or nothing but ties
/// @source M. Friedman, The use of ranks to avoid the assumption of normality, 1937; tie correction
///         as in W. Conover, Practical Nonparametric Statistics. The chi-square tail is rough for a
///         handful of blocks.
[[nodiscard]] inline RankTest friedman(std::span<const std::vector<double>> blocks) {
  RankTest test;
  if (blocks.empty() || blocks.front().empty()) return test;
  const std::size_t treatments = blocks.front().size();
  std::vector<double> sums(treatments);
  double ties = 0;
  for (const std::vector<double>& block : blocks) {
    std::vector<double> worse_is_larger(treatments);
    for (std::size_t j = 0; j < treatments; ++j) worse_is_larger[j] = -block.at(j);
    const std::vector<double> ranks = search::detail::mean_ranks(worse_is_larger);
    ties += tie_term(ranks);
    for (std::size_t j = 0; j < treatments; ++j) sums[j] += ranks[j];
  }
  const auto n = static_cast<double>(blocks.size());
  const auto k = static_cast<double>(treatments);
  double squares = 0;
  for (const double sum : sums) {
    test.mean_rank.push_back(sum / n);
    const double excess = sum / n - (k + 1) / 2;
    squares += excess * excess;
  }
  const double unequal = 1 - ties / (n * (k * k * k - k));
  if (blocks.size() < 2 || treatments < 2 || !(unequal > 0)) return test;
  test.chi_square = 12 * n / (k * (k + 1)) * squares / unequal;
  test.degrees = treatments - 1;
  test.p_value = chi_square_tail(test.chi_square, test.degrees);
  return test;
}

}  // namespace detail
}  // namespace tepui
