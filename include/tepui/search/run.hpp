#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/random.hpp"
#include "tepui/cost/cost.hpp"
#include "tepui/search/dominance.hpp"
#include "tepui/search/strategy.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/select.hpp"
#include "tepui/space/space.hpp"

/// @file
/// A whole search in one call, for objectives that need no training; also inside the compiler.

namespace tepui::search {

/// @brief What a search has evaluated, in the order of its proposals.
///
/// A literal and structural type. Compilers without floating-point template arguments (clang++ 14)
/// take `best()` and `selection()` as template arguments, not the history itself.
template <SearchSpace S, std::size_t Capacity, std::size_t Objectives>
struct History {
  using SpaceType = S;
  using Encoding = typename S::Encoding;
  using Scores = std::array<double, Objectives>;

  std::array<Encoding, Capacity> encodings{};
  std::array<Scores, Capacity> scores{};  ///< larger is better
  std::size_t count = 0;                  ///< how many of the entries are used

  [[nodiscard]] constexpr std::size_t size() const { return count; }
  constexpr const Encoding& operator[](std::size_t i) const { return encodings[i]; }
  constexpr auto begin() const { return encodings.begin(); }
  constexpr auto end() const { return encodings.begin() + count; }
  constexpr void push_back(const Encoding& encoding, const Scores& of_it) {
    encodings[count] = encoding;
    scores[count++] = of_it;
  }

