#pragma once

#include <cstddef>
#include <cstdint>

/// @file
/// What a run of a cell, edge by edge, keeps in memory and how deep it is.
///
/// All that depends on types is in a table, made once; what is computed for every encoding is plain
/// loops over plain arrays, since compilers take their time for every call in a constant expression
/// (calls of std::array's operators, too).

namespace tepui::nn::detail {

/// One operation on an edge as far as memory and depth are concerned.
struct PlannedOption {
  bool nothing = false;       ///< output is zero
  bool passes = false;        ///< output equals input
  std::size_t peak_kept = 0;  ///< elements while it runs if its input is needed afterwards
  std::size_t peak_last = 0;  ///< and if it is not
  int depth = 0;
};

template <std::size_t Nodes, std::size_t Edges, std::size_t Options>
struct CellTable {
  std::size_t inputs = 1;         ///< the first nodes
  bool output[Nodes] = {};        ///< nodes that the cell gives, one or several
  std::size_t sizes[Nodes] = {};  ///< elements of every node
  std::size_t from[Edges] = {};
  std::size_t to[Edges] = {};
  int decision[Edges] = {};  ///< -1: the operation is fixed, and the first option
  PlannedOption options[Edges][Options] = {};
};

template <std::size_t Nodes, std::size_t Edges, std::size_t Options>
constexpr const PlannedOption& option_on(const CellTable<Nodes, Edges, Options>& table,
                                         std::size_t edge, const std::uint8_t* choices) {
  return table.options[edge][table.decision[edge] < 0 ? 0 : choices[table.decision[edge]]];
}

/// @param before depth of every input
/// @return depth of the deepest way to an output; 0 if there is none
template <std::size_t Nodes, std::size_t Edges, std::size_t Options, std::size_t Inputs = 1>
[[nodiscard]] constexpr int cell_depth(const CellTable<Nodes, Edges, Options>& table,
                                       const std::uint8_t* choices,
                                       const int (&before)[Inputs] = {0}) {
  int deepest[Nodes] = {};  // one more than the depth; 0: nothing arrives
  for (std::size_t n = 0; n < Inputs; ++n) deepest[n] = before[n] + 1;
  for (std::size_t e = 0; e < Edges; ++e) {
    const PlannedOption& option = option_on(table, e, choices);
    const int so_far = deepest[table.from[e]];
    if (option.nothing || so_far == 0) continue;
    int& into = deepest[table.to[e]];
    if (so_far + option.depth > into) into = so_far + option.depth;
  }
  int most = 1;
  for (std::size_t n = 0; n < Nodes; ++n) {
    if (table.output[n] && deepest[n] > most) most = deepest[n];
  }
  return most - 1;
}

/// Several outputs are written side by side where they are given.
/// @param keeps_input whether the inputs are needed behind the cell
template <std::size_t Nodes, std::size_t Edges, std::size_t Options>
[[nodiscard]] constexpr std::size_t cell_peak(const CellTable<Nodes, Edges, Options>& table,
                                              const std::uint8_t* choices, bool keeps_input) {
  // Edges on a way from the input to the output.
  const PlannedOption* live[Edges] = {};
  bool begun[Nodes] = {};
  for (std::size_t n = 0; n < table.inputs; ++n) begun[n] = true;
  for (std::size_t e = 0; e < Edges; ++e) {
    const PlannedOption& option = option_on(table, e, choices);
    if (option.nothing || !begun[table.from[e]]) continue;
    live[e] = &option;
    begun[table.to[e]] = true;
  }
  std::size_t last_read[Nodes] = {};  // one more than the edge that reads a node last; 0: unread
  for (std::size_t n = 0; n < Nodes; ++n) {
    if (table.output[n] || (keeps_input && n < table.inputs)) last_read[n] = Edges + 1;
  }
  for (std::size_t e = Edges; e-- > 0;) {
    if (last_read[table.to[e]] == 0) live[e] = nullptr;
    if (live[e] != nullptr && last_read[table.from[e]] == 0) last_read[table.from[e]] = e + 1;
  }

  std::size_t held = 0;  // by nodes that are begun and still needed
  std::size_t most = 0;  // at least the outputs: zeros, if no edge is live
  for (std::size_t n = 0; n < Nodes; ++n) {
    begun[n] = n < table.inputs;
    if (begun[n]) held += table.sizes[n];
    if (table.output[n] || (keeps_input && begun[n])) most += table.sizes[n];
  }
  for (std::size_t e = 0; e < Edges; ++e) {
    if (live[e] == nullptr) continue;
    const std::size_t from = table.from[e];
    const std::size_t to = table.to[e];
    const bool waits = last_read[from] > e + 1;
    std::size_t own = waits ? live[e]->peak_kept : live[e]->peak_last;
    if (live[e]->passes) own = table.sizes[from] * (waits && !begun[to] ? 2 : 1);
    own += held - table.sizes[from];  // what else is there, the sum included if it is begun
    if (own > most) most = own;
    if (!begun[to]) held += table.sizes[to];
    begun[to] = true;
    if (!waits) held -= table.sizes[from];
  }
  return most;
}

}  // namespace tepui::nn::detail
