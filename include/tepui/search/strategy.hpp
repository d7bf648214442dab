#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tepui/core/function.hpp"
#include "tepui/core/random.hpp"

namespace tepui::search {

/// @brief What a strategy is told about one proposal.
struct Outcome {
  std::vector<double> scores;  ///< one per objective, LARGER IS BETTER, all finite; empty if failed
  double violation = 0;        ///< 0: feasible; larger: further from the constraints
  bool failed = false;         ///< the candidate diverged or could not be evaluated
};

/// @brief The question a strategy is asked to answer.
template <class Space>
struct Problem {
  using Encoding = typename Space::Encoding;
  random::Key key;  ///< all its randomness comes from here
  std::size_t objectives = 1;
  /// 0 for an encoding that meets every constraint, otherwise how far it is off. Cheap: no
  /// training.
  Function<double(const Encoding&)> violation = [](const Encoding&) { return 0.0; };
  /// The constraints that an encoding misses, in words, for error messages; may be empty.
  Function<std::string(const Encoding&)> explain{};
};

/// @brief Ask/tell: proposes encodings, learns outcomes; owns no threads and reads no data.
///
/// A policy is a plain struct of options with a nested `template <class Space> class Run`:
///
/// | member of Run | meaning |
/// |---|---|
/// | Run(options, problem) | ready for the first ask |
/// | ask(n) | at most n encodings never proposed before by this run; empty: the search is over |
/// | tell(encoding, outcome) | in the order of the asks; replaying all tells rebuilds the state |
///
/// Where these are constexpr, search::run works in constant expressions.
template <class P, class Space>
concept SearchStrategy = requires(const P& policy, const Problem<Space>& problem,
                                  typename P::template Run<Space>& run,
                                  const typename Space::Encoding& encoding,
                                  const Outcome& outcome) {
  typename P::template Run<Space>;
  requires std::constructible_from < typename P::template Run<Space>,
  const P&, const Problem<Space>& > ;
  { run.ask(1) } -> std::same_as<std::vector<typename Space::Encoding>>;
  run.tell(encoding, outcome);
};

namespace detail {

template <class P>
constexpr std::size_t fewest_objectives() {
  if constexpr (requires { P::min_objectives; }) {
    return P::min_objectives;
  } else {
    return 1;
  }
}
template <class P>
constexpr std::size_t most_objectives() {
  if constexpr (requires { P::max_objectives; }) {
    return P::max_objectives;
  } else {
    return static_cast<std::size_t>(-1);
  }
}

}  // namespace detail

/// @brief TakesObjectives for a number that is known at run time only.
template <class P>
[[nodiscard]] constexpr bool takes_objectives(std::size_t count) {
  return detail::fewest_objectives<P>() <= count && count <= detail::most_objectives<P>();
}

/// @brief Whether a strategy can work with a number of objectives.
///
/// A strategy that cannot take every number says so by `static constexpr std::size_t
/// min_objectives` or `max_objectives`: an Experiment, search::run and tabular::Simulation refuse
/// the pair, a Study leaves it out.
template <class P, std::size_t Objectives>
concept TakesObjectives = takes_objectives<P>(Objectives);

}  // namespace tepui::search
