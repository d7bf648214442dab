#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/sorted_order.hpp"

/// @file
/// How well two metrics agree on an order. Pairs with a NaN on either side are left out. A metric
/// that is constant (or fewer than two pairs) has no order: the result is then empty, never a
/// number.

namespace tepui::search {

/// What equal values mean to kendall_tau.
enum class TieRule {
  tau_b,        ///< tied pairs count 0 and shrink the denominator (Kendall 1945)
  by_position,  ///< equal values get distinct ranks in the order they appear (GeNAS, RLNAS): tau-a
};

namespace detail {

using Pairs = std::vector<std::pair<double, double>>;

[[nodiscard]] inline Pairs comparable_pairs(const char* what, std::span<const double> a,
                                            std::span<const double> b) {
  if (a.size() != b.size()) {
    throw SettingError(std::string(what) + ": got " + std::to_string(a.size()) + " and " +
                       std::to_string(b.size()) + " values, but both need the same number");
  }
  Pairs pairs;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isnan(a[i]) && !std::isnan(b[i])) pairs.emplace_back(a[i], b[i]);
  }
  return pairs;
}

/// Whether both sides take at least two values.
[[nodiscard]] inline bool ordered(const Pairs& pairs) {
  const auto differs = [&](auto side) {
    return std::any_of(pairs.begin(), pairs.end(),
                       [&](const auto& p) { return side(p) != side(pairs.front()); });
  };
  return differs([](const auto& p) { return p.first; }) &&
         differs([](const auto& p) { return p.second; });
}

/// Sorts values[begin, end) and returns how many neighbouring swaps that takes.
inline double count_swaps(std::vector<double>& values, std::vector<double>& scratch,
                          std::size_t begin, std::size_t end) {
  if (end - begin < 2) return 0;
  const std::size_t middle = begin + (end - begin) / 2;
  double swaps =
      count_swaps(values, scratch, begin, middle) + count_swaps(values, scratch, middle, end);
  std::size_t left = begin;
  std::size_t right = middle;
  for (std::size_t out = begin; out < end; ++out) {
    if (right == end || (left < middle && values[left] <= values[right])) {
      scratch[out] = values[left++];
    } else {
      swaps += static_cast<double>(middle - left);
      scratch[out] = values[right++];
    }
  }
  std::copy(scratch.begin() + static_cast<std::ptrdiff_t>(begin),
            scratch.begin() + static_cast<std::ptrdiff_t>(end),
            values.begin() + static_cast<std::ptrdiff_t>(begin));
  return swaps;
}

/// Pairs of equal elements in a sorted range.
template <class Range, class Same>
[[nodiscard]] double tied_pairs(const Range& sorted, const Same& same) {
  double ties = 0;
  double run = 1;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    run = same(sorted[i - 1], sorted[i]) ? run + 1 : 1;
    ties += run - 1;
  }
  return ties;
}

/// Knight's algorithm; equals tau-a where nothing is tied.
[[nodiscard]] inline double tau_b(Pairs pairs) {
  std::sort(pairs.begin(), pairs.end());
  const auto n = static_cast<double>(pairs.size());
  const double all = n * (n - 1) / 2;
  const double tied_first =
      tied_pairs(pairs, [](const auto& p, const auto& q) { return p.first == q.first; });
  const double tied_both = tied_pairs(pairs, [](const auto& p, const auto& q) { return p == q; });
  std::vector<double> second(pairs.size());
  std::transform(pairs.begin(), pairs.end(), second.begin(),
                 [](const auto& p) { return p.second; });
  std::vector<double> scratch(second.size());
  const double discordant = count_swaps(second, scratch, 0, second.size());
  const double tied_second = tied_pairs(second, [](double p, double q) { return p == q; });
  const double difference = all - tied_first - tied_second + tied_both - 2 * discordant;
  return difference / std::sqrt((all - tied_first) * (all - tied_second));
}

/// Ranks 1..n of a sequence sorted descending; equal values ranked by position.
[[nodiscard]] inline std::vector<double> position_ranks(std::span<const double> values) {
  const std::vector<std::size_t> order = descending_order(values);
  std::vector<double> ranks(values.size());
  for (std::size_t r = 0; r < order.size(); ++r) ranks[order[r]] = static_cast<double>(r + 1);
  return ranks;
}

/// Ranks 1..n; equal values share the mean of their ranks.
[[nodiscard]] inline std::vector<double> mean_ranks(std::span<const double> values) {
  const std::vector<std::size_t> order = ascending_order(values);
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double mean = (static_cast<double>(begin + 1) + static_cast<double>(end)) / 2;
    for (; begin < end; ++begin) ranks[order[begin]] = mean;
  }
  return ranks;
}

inline void split(const Pairs& pairs, std::vector<double>& first, std::vector<double>& second) {
  for (const auto& [a, b] : pairs) {
    first.push_back(a);
    second.push_back(b);
  }
}

}  // namespace detail

/// @brief Kendall's rank correlation.
/// @return in [-1, 1]; empty where it is undefined (constant metric, fewer than two pairs)
/// @throws SettingError if the lengths differ
/// @complexity O(n log n)
/// @source M. Kendall 1938, 1945; W. Knight, A Computer Method for Calculating Kendall's Tau, 1966
[[nodiscard]] inline std::optional<double> kendall_tau(std::span<const double> a,
                                                       std::span<const double> b,
                                                       TieRule rule = TieRule::tau_b) {
  detail::Pairs pairs = detail::comparable_pairs("kendall_tau", a, b);
  if (!detail::ordered(pairs)) return std::nullopt;
  if (rule == TieRule::by_position) {
    std::vector<double> first, second;
    detail::split(pairs, first, second);
    first = detail::position_ranks(first);
    second = detail::position_ranks(second);
    for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {first[i], second[i]};
  }
  return detail::tau_b(std::move(pairs));
}

/// @brief Spearman's rank correlation; equal values share their mean rank.
/// @return in [-1, 1]; empty where it is undefined (constant metric, fewer than two pairs)
/// @throws SettingError if the lengths differ
[[nodiscard]] inline std::optional<double> spearman(std::span<const double> a,
                                                    std::span<const double> b) {
  const detail::Pairs pairs = detail::comparable_pairs("spearman", a, b);
  if (!detail::ordered(pairs)) return std::nullopt;
  std::vector<double> first, second;
  detail::split(pairs, first, second);
  first = detail::mean_ranks(first);
  second = detail::mean_ranks(second);
  const double mean = (static_cast<double>(pairs.size()) + 1) / 2;
  double covariance = 0, variance_first = 0, variance_second = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double x = first[i] - mean;
    const double y = second[i] - mean;
    covariance += x * y;
    variance_first += x * x;
    variance_second += y * y;
  }
  return covariance / std::sqrt(variance_first * variance_second);
}

}  // namespace tepui::search
