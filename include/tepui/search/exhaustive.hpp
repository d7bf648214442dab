#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/search/detail/ledger.hpp"
#include "tepui/search/strategy.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/space/operators.hpp"

namespace tepui::search {

/// @brief Proposes every feasible encoding once, in lexicographic order.
///
/// For spaces small enough to be finished. Uses no random numbers.
/// @throws SettingError when made for a space with more than `limit` encodings; from ask if none
///         of them meets the constraints; from tell on misuse
struct Exhaustive {
  /// Largest number of encodings (valid or not) that is accepted, >= 1.
  std::uint64_t limit = enumerable_limit;

  template <class Space>
  class Run;

  template <class Self, class Visitor>
  static constexpr void visit(Self& self, Visitor&& visitor) {
    visitor("limit", self.limit);
  }
};

template <class Space>
class Exhaustive::Run {
 public:
  using Encoding = typename Space::Encoding;

  constexpr Run(const Exhaustive& options, const Problem<Space>& problem) : ledger_(problem) {
    bool fits = false;
    if constexpr (space::countable<Space>) fits = space::cardinality<Space>() <= options.limit;
    if (!fits) {
      throw SettingError("Exhaustive: the space has about 10^" +
                         std::to_string(space::log10_cardinality<Space>()) +
                         " encodings, more than limit = " + std::to_string(options.limit) +
                         ": use search::Random, or raise limit if it can be finished");
    }
  }

  constexpr std::vector<Encoding> ask(int n) {
    const std::size_t wanted = detail::checked_count(n);
    std::vector<Encoding> proposals;
    if constexpr (space::countable<Space>) {
      for (; next_ < space::cardinality<Space>() && proposals.size() < wanted; ++next_) {
        const Encoding encoding = space::unrank<Space>(next_);
        if (!ledger_.fresh(encoding) || !space::is_valid<Space>(encoding)) continue;
        if (ledger_.violation(encoding) > 0) continue;
        ledger_.propose(encoding);
        proposals.push_back(encoding);
      }
      if (proposals.empty()) ledger_.require_feasible();
    }
    return proposals;
  }

  constexpr void tell(const Encoding& encoding, const Outcome& outcome) {
    ledger_.told(encoding, outcome, 0);
  }

 private:
  detail::Ledger<Space> ledger_;
  std::uint64_t next_ = 0;
};

}  // namespace tepui::search