  /// @return the encoding with the largest first score, the first of them where several have it
  /// @pre size() > 0
  [[nodiscard]] constexpr const Encoding& best() const {
    std::size_t top = 0;
    for (std::size_t i = 1; i < count; ++i) {
      if (scores[i][0] > scores[top][0]) top = i;
    }
    return encodings[top];
  }
  /// @return what no other dominates, in the same order
  [[nodiscard]] constexpr History front() const {
    History result;
    for (std::size_t i = 0; i < count; ++i) {
      bool beaten = false;
      for (std::size_t j = 0; j < count && !beaten; ++j) {
        beaten = dominates(scores[j], scores[i], Direction::maximise);
      }
      if (!beaten) result.push_back(encodings[i], scores[i]);
    }
    return result;
  }
  /// @brief The encodings in lexicographic order, for for_each_architecture.
  /// @tparam Size size(), of a history that is a constant
  /// @throws SettingError for another Size
  template <std::size_t Size>
  [[nodiscard]] constexpr Selection<S, Size> selection() const {
    if (Size != count) {
      throw SettingError("History: selection<" + std::to_string(Size) + "> of " +
                         std::to_string(count) + " encodings");
    }
    Selection<S, Size> result;
    std::copy(begin(), end(), result.encodings.begin());
    std::sort(result.encodings.begin(), result.encodings.end());
    return result;
  }
  friend constexpr bool operator==(const History&, const History&) = default;
};

/// @brief The constraint that every architecture meets.
struct Unconstrained {
  constexpr double operator()(const Cost&) const { return 0; }
};

namespace detail {

template <class F, class S>
concept OfCost = std::invocable<const F&, const Cost&> ||
    std::invocable<const F&, const Cost&, const typename S::Encoding&>;

template <class S, class F>
constexpr auto ask_about(const F& question, const Cost& cost, const typename S::Encoding& code) {
  if constexpr (std::invocable<const F&, const Cost&>) {
    return question(cost);
  } else {
    return question(cost, code);
  }
}

template <std::size_t N>
requires(N > 0) constexpr std::array<double, N> scores_of(const std::array<double, N>& scores) {
  return scores;
}
template <class Score>
requires std::is_arithmetic_v<Score>
constexpr std::array<double, 1> scores_of(Score score) { return {static_cast<double>(score)}; }

template <class F, class S>
using Answer = decltype(ask_about<S>(std::declval<const F&>(), Cost{}, typename S::Encoding{}));

template <class F, class S>
concept Scoring = OfCost<F, S> && requires(const Answer<F, S>& answer) {
  scores_of(answer);
};

template <class F, class S>
using ScoresOf = decltype(scores_of(std::declval<Answer<F, S>>()));

template <class F, class S>
concept Measuring = OfCost<F, S> && std::is_arithmetic_v<Answer<F, S>>;

/// The hard answer; where it is no, callers go no further, so that it stays the only message.
template <class S, class Policy, class Objective, class Violation>
constexpr bool check_run() {
  constexpr bool is_strategy = SearchStrategy<Policy, S>;
  constexpr bool scores = Scoring<Objective, S>;
  constexpr bool measures = Measuring<Violation, S>;
  static_assert(is_strategy,
                "run: the strategy needs a nested Run<Space> with ask(n) and tell(encoding, "
                "outcome); see search/strategy.hpp");
  static_assert(scores,
                "run: the objective must take a Cost, or a Cost and an encoding, and return a "
                "number or a std::array<double, M> of at least one");
  static_assert(measures,
                "run: the violation must take a Cost, or a Cost and an encoding, and return a "
                "number");
  if constexpr (is_strategy && scores && measures) {
    constexpr bool takes = TakesObjectives<Policy, std::tuple_size_v<ScoresOf<Objective, S>>>;
    static_assert(takes,
                  "run: the strategy does not take this number of objectives (see its "
                  "min_objectives and max_objectives); search::Nsga2 takes several");
    return takes;
  } else {
    return false;
  }
}

}  // namespace detail

/// @brief Runs a strategy on objectives that are functions of the cost and the encoding.
///
///     constexpr auto found = tepui::search::run<S, 40>(
///         tepui::search::RegularizedEvolution{.population = 10}, 1,
///         [](tepui::Cost c) { return -static_cast<double>(c.macs); });
///     using Best = tepui::materialize_t<S, found.best()>;
///
/// Asks for one proposal at a time, as an Experiment does, and tells its scores. Infeasible
/// proposals are told as such and not counted. Gives the same result in a constant expression and
/// at run time if the objective does.
/// @tparam Evaluations most feasible encodings to evaluate, >= 1
/// @tparam R         how MACs are counted
/// @param  policy    a SearchStrategy; in constant expressions its Run must be constexpr
/// @param  objective from a Cost, or a Cost and an encoding, to a number or std::array<double, M>,
///                   M a number that the policy takes (TakesObjectives); larger is better
/// @param  violation from the same to 0 if every constraint holds, otherwise how far it is off
/// @return a History of at most Evaluations entries: less if the strategy ended before
/// @throws SettingError if a score is not finite; whatever the strategy throws
/// @determinism a function of the arguments
template <SearchSpace S, std::size_t Evaluations, cost::Rule R = cost::Rule::f201, class Policy,
          class Objective, class Violation = Unconstrained>
[[nodiscard]] constexpr auto run(const Policy& policy, std::uint64_t seed,
                                 const Objective& objective, const Violation& violation = {}) {
  static_assert(Evaluations > 0, "run: a search needs at least one evaluation");
  if constexpr (detail::check_run<S, Policy, Objective, Violation>()) {
    using Encoding = typename S::Encoding;
    constexpr std::size_t objectives = std::tuple_size_v<detail::ScoresOf<Objective, S>>;
    typename Policy::template Run<S> search(
        policy,
        {.key = {seed, random::Purpose::search, 0},
         .objectives = objectives,
         .violation = [&](const Encoding& code) -> double {
           return static_cast<double>(detail::ask_about<S>(violation, cost_of<S>(code, R), code));
         }});
    History<S, Evaluations, objectives> history;
    while (history.size() < Evaluations) {
      const std::vector<Encoding> proposals = search.ask(1);
      if (proposals.empty()) break;
      for (const Encoding& code : proposals) {
        const Cost cost = cost_of<S>(code, R);
        Outcome outcome;
        outcome.violation = static_cast<double>(detail::ask_about<S>(violation, cost, code));
        if (outcome.violation <= 0) {
          const auto scores = detail::scores_of(detail::ask_about<S>(objective, cost, code));
          for (const double score : scores) {
            if (!(score - score == 0)) {
              throw SettingError("run: a score of the encoding " + to_string(code) +
                                 " is not finite");
            }
          }
          outcome.scores.assign(scores.begin(), scores.end());
          if (history.size() < Evaluations) history.push_back(code, scores);
        }
        search.tell(code, outcome);
      }
    }
    return history;
  } else {
    return History<S, 1, 1>{};
  }
}

}  // namespace tepui::search
