#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "tepui/core/random.hpp"
#include "tepui/core/reproducible.hpp"
#include "tepui/space/encoding.hpp"

/// @file
/// Random proposals, mutations, crossovers and neighbours of encodings.
///
/// A space S gives `Encoding`, `decisions` and `options` (options per decision, each >= 1). Where
/// it also gives `repair(encoding, stream)` (identity on valid encodings, consuming nothing then),
/// every operator ends with it, so what operators return is always valid.

namespace tepui::space {

namespace detail {

template <class S>
concept Repairs = requires(typename S::Encoding encoding, random::Stream& stream) {
  { S::repair(encoding, stream) } -> std::same_as<typename S::Encoding>;
};

template <class S>
concept Validates = requires(const typename S::Encoding& encoding) {
  { S::valid(encoding) } -> std::convertible_to<bool>;
};

template <class S>
constexpr std::uint8_t draw_option(std::size_t decision, random::Stream& stream) {
  return static_cast<std::uint8_t>(stream.below(S::options[decision]));
}

/// One of the options other than `current`; `current` itself where there is no other.
template <class S>
constexpr std::uint8_t draw_other(std::size_t decision, std::uint8_t current,
                                  random::Stream& stream) {
  if (S::options[decision] < 2) return current;
  const auto drawn = stream.below(static_cast<std::uint32_t>(S::options[decision]) - 1u);
  return static_cast<std::uint8_t>(drawn < current ? drawn : drawn + 1u);
}

}  // namespace detail

/// @return the encoding itself, or its repaired form where the space has a repair
template <class S>
[[nodiscard]] constexpr typename S::Encoding repaired(typename S::Encoding encoding,
                                                      random::Stream& stream) {
  if constexpr (detail::Repairs<S>) {
    return S::repair(encoding, stream);
  } else {
    return encoding;
  }
}

/// @brief Whether an encoding with options in range belongs to the space.
///
/// Asks `S::valid`; without one, an encoding is valid if repair leaves it alone.
template <class S>
[[nodiscard]] constexpr bool is_valid(const typename S::Encoding& encoding) {
  if constexpr (detail::Validates<S>) {
    return S::valid(encoding);
  } else if constexpr (detail::Repairs<S>) {
    random::Stream stream{random::Key{}};
    return S::repair(encoding, stream) == encoding;
  } else {
    return true;
  }
}

/// @return an encoding with every option drawn independently and uniformly, then repaired
template <class S>
[[nodiscard]] constexpr typename S::Encoding sample(random::Stream& stream) {
  typename S::Encoding encoding{};
  for (std::size_t i = 0; i < S::decisions; ++i) {
    encoding[i] = detail::draw_option<S>(i, stream);
  }
  return repaired<S>(encoding, stream);
}

/// From what a mutated gene is redrawn.
enum class Redraw {
  other,  ///< the options other than the present one: a mutated gene always changes
  any,    ///< all options: a mutated gene may keep its value
};

/// @brief Mutates each of the first `genes` genes with probability `rate`, then repairs.
/// @param rate per-gene probability, in [0, 1]
/// @param genes how many leading genes may change; at most S::decisions
template <class S>
[[nodiscard]] constexpr typename S::Encoding mutate(typename S::Encoding encoding, double rate,
                                                    random::Stream& stream,
                                                    Redraw redraw = Redraw::other,
                                                    std::size_t genes = S::decisions) {
  for (std::size_t i = 0; i < genes && i < S::decisions; ++i) {
    if (!stream.bernoulli(rate)) continue;
    encoding[i] = redraw == Redraw::any ? detail::draw_option<S>(i, stream)
                                        : detail::draw_other<S>(i, encoding[i], stream);
  }
  return repaired<S>(encoding, stream);
}

/// @brief Changes exactly one gene, uniform among those with a choice, to another option; repairs.
template <class S>
[[nodiscard]] constexpr typename S::Encoding mutate_one(typename S::Encoding encoding,
                                                        random::Stream& stream) {
  std::uint32_t free_genes = 0;
  for (const std::uint8_t count : S::options) free_genes += count > 1 ? 1u : 0u;
  if (free_genes == 0) return encoding;
  std::uint32_t skip = stream.below(free_genes);
  for (std::size_t i = 0; i < S::decisions; ++i) {
    if (S::options[i] < 2) continue;
    if (skip == 0) {
      encoding[i] = detail::draw_other<S>(i, encoding[i], stream);
      break;
    }
    --skip;
  }
  return repaired<S>(encoding, stream);
}

/// @return one child that takes each gene from `a` or `b` with equal probability, then repaired
template <class S>
[[nodiscard]] constexpr typename S::Encoding crossover_uniform(const typename S::Encoding& a,
                                                               const typename S::Encoding& b,
                                                               random::Stream& stream) {
  typename S::Encoding child{};
  for (std::size_t i = 0; i < S::decisions; ++i) child[i] = stream.below(2) == 0 ? a[i] : b[i];
  return repaired<S>(child, stream);
}

/// @brief Two children that exchange one contiguous segment, then repaired.
///
/// The two cuts are distinct and inside the string (1..N-1), so the first and the last gene never
/// move; with fewer than three genes nothing is exchanged.
/// @source K. Deb et al., NSGA-II, 2002, as used by FlatNAS (pymoo 0.4.1, two-point, not circular)
template <class S>
[[nodiscard]] constexpr std::array<typename S::Encoding, 2> crossover_two_point(
    typename S::Encoding a, typename S::Encoding b, random::Stream& stream) {
  if constexpr (S::decisions >= 3) {
    constexpr auto cuts = static_cast<std::uint32_t>(S::decisions - 1);
    std::size_t from = 1u + stream.below(cuts);
    std::size_t to = 1u + stream.below(cuts - 1u);
    if (to >= from) ++to;
    if (from > to) std::swap(from, to);
    for (std::size_t i = from; i < to; ++i) std::swap(a.choices[i], b.choices[i]);
  }
  a = repaired<S>(a, stream);
  b = repaired<S>(b, stream);
  return {a, b};
}

/// @brief Polynomial mutation of one real number inside bounds.
/// @param x in [low, high]   @param eta distribution index, >= 0: larger stays closer to x
/// @param u uniform number in [0, 1]
/// @return the mutated value, in [low, high]; the same bits in a constant expression
/// @source K. Deb, S. Agrawal, A niched-penalty approach for constraint handling in genetic
///         algorithms, 1999 (the form that respects bounds)
[[nodiscard]] constexpr double polynomial_mutation(double x, double low, double high, double eta,
                                                   double u) {
  using reproducible::power;
  using reproducible::product;
  const double range = high - low;
  if (!(range > 0)) return x;
  const double exponent = eta + 1.0;
  double shift = 0;
  if (u <= 0.5) {
    const double keep = power(1.0 - (x - low) / range, exponent);
    shift = power(2.0 * u + product(1.0 - 2.0 * u, keep), 1.0 / exponent) - 1.0;
  } else {
    const double keep = power(1.0 - (high - x) / range, exponent);
    shift = 1.0 - power(2.0 * (1.0 - u) + product(2.0 * (u - 0.5), keep), 1.0 / exponent);
  }
  return std::clamp(x + product(shift, range), low, high);
}

/// @brief Polynomial mutation of an option index: bounds widened by a half, rounded half to even.
/// @param options how many options the gene has, >= 1   @param u uniform number in [0, 1]
/// @return 0..options-1
[[nodiscard]] constexpr std::uint8_t polynomial_mutation_index(std::uint8_t x, std::uint8_t options,
                                                               double eta, double u) {
  const double top = static_cast<double>(options) - 1.0;
  const double moved = polynomial_mutation(x, -0.5, top + 0.5, eta, u);
  auto nearest = static_cast<int>(moved + 0.5);  // not negative, so this rounds down
  const bool tie = nearest - moved == 0.5;
  if (tie && nearest % 2 != 0) --nearest;
  return static_cast<std::uint8_t>(std::clamp(nearest, 0, options - 1));
}

/// @brief Integer polynomial mutation of each gene with probability `rate`, then repair.
/// @param rate per-gene probability, in [0, 1]   @param eta distribution index, >= 0
template <class S>
[[nodiscard]] constexpr typename S::Encoding mutate_polynomial(typename S::Encoding encoding,
                                                               double rate, double eta,
                                                               random::Stream& stream) {
  for (std::size_t i = 0; i < S::decisions; ++i) {
    if (!stream.bernoulli(rate)) continue;
    encoding[i] = polynomial_mutation_index(encoding[i], S::options[i], eta, stream.uniform());
  }
  return repaired<S>(encoding, stream);
}

/// @brief Calls `visit(other)` for every encoding that differs in exactly one gene, valid or not,
/// in lexicographic order of (gene, option).
template <class S, class Visit>
constexpr void for_each_neighbour(const typename S::Encoding& encoding, Visit&& visit) {
  for (std::size_t i = 0; i < S::decisions; ++i) {
    typename S::Encoding other = encoding;
    for (std::uint8_t option = 0; option < S::options[i]; ++option) {
      if (option == encoding[i]) continue;
      other[i] = option;
      visit(static_cast<const typename S::Encoding&>(other));
    }
  }
}

/// @return all valid encodings at Hamming distance one
template <class S>
[[nodiscard]] constexpr std::vector<typename S::Encoding> neighbours(
    const typename S::Encoding& encoding) {
  std::vector<typename S::Encoding> result;
  for_each_neighbour<S>(encoding, [&](const typename S::Encoding& other) {
    if (is_valid<S>(other)) result.push_back(other);
  });
  return result;
}

/// @brief All encodings at Hamming distance one, repaired; without `encoding` itself and repeats.
///
/// A repaired neighbour may be further away than one gene; without a repair the result equals the
/// overload above, and the stream is not read.
template <class S>
[[nodiscard]] constexpr std::vector<typename S::Encoding> neighbours(
    const typename S::Encoding& encoding, random::Stream& stream) {
  std::vector<typename S::Encoding> result;
  for_each_neighbour<S>(encoding, [&](const typename S::Encoding& other) {
    const typename S::Encoding fixed = repaired<S>(other, stream);
    if (fixed == encoding || !is_valid<S>(fixed)) return;
    if constexpr (detail::Repairs<S>) {
      if (std::find(result.begin(), result.end(), fixed) != result.end()) return;
    }
    result.push_back(fixed);
  });
  return result;
}

}  // namespace tepui::space
