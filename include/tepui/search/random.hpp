#pragma once

#include <cstddef>
#include <vector>

#include "tepui/search/detail/ledger.hpp"
#include "tepui/search/strategy.hpp"

namespace tepui::search {

/// @brief Random search without repeats: every proposal is drawn uniformly from the space.
///
/// The budget is the caller's. Ends by itself (an empty ask) when every feasible encoding of an
/// enumerable space was proposed; in larger spaces when a bounded search finds no new one.
/// Learns nothing from outcomes, so proposals do not depend on them.
/// @throws SettingError from ask if no encoding meets the constraints; from tell on misuse
/// @determinism proposal k is a function of the problem's key, k and the proposals before it
struct Random {
  template <class Space>
  class Run;

  template <class Self, class Visitor>
  static constexpr void visit(Self&, Visitor&&) {}
};

template <class Space>
class Random::Run {
 public:
  using Encoding = typename Space::Encoding;

  constexpr Run(const Random&, const Problem<Space>& problem) : ledger_(problem) {}

  constexpr std::vector<Encoding> ask(int n) {
    std::vector<Encoding> proposals;
    for (std::size_t left = detail::checked_count(n); left > 0; --left) {
      random::Stream stream = ledger_.stream(ledger_.proposed());
      const auto drawn = ledger_.draw(stream);
      if (!drawn) break;
      ledger_.propose(*drawn);
      proposals.push_back(*drawn);
    }
    return proposals;
  }

  constexpr void tell(const Encoding& encoding, const Outcome& outcome) {
    ledger_.told(encoding, outcome, 0);
  }

 private:
  detail::Ledger<Space> ledger_;
};

}  // namespace tepui::search
