#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tepui/core/fixed_string.hpp"
#include "tepui/space/architecture_text.hpp"

/// @file
/// Genotypes of the DARTS space, and reading them from their usual Python spelling.
/// @source H. Liu, K. Simonyan, Y. Yang, DARTS: Differentiable Architecture Search, ICLR 2019

namespace tepui::space::darts {

/// The eight operations, in the official order.
inline constexpr std::array<std::string_view, 8> operations{
    "none",         "max_pool_3x3", "avg_pool_3x3", "skip_connect",
    "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"};

/// @brief An operation on the way from one node of a cell to another.
struct GenotypeEdge {
  std::uint8_t operation = 0;  ///< place in `operations`
  std::uint8_t input = 0;  ///< node it comes from; 0 and 1 are the cell before the last, the last

  friend constexpr bool operator==(const GenotypeEdge&, const GenotypeEdge&) = default;
};

/// @brief One kind of cell: nodes 2 to 5 with two edges each, some of which are the output.
struct CellGenotype {
  static constexpr std::size_t inner_nodes = 4;

  std::array<GenotypeEdge, 2 * inner_nodes> edges{};     ///< of node 2, node 2, node 3, ...
  std::array<std::uint8_t, inner_nodes> concatenated{};  ///< the first `outputs` of them count
  std::uint8_t outputs = 0;

  friend constexpr bool operator==(const CellGenotype&, const CellGenotype&) = default;
};

/// @brief An architecture of the DARTS space. Structural: usable as a template argument.
struct Genotype {
  CellGenotype normal, reduce;

