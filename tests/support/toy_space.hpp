#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tepui/core/random.hpp"
#include "tepui/space/encoding.hpp"

/// @file
/// Small search spaces with known answers, for tests of operators and strategies.

namespace toy {

/// N decisions of K options each.
template <std::size_t N, std::uint8_t K>
struct Grid {
  using Encoding = tepui::Encoding<N>;
  static constexpr std::size_t decisions = N;
  static constexpr std::array<std::uint8_t, N> options = [] {
    std::array<std::uint8_t, N> result{};
    for (auto& count : result) count = K;
    return result;
  }();
};

/// Decisions with different numbers of options, one of them without a choice.
struct Mixed {
  using Encoding = tepui::Encoding<4>;
  static constexpr std::size_t decisions = 4;
  static constexpr std::array<std::uint8_t, 4> options = {2, 3, 1, 4};
};

/// Cells of Genes genes; valid when exactly half of the genes of each cell are 0 ("none").
template <std::size_t Cells, std::size_t Genes, std::uint8_t K>
struct HalfNone {
  static constexpr std::size_t decisions = Cells * Genes;
  using Encoding = tepui::Encoding<decisions>;
  static constexpr std::array<std::uint8_t, decisions> options = Grid<decisions, K>::options;

  static constexpr std::size_t nones(const Encoding& encoding, std::size_t cell) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < Genes; ++i) count += encoding[cell * Genes + i] == 0 ? 1 : 0;
    return count;
  }
  static constexpr bool valid(const Encoding& encoding) {
    for (std::size_t cell = 0; cell < Cells; ++cell) {
      if (nones(encoding, cell) != Genes / 2) return false;
    }
    return true;
  }
  static constexpr Encoding repair(Encoding encoding, tepui::random::Stream& stream) {
    for (std::size_t cell = 0; cell < Cells; ++cell) {
      while (nones(encoding, cell) != Genes / 2) {
        const bool too_many = nones(encoding, cell) > Genes / 2;
        std::size_t i = 0;
        do {
          i = cell * Genes + stream.below(static_cast<std::uint32_t>(Genes));
        } while ((encoding[i] == 0) != too_many);
        encoding[i] = too_many ? static_cast<std::uint8_t>(1 + stream.below(K - 1u)) : 0;
      }
    }
    return encoding;
  }
};

using Tiny = Grid<3, 3>;             // 27 encodings
using Small = Grid<6, 5>;            // 15 625, the size of NAS-Bench-201
using Big = Grid<28, 8>;             // 8^28: cannot be counted in 64 bits
using Repaired = HalfNone<2, 4, 3>;  // 6561 encodings, 24^2 = 576 valid
using RepairedBig = HalfNone<2, 14, 8>;

/// Separable score, largest (= number of decisions) at target_of; every gene counts alone.
template <class Encoding>
double separable_score(const Encoding& encoding,
                       const std::array<std::uint8_t, Encoding::size()>& options) {
  double score = 0;
  for (std::size_t i = 0; i < Encoding::size(); ++i) {
    const int target = static_cast<int>((3 * i + 1) % options[i]);
    const int distance = encoding[i] > target ? encoding[i] - target : target - encoding[i];
    score += 1.0 - static_cast<double>(distance) / static_cast<double>(options[i]);
  }
  return score;
}
template <class Space>
double separable_score(const typename Space::Encoding& encoding) {
  return separable_score(encoding, Space::options);
}

/// Two scores in conflict: large genes help the first, small genes the second.
template <class Space>
std::vector<double> conflicting_scores(const typename Space::Encoding& encoding) {
  double first = 0;
  double second = 0;
  for (std::size_t i = 0; i < Space::decisions; ++i) {
    const double share = static_cast<double>(encoding[i]) / static_cast<double>(Space::options[i]);
    first += share;
    second -= share * share * (1.0 + 0.1 * static_cast<double>(i));
  }
  return {first, second};
}

/// Sum of all choices: a simple resource to constrain.
template <class Encoding>
double choice_sum(const Encoding& encoding) {
  double sum = 0;
  for (const std::uint8_t choice : encoding) sum += choice;
  return sum;
}

}  // namespace toy
