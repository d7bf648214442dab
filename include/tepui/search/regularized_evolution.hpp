#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tepui/search/detail/ledger.hpp"
#include "tepui/search/strategy.hpp"
#include "tepui/space/operators.hpp"

namespace tepui::search {

/// @brief Aging evolution: the parent is the best of a random sample, the oldest member dies.
///
/// The first `population` proposals are random. After that each proposal draws `tournament`
/// members with replacement, takes the one with the largest scores[0] and changes one of its
/// genes. Every successful outcome enters the population; above `population` members the one told
/// first leaves, however good it is. Failed and infeasible outcomes never enter.
///
/// Proposals use the outcomes told when they are asked for, so several asks may be outstanding;
/// while nothing was told yet, proposals are random. Ends like Random.
/// @throws SettingError on settings out of range; from ask if no encoding meets the constraints
/// @determinism a function of the problem's key and the sequence of asks and tells
/// @source E. Real, A. Aggarwal, Y. Huang, Q. Le, Regularized Evolution for Image Classifier
///         Architecture Search, AAAI 2019, algorithm 1. Deviation: no identity mutation and no
///         repeats; a child proposed before is mutated anew, at most `tries` times.
struct RegularizedEvolution {
  static constexpr std::size_t max_objectives = 1;

  std::size_t population = 100;  ///< members alive, >= 1
  std::size_t tournament = 25;   ///< members drawn to choose one parent, >= 1
  std::size_t tries = 100;       ///< mutations of one parent before looking further, >= 1

  template <class Space>
  class Run;

  template <class Self, class Visitor>
  static constexpr void visit(Self& self, Visitor&& visitor) {
    visitor("population", self.population);
    visitor("tournament", self.tournament);
    visitor("tries", self.tries);
  }
};

template <class Space>
class RegularizedEvolution::Run {
 public:
  using Encoding = typename Space::Encoding;
  struct Member {
    Encoding encoding;
    double score;
  };

  constexpr Run(const RegularizedEvolution& options, const Problem<Space>& problem)
      : options_(options), ledger_(problem) {
    detail::check_at_least("RegularizedEvolution", "population", options.population, 1);
    detail::check_at_least("RegularizedEvolution", "tournament", options.tournament, 1);
    detail::check_at_least("RegularizedEvolution", "tries", options.tries, 1);
  }

  constexpr std::vector<Encoding> ask(int n) {
    std::vector<Encoding> proposals;
    for (std::size_t left = detail::checked_count(n); left > 0; --left) {
      random::Stream stream = ledger_.stream(ledger_.proposed());
      const auto next = propose(stream);
      if (!next) break;
      ledger_.propose(*next);
      proposals.push_back(*next);
    }
    return proposals;
  }

  constexpr void tell(const Encoding& encoding, const Outcome& outcome) {
    if (!ledger_.told(encoding, outcome, 1)) return;
    entered_.push_back({encoding, outcome.scores[0]});
  }

  /// The members alive, oldest first.
  [[nodiscard]] constexpr std::span<const Member> population() const {
    const std::span<const Member> all = entered_;
    return all.last(std::min(all.size(), options_.population));
  }

 private:
  constexpr std::optional<Encoding> propose(random::Stream& stream) {
    const std::span<const Member> alive = population();
    if (ledger_.proposed() < options_.population || alive.empty()) {
      return ledger_.draw(stream);
    }
    const Member* parent = nullptr;
    for (std::size_t i = 0; i < options_.tournament; ++i) {
      const Member& drawn = alive[stream.below(static_cast<std::uint32_t>(alive.size()))];
      if (parent == nullptr || drawn.score > parent->score) parent = &drawn;
    }
    return ledger_.breed(options_.tries, stream, [parent](random::Stream& source) {
      return space::mutate_one<Space>(parent->encoding, source);
    });
  }

  RegularizedEvolution options_;
  detail::Ledger<Space> ledger_;
  std::vector<Member> entered_;  // the last of them are alive
};

}  // namespace tepui::search
