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

/// @return depth of the deepest way from the input to the output; 0 if there is none
template <std::size_t Nodes, std::size_t Edges, std::size_t Options>
[[nodiscard]] constexpr int cell_depth(const CellTable<Nodes, Edges, Options>& table,
                                       const std::uint8_t* choices) {
  int deepest[Nodes] = {1};  // one more than the depth; 0: nothing arrives
  for (std::size_t e = 0; e < Edges; ++e) {
    const PlannedOption& option = option_on(table, e, choices);
    const int before = deepest[table.from[e]];
    if (option.nothing || before == 0) continue;
    int& into = deepest[table.to[e]];
    if (before + option.depth > into) into = before + option.depth;
  }
  return deepest[Nodes - 1] == 0 ? 0 : deepest[Nodes - 1] - 1;
}

/// @param keeps_input whether the input is needed behind the cell
template <std::size_t Nodes, std::size_t Edges, std::size_t Options>
[[nodiscard]] constexpr std::size_t cell_peak(const CellTable<Nodes, Edges, Options>& table,
                                              const std::uint8_t* choices, bool keeps_input) {
  // Edges on a way from the input to the output.
  const PlannedOption* live[Edges] = {};
  bool begun[Nodes] = {true};
  for (std::size_t e = 0; e < Edges; ++e) {
    const PlannedOption& option = option_on(table, e, choices);
    if (option.nothing || !begun[table.from[e]]) continue;
    live[e] = &option;
    begun[table.to[e]] = true;
  }
  std::size_t last_read[Nodes] = {};  // one more than the edge that reads a node last; 0: unread
  last_read[Nodes - 1] = Edges + 1;
  if (keeps_input) last_read[0] = Edges + 1;
  for (std::size_t e = Edges; e-- > 0;) {
    if (last_read[table.to[e]] == 0) live[e] = nullptr;
    if (live[e] != nullptr && last_read[table.from[e]] == 0) last_read[table.from[e]] = e + 1;
  }

  for (std::size_t n = 1; n < Nodes; ++n) begun[n] = false;
  std::size_t held = table.sizes[0];  // by nodes that are begun and still needed
  std::size_t most = table.sizes[Nodes - 1] + (keeps_input ? held : 0);  // if no edge is live
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
