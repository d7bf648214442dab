#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/enum_name.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/function.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/core/random.hpp"
#include "tepui/cost/constraints.hpp"
#include "tepui/experiment/detail/report.hpp"
#include "tepui/experiment/detail/tally.hpp"
#include "tepui/experiment/trial.hpp"
#include "tepui/search/strategy.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/encoding.hpp"

namespace tepui::detail {

/// @brief What a strategy is told of a space whose architectures must meet constraints.
/// @param constraints outlive the problem
template <class S>
[[nodiscard]] search::Problem<S> problem_of(random::Key key, std::size_t objectives,
                                            const Constraints& constraints) {
  using Encoding = typename S::Encoding;
  return {.key = key,
          .objectives = objectives,
          .violation =
              [&constraints](const Encoding& code) {
                return constraints.violation(cost_of<S>(code, constraints.rule));
              },
          .explain =
              [&constraints](const Encoding& code) {
                return constraints.explain(cost_of<S>(code, constraints.rule));
              }};
}

/// @brief Proposals of a strategy, measured and told to it, until there are enough.
///
/// Does not depend on how candidates are trained and measured.
template <class S, class Search>
struct SearchLoop {
  using Encoding = typename S::Encoding;
  using Trials = std::vector<Trial<Encoding>>;

  const Search& strategy;
  int evaluations;  ///< architectures measured at most
  int at_once;      ///< architectures asked for and measured at a time
  /// `measure(place, trial, index)` fills in trial number `index`; those with different places,
  /// 0 to at_once - 1, may run side by side
  Function<void(std::size_t, Trial<Encoding>&, std::size_t)> measure;
  const Function<void(const Trial<Encoding>&)>& append;  ///< told of every new trial, in order
  const Report& report;

  /// @param trials   empty; gets every proposal
  /// @param recorded told to the strategy and not measured again
  /// @throws DataError if the strategy would not have proposed what is recorded
  /// @throws DivergenceError if every architecture diverged
  void run(const search::Problem<S>& problem, Trials& trials, Trials recorded) const {
    typename Search::template Run<S> run(strategy, problem);
    Tally tally(evaluations);
    while (tally.progress().done < evaluations) {
      const std::vector<Encoding> proposals =
          run.ask(std::min(at_once, evaluations - static_cast<int>(tally.progress().done)));
      if (proposals.empty()) break;
      const std::size_t before = trials.size();
      std::vector<search::Outcome> outcomes(proposals.size());
      std::vector<std::size_t> open;  // trials to measure now
      for (std::size_t i = 0; i < proposals.size(); ++i) {
        const Encoding& code = proposals[i];
        outcomes[i].violation = problem.violation(code);
        Trial<Encoding>& trial = trials.emplace_back();
        if (before + i < recorded.size()) {
          trial = std::move(recorded[before + i]);
          check_recorded(trial, before + i, code, outcomes[i].violation, problem.objectives);
        } else if (outcomes[i].violation > 0) {
          trial.status = TrialStatus::infeasible;
        } else {
          open.push_back(before + i);
        }
        trial.encoding = code;
        trial.cost = cost_of<S>(code);
      }
      // (a strategy may give more than it was asked for)
      const auto places = static_cast<std::size_t>(at_once);
      for (std::size_t done = 0; done < open.size(); done += places) {
        parallel_for_each_index(std::min(places, open.size() - done), [&](std::size_t place) {
          const std::size_t trial = open[done + place];
          measure(place, trials[trial], trial);
        });
      }
      for (std::size_t i = 0; i < proposals.size(); ++i) {
        const Trial<Encoding>& trial = trials[before + i];
        search::Outcome& outcome = outcomes[i];
        if (before + i >= recorded.size()) append(trial);
        tally.count(trial);
        outcome.failed = trial.status == TrialStatus::diverged;
        outcome.scores = trial.scored.scores;
        run.tell(trial.encoding, outcome);
        report(tally.progress());
      }
    }
    if (recorded.size() > trials.size()) {
      throw DataError("experiment: the storage holds " + std::to_string(recorded.size()) +
                      " trials, but the search ended after " + std::to_string(trials.size()) +
                      ": the record is of another run");
    }
    tally.require_success();
  }

 private:
  static void check_recorded(const Trial<Encoding>& trial, std::size_t index, const Encoding& code,
                             double violation, std::size_t objectives) {
    const bool measured = trial.status == TrialStatus::measured;
    const std::size_t values = measured ? objectives : 0;
    std::string what;
    if (trial.encoding != code) {
      what = "is " + to_string(trial.encoding) + ", but the strategy proposes " + to_string(code);
    } else if ((trial.status == TrialStatus::infeasible) != (violation > 0)) {
      what = "is recorded as " + std::string(enum_name(trial.status)) +
             ", which its constraints contradict";
    } else if (trial.scored.scores.size() != values || trial.scored.measurements.size() != values) {
      what = "has " + std::to_string(trial.scored.scores.size()) + " scores and " +
             std::to_string(trial.scored.measurements.size()) + " measurements, expected " +
             std::to_string(values);
    } else {
      return;
    }
    throw DataError("experiment: trial " + std::to_string(index) + " of the storage " + what +
                    ": the record is damaged or of another run");
  }
};

}  // namespace tepui::detail