  friend constexpr bool operator==(const Genotype&, const Genotype&) = default;
};

namespace detail {

inline constexpr std::array<std::string_view, CellGenotype::inner_nodes> input_ranges{
    "0 or 1", "0 to 2", "0 to 3", "0 to 4"};

/// Reads a number of one or two digits.
/// @return -1 where there is none
constexpr int take_number(TextReader& reader) {
  const std::string_view word = reader.word();
  const bool digits = !word.empty() && word.size() <= 2 &&
                      word.find_first_not_of("0123456789") == std::string_view::npos;
  if (!reader.good() || !digits) return -1;
  int number = 0;
  for (const char c : word) number = 10 * number + (c - '0');
  reader.skip(word.size());
  return number;
}

constexpr void expect(TextReader& reader, std::string_view token) {
  reader.skip_blanks();
  reader.expect(token);
}
constexpr bool take(TextReader& reader, std::string_view token) {
  reader.skip_blanks();
  return reader.take(token);
}

/// ('sep_conv_3x3', 1)
/// @param node that the edge leads to, from 2
constexpr GenotypeEdge read_edge(TextReader& reader, std::size_t node) {
  GenotypeEdge edge;
  expect(reader, "(");
  reader.skip_blanks();
  const std::string_view quote = reader.rest().starts_with('"') ? "\"" : "'";
  reader.expect(quote);
  const auto* known = std::find(operations.begin(), operations.end(), reader.word());
  if (known == operations.end()) {
    reader.fail(TextMistake::unknown_operation,
                "none, max_pool_3x3, avg_pool_3x3, skip_connect, sep_conv_3x3, sep_conv_5x5, "
                "dil_conv_3x3 or dil_conv_5x5");
    return edge;
  }
  edge.operation = static_cast<std::uint8_t>(known - operations.begin());
  reader.skip(known->size());
  reader.expect(quote);
  expect(reader, ",");
  reader.skip_blanks();
  const TextReader before = reader;
  const int input = take_number(reader);
  if (input < 0 || input >= static_cast<int>(node)) {
    reader = before;
    reader.fail(input < 0 ? TextMistake::unexpected_text : TextMistake::input_node_out_of_range,
                input_ranges[node - 2]);
    return edge;
  }
  edge.input = static_cast<std::uint8_t>(input);
  expect(reader, ")");
  return edge;
}

/// [edge, edge, ...]
constexpr void read_edges(TextReader& reader, CellGenotype& cell) {
  expect(reader, "[");
  for (std::size_t e = 0; e < cell.edges.size() && reader.good(); ++e) {
    reader.skip_blanks();
    if (reader.rest().starts_with(']')) {
      reader.fail(TextMistake::too_few_edges, "8 edges, two for each of the nodes 2 to 5");
    }
    const TextReader before = reader;
    cell.edges[e] = read_edge(reader, e / 2 + 2);
    if (reader.good() && e % 2 == 1 && cell.edges[e].input == cell.edges[e - 1].input) {
      reader = before;
      reader.fail(TextMistake::two_edges_from_the_same_node, "an edge from another node",
                  reader.rest().find(')') + 1);
    }
    if (e + 1 < cell.edges.size() && !take(reader, ",")) {
      const bool ends = reader.rest().starts_with(']');
      reader.fail(ends ? TextMistake::too_few_edges : TextMistake::unexpected_text,
                  ends ? "8 edges, two for each of the nodes 2 to 5" : ",");
    }
  }
  (void)take(reader, ",");
  reader.skip_blanks();
  if (reader.rest().starts_with('(')) {
    reader.fail(TextMistake::too_many_edges, "8 edges, two for each of the nodes 2 to 5",
                reader.rest().find(')') + 1);
  }
  reader.expect("]");
}

constexpr void add_output(TextReader& reader, const TextReader& before, CellGenotype& cell,
                          int node) {
  const auto* const begin = cell.concatenated.begin();
  const bool again = std::find(begin, begin + cell.outputs, node) != begin + cell.outputs;
  if (node < 2 || node > 5 || again) {
    reader = before;
    reader.fail(TextMistake::concatenated_node_out_of_range, "the nodes 2 to 5, each at most once");
    return;
  }
  cell.concatenated[cell.outputs++] = static_cast<std::uint8_t>(node);
}

/// One of the two numbers of a range.
constexpr int read_bound(TextReader& reader, int least, int most, std::string_view expected) {
  reader.skip_blanks();
  const TextReader before = reader;
  const int bound = take_number(reader);
  if (bound < least || bound > most) {
    reader = before;
    reader.fail(
        bound < 0 ? TextMistake::unexpected_text : TextMistake::concatenated_node_out_of_range,
        expected);
  }
  return bound;
}

/// range(2, 6) or [2, 3, 4, 5]
constexpr void read_outputs(TextReader& reader, CellGenotype& cell) {
  reader.skip_blanks();
  if (reader.take("range")) {
    expect(reader, "(");
    const int first = read_bound(reader, 2, 5, "the first node, 2 to 5");
    expect(reader, ",");
    const int end = read_bound(reader, first + 1, 6,
                               "one more than the last node: above the first node, at most 6");
    expect(reader, ")");
    for (int node = first; node < end && reader.good(); ++node) {
      cell.concatenated[cell.outputs++] = static_cast<std::uint8_t>(node);
    }
    return;
  }
  expect(reader, "[");
  do {
    reader.skip_blanks();
    const TextReader before = reader;
    add_output(reader, before, cell, take_number(reader));
  } while (take(reader, ",") && !reader.rest().starts_with(']'));
  expect(reader, "]");
}

/// name=value,
constexpr void read_name(TextReader& reader, std::string_view name) {
  expect(reader, name);
  expect(reader, "=");
}

}  // namespace detail

/// @brief Reads the Python spelling, at run time or in a constant expression:
/// Genotype(normal=[('sep_conv_3x3', 1), ...], normal_concat=range(2, 6), reduce=[...],
/// reduce_concat=[2, 3, 4, 5]).
///
/// Eight edges a cell, two for each of the nodes 2 to 5, from nodes before it.
[[nodiscard]] constexpr Parsed<Genotype> read(std::string_view text) {
  TextReader reader(text);
  Genotype genotype;
  detail::expect(reader, "Genotype");
  detail::expect(reader, "(");
  detail::read_name(reader, "normal");
  detail::read_edges(reader, genotype.normal);
  detail::expect(reader, ",");
  detail::read_name(reader, "normal_concat");
  detail::read_outputs(reader, genotype.normal);
  detail::expect(reader, ",");
  detail::read_name(reader, "reduce");
  detail::read_edges(reader, genotype.reduce);
  detail::expect(reader, ",");
  detail::read_name(reader, "reduce_concat");
  detail::read_outputs(reader, genotype.reduce);
  (void)detail::take(reader, ",");
  detail::expect(reader, ")");
  reader.skip_blanks();
  reader.expect_end();
  return {genotype, reader.error()};
}

/// @brief Reads the Python spelling.
/// @throws SettingError that quotes the token that is wrong
[[nodiscard]] constexpr Genotype parse(std::string_view text) {
  const Parsed<Genotype> parsed = read(text);
  if (parsed.error.mistake != TextMistake::none) {
    throw_text_error("DARTS genotype", text, parsed.error);
  }
  return parsed.value;
}

/// @return the Python spelling
[[nodiscard]] inline std::string print(const Genotype& genotype) {
  std::string text = "Genotype(";
  const auto cell = [&](const std::string& name, const CellGenotype& kind) {
    text += name + "=[";
    for (std::size_t e = 0; e < kind.edges.size(); ++e) {
      text += std::string(e > 0 ? ", " : "") + "('" +
              std::string(operations[kind.edges[e].operation]) + "', " +
              std::to_string(kind.edges[e].input) + ")";
    }
    text += "], " + name + "_concat=[";
    for (std::size_t i = 0; i < kind.outputs; ++i) {
      text += (i > 0 ? ", " : "") + std::to_string(kind.concatenated[i]);
    }
    text += "]";
  };
  cell("normal", genotype.normal);
  text += ", ";
  cell("reduce", genotype.reduce);
  return text + ")";
}

/// @brief The genotype that a text stands for, read by the compiler.
///
/// A wrong text does not compile; the first error names the mistake, the token and its place.
template <FixedString Text>
inline constexpr Genotype genotype = ReadText<Text, read>::value;

}  // namespace tepui::space::darts
