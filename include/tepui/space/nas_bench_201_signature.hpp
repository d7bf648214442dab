#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "tepui/space/encoding.hpp"

/// @file
/// When two cells of NAS-Bench-201 are the same.
/// @source X. Dong, Y. Yang, NAS-Bench-201, ICLR 2020, section 3, and to_unique_str of its code

namespace tepui::space::nas_bench_201 {

/// What counts as the same cell.
enum class Sameness {
  skips,            ///< a skip is what it skips; "none" is an operation: 12,751 different cells
  skips_and_zeros,  ///< and "none", and an operation on it, is zero: the benchmark's 6,466 cells
  sums,             ///< and zero adds nothing, and sums of sums are sums: 4,930
};

namespace detail {

/// Terms are written as the benchmark does, "#" zero, "0" the cell's input, "(node)@operation", and
/// numbered in the alphabetical order of these texts, by which the benchmark sorts. How deep terms
/// can be nested differs from node to node, and with it the numbers: zero is 0, an operation
/// 1 + 4 node + place, and the input the largest number at node 1, 2 and 3:
inline constexpr std::uint32_t input[4] = {0, 5, 25, 4 * 27 * 27 + 1};

/// A node as a number in the terms of node 3: its terms are of node 2, at most two.
constexpr std::uint32_t node_of(std::uint32_t first, std::uint32_t second_or_none = 0) {
  return 27 * (first + 1) + second_or_none;
}
constexpr std::uint32_t applied(std::uint8_t operation, std::uint32_t node) {
  // avg_pool_3x3, none, nor_conv_1x1, nor_conv_3x3 (a skip is never applied)
  constexpr std::uint32_t place[5] = {1, 9, 2, 3, 0};
  return 1 + 4 * node + place[operation];
}
/// A term of node 1 in the numbers of node 2.
constexpr std::uint32_t at_node2(std::uint32_t term) {
  if (term == 0) return 0;
  return term == input[1] ? input[2] : term + 4 * input[1];
}
/// A term of node 2 in the numbers of node 3.
constexpr std::uint32_t at_node3(std::uint32_t term) {
  if (term == 0) return 0;
  if (term == input[2]) return input[3];
  return 1 + 4 * node_of(at_node2((term - 1) / 4)) + (term - 1) % 4;
}

}  // namespace detail

/// @brief A number that is equal for two cells exactly if they are the same.
///
/// A node is a sum of terms: the input, zero, or an operation on an earlier node. The benchmark
/// counts 6,466 different cells, but its texts keep zeros as terms and sums of sums in their order,
/// so that many cells of one function stay apart; `Sameness::sums` joins those. What follows from
/// average pooling being linear is left aside: pool(a) + pool(b) and pool(a + b) stay two.
template <Sameness Kind = Sameness::sums>
struct Signature {
  constexpr std::uint64_t operator()(const Encoding<6>& cell) const {
    using namespace detail;
    const std::uint8_t op01 = cell[0], op02 = cell[1], op12 = cell[2];
    const std::uint8_t op03 = cell[3], op13 = cell[4], op23 = cell[5];

    std::uint32_t node1 = applied(op01, 0);
    if (is_zero(op01)) node1 = 0;
    if (op01 == skip) node1 = input[1];
    const bool dead1 = knows_zero && node1 == 0;

    std::uint32_t a = applied(op02, input[1]);
    if (is_zero(op02)) a = 0;
    if (op02 == skip) a = input[2];
    std::uint32_t b = applied(op12, node1);
    if (op12 == skip) b = at_node2(node1);
    if (is_zero(op12) || dead1) b = 0;
    if (b < a) std::swap(a, b);
    // Node 2: a + b; where zeros are no terms, b alone or nothing.
    const bool dead2 = sums_are_flat && b == 0;
    const std::uint32_t node2 = sums_are_flat && a == 0 ? node_of(b) : node_of(a, b + 1);

    std::uint32_t terms[4] = {};
    terms[0] = applied(op03, node_of(input[2]));
    if (is_zero(op03)) terms[0] = 0;
    if (op03 == skip) terms[0] = input[3];
    terms[1] = applied(op13, node_of(at_node2(node1)));
    if (op13 == skip) terms[1] = at_node3(at_node2(node1));
    if (is_zero(op13) || dead1) terms[1] = 0;
    std::size_t count = 3;
    terms[2] = applied(op23, node2);
    if (op23 == skip) {
      terms[2] = at_node3(a);
      terms[3] = at_node3(b);
      count = 4;
    }
    if (is_zero(op23) || dead2) terms[2] = 0;
    return sums_are_flat ? all_sorted(terms, count) : pair_kept(terms, count);
  }

 private:
  static constexpr std::uint8_t none = 0;
  static constexpr std::uint8_t skip = 1;
  static constexpr bool knows_zero = Kind != Sameness::skips;
  static constexpr bool sums_are_flat = Kind == Sameness::sums;
  static constexpr bool is_zero(std::uint8_t operation) { return knows_zero && operation == none; }

  static constexpr std::uint64_t written(const std::uint32_t (&terms)[4], std::size_t count) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!sums_are_flat || terms[i] != 0) number = number << 12 | (terms[i] + 1);
    }
    return number;
  }
  static constexpr std::uint64_t all_sorted(std::uint32_t (&terms)[4], std::size_t count) {
    for (std::size_t i = 1; i < count; ++i) {
      for (std::size_t j = i; j > 0 && terms[j] < terms[j - 1]; --j) {
        std::swap(terms[j], terms[j - 1]);
      }
    }
    return written(terms, count);
  }
  /// Terms 2 and 3, if there are four, are a text of their own: sorted by the first, behind equals.
  static constexpr std::uint64_t pair_kept(std::uint32_t (&terms)[4], std::size_t count) {
    if (count == 3) return all_sorted(terms, count);
    if (terms[1] < terms[0]) std::swap(terms[0], terms[1]);
    std::uint32_t sorted[4] = {};
    std::size_t next = 0;
    std::size_t single = 0;
    while (single < 2 && terms[single] <= terms[2]) sorted[next++] = terms[single++];
    sorted[next++] = terms[2];
    sorted[next++] = terms[3];
    while (single < 2) sorted[next++] = terms[single++];
    return written(sorted, 4);
  }
};

/// @return whether anything reaches the output of a cell; 15,284 of the 15,625 cells
[[nodiscard]] constexpr bool reaches_output(const Encoding<6>& cell) {
  return Signature<Sameness::sums>{}(cell) != 0;
}

}  // namespace tepui::space::nas_bench_201
