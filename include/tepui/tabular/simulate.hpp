#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tepui/core/enum_name.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/type_name.hpp"
#include "tepui/cost/constraints.hpp"
#include "tepui/search/dominance.hpp"
#include "tepui/search/strategy.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/tabular/detail/front.hpp"
#include "tepui/tabular/nas_bench_201_table.hpp"

namespace tepui::tabular {

/// @brief A column that a search looks for large (or small) values of.
struct Objective {
  Column column = Column::c10v_valid_12;
  search::Direction direction = search::Direction::maximise;
};

/// @brief What a simulated search asks of the table.
struct SimulationOptions {
  static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

  std::uint64_t seed = 1;
  /// What the strategy is told; the first one decides which architecture is the best so far.
  std::vector<Objective> objectives{Objective{}};
  Column test = Column::c10_test_200;  ///< what the best so far is judged by; not told to anybody
  std::size_t evaluations = no_limit;  ///< architectures evaluated at most, >= 1
  /// Simulated time for all evaluations together, > 0 [s]. An evaluation that does not end in time
  /// is not counted and ends the search.
  double seconds = std::numeric_limits<double>::infinity();
  Constraints constraints{};  ///< on cost_of; infeasible proposals are told and cost no time
};

/// @brief The best so far, at one moment of a search.
struct Incumbent {
  double seconds = 0;           ///< simulated time that has passed
  std::size_t evaluations = 0;  ///< architectures evaluated
  NasBench201Table::Encoding encoding{};
  double objective = 0;  ///< the first objective, as in the table
  double test = 0;       ///< accuracy in the column `test` [%]
  double regret = 0;     ///< best test accuracy of all feasible architectures minus `test` [%]
  /// Share of the largest possible hypervolume that everything evaluated so far dominates, between
  /// the worst feasible value of every objective and the table's own Pareto front: 1 once that
  /// front is found. An objective in which all feasible architectures are equal does not count;
  /// where each of them is the worst in something, the volume begins further out, by the range of
  /// every objective. NaN for a single objective.
  double hypervolume = std::numeric_limits<double>::quiet_NaN();
};

/// @brief What a simulated search found, and when.
struct Trajectory {
  std::vector<Incumbent> steps;  ///< each time something improved, in order
  double seconds = 0;            ///< simulated time of the whole search
  std::size_t evaluations = 0;   ///< of the whole search

  /// @return the best after so many simulated seconds; nullptr before the first evaluation ended
  [[nodiscard]] const Incumbent* at_seconds(double time) const {
    return last([time](const Incumbent& step) { return step.seconds <= time; });
  }
  /// @return the best after so many evaluations; nullptr for 0
  [[nodiscard]] const Incumbent* at_evaluations(std::size_t count) const {
    return last([count](const Incumbent& step) { return step.evaluations <= count; });
  }

 private:
  template <class Reached>
  [[nodiscard]] const Incumbent* last(Reached&& reached) const {
    const auto next = std::partition_point(steps.begin(), steps.end(), reached);
    return next == steps.begin() ? nullptr : &*(next - 1);
  }
};

/// @brief Searches whose evaluations are read from a table instead of trained.
///
/// An evaluation is charged the training time of the columns it reads: c10v_train_seconds_200 for a
/// column after 200 epochs, 12/200 of it for one after 12, both if both are read, nothing for
/// params and flops. The table has no time for other trainings than c10v's (nothing is charged, and
/// `seconds` cannot be set), and none for validation.
///
/// A template so that only programs that simulate compile the costs of the table's space.
template <class Table = NasBench201Table>
class Simulation {
 public:
  using Space = typename Table::Space;
  using Encoding = typename Table::Encoding;

  /// @param table must outlive the simulation
  /// @throws SettingError on options out of range, and if no architecture meets the constraints
  Simulation(const Table& table, SimulationOptions options)
      : table_(table), options_(std::move(options)) {
    check();
    epochs_charged_ = charged_epochs(options_.objectives);
    if (std::isfinite(options_.seconds) && epochs_charged_ == 0) {
      throw SettingError(
          "simulation seconds: the table has no training time for these objectives (" +
          objective_names() + "); use columns of c10v, or bound the evaluations instead");
    }
    survey();
  }
  Simulation(Table&&, SimulationOptions) = delete;  // would be gone at once

  [[nodiscard]] const SimulationOptions& options() const { return options_; }
  /// Best accuracy in the column `test` of all feasible architectures [%].
  [[nodiscard]] double best_test() const { return best_test_; }
  /// Best first objective of all feasible architectures, as in the table.
  [[nodiscard]] double best_objective() const { return best_objective_; }
  /// @return what one evaluation is charged [s]
  [[nodiscard]] double seconds_of(const Row& row) const {
    return row.training_seconds(epochs_charged_);
  }

  /// @brief One search.
  /// @tparam Policy a SearchStrategy
  /// @return without steps if the budget is too short for the first evaluation
  /// @throws SettingError if the policy does not take this number of objectives
  ///         (search::takes_objectives), or refuses its options or the problem
  /// @determinism a function of the table, the options, the policy and the seed
  template <class Policy>
  [[nodiscard]] Trajectory run(const Policy& policy, std::uint64_t seed) const {
    static_assert(search::SearchStrategy<Policy, Space>,
                  "simulation: the strategy needs a nested Run<Space> with ask(n) and "
                  "tell(encoding, outcome); see search/strategy.hpp");
    if (!search::takes_objectives<Policy>(options_.objectives.size())) {
      throw SettingError("simulation objectives: got " +
                         std::to_string(options_.objectives.size()) + ", a number that " +
                         short_type_name<Policy>() +
                         " does not take (see its min_objectives and max_objectives); "
                         "search::Nsga2 takes several");
    }
    const search::Problem<Space> question = problem(seed);
    typename Policy::template Run<Space> strategy(policy, question);
    Trajectory found;
    detail::Front front(reference_);
    search::Outcome outcome;
    double best = -std::numeric_limits<double>::infinity();
    while (found.evaluations < options_.evaluations) {
      const std::vector<Encoding> proposals = strategy.ask(1);
      if (proposals.empty()) break;
      const Encoding& code = proposals.front();
      outcome.violation = question.violation(code);
      outcome.scores.clear();
      if (outcome.violation <= 0) {
        const Row& row = table_[code];
        const double end = found.seconds + seconds_of(row);
        if (end > options_.seconds) break;
        found.seconds = end;
        ++found.evaluations;
        score(row, outcome.scores);
        const bool improved = outcome.scores[0] > best;
        const bool advanced = several() && front.add(outcome.scores);
        if (improved || advanced) {
          best = std::max(best, outcome.scores[0]);
          found.steps.push_back(step(found, improved ? code : found.steps.back().encoding, front));
        }
      }
      strategy.tell(code, outcome);
    }
    return found;
  }
  /// The search with the seed of the options.
  template <class Policy>
  [[nodiscard]] Trajectory run(const Policy& policy) const {
    return run(policy, options_.seed);
  }

 private:
  [[nodiscard]] bool several() const { return options_.objectives.size() > 1; }

  [[nodiscard]] static bool timed(Column column) { return enum_name(column).starts_with("c10v_"); }
  /// @return epochs that one evaluation is charged; 0 where a training has no time in the table
  [[nodiscard]] static int charged_epochs(std::span<const Objective> objectives) {
    bool runs[2] = {false, false};
    for (const Objective& objective : objectives) {
      const int epochs = epochs_of(objective.column);
      if (epochs == 0) continue;
      if (!timed(objective.column)) return 0;
      runs[epochs == 200 ? 1 : 0] = true;
    }
    return (runs[0] ? 12 : 0) + (runs[1] ? 200 : 0);
  }
  [[nodiscard]] std::string objective_names() const {
    std::string text;
    for (const Objective& objective : options_.objectives) {
      text += (text.empty() ? "" : ", ") + std::string(enum_name(objective.column));
    }
    return text;
  }

  void check() const {
    const auto require = [](bool holds, const char* name, const std::string& got,
                            const char* expected) {
      if (!holds) {
        throw SettingError(std::string("simulation ") + name + ": got " + got + ", expected " +
                           expected);
      }
    };
    require(!options_.objectives.empty(), "objectives", "none", "at least one");
    require(is_accuracy(options_.test), "test", std::string(enum_name(options_.test)),
            "a column with accuracies");
    require(options_.evaluations >= 1, "evaluations", "0", "at least 1");
    require(options_.seconds > 0, "seconds", std::to_string(options_.seconds), "a number above 0");
  }

  [[nodiscard]] double violation(const Encoding& code) const {
    const Constraints& bounds = options_.constraints;
    return bounds.violation(cost_of<Space>(code, bounds.rule));
  }
  [[nodiscard]] bool constrained() const {
    const Constraints& bounds = options_.constraints;
    return bounds.max_params || bounds.max_macs || bounds.max_activations;
  }
  [[nodiscard]] search::Problem<Space> problem(std::uint64_t seed) const {
    search::Problem<Space> question{.key = {seed, random::Purpose::search, 0},
                                    .objectives = options_.objectives.size(),
                                    .explain = [this](const Encoding& code) {
                                      const Constraints& bounds = options_.constraints;
                                      return bounds.explain(cost_of<Space>(code, bounds.rule));
                                    }};
    if (constrained()) {
      question.violation = [this](const Encoding& code) { return violation(code); };
    }
    return question;
  }

  void score(const Row& row, std::vector<double>& scores) const {
    for (const Objective& objective : options_.objectives) {
      const double value = row[objective.column];
      scores.push_back(objective.direction == search::Direction::maximise ? value : -value);
    }
  }
  [[nodiscard]] Incumbent step(const Trajectory& found, const Encoding& code,
                               const detail::Front& front) const {
    const Row& row = table_[code];
    return {.seconds = found.seconds,
            .evaluations = found.evaluations,
            .encoding = code,
            .objective = row[options_.objectives[0].column],
            .test = row[options_.test],
            .regret = best_test_ - row[options_.test],
            .hypervolume = several() ? front.volume() / largest_volume_
                                     : std::numeric_limits<double>::quiet_NaN()};
  }

  /// What the whole table could give: the yardstick of regret and hypervolume.
  void survey() {
    std::vector<double> scores;
    std::vector<std::vector<double>> feasible;
    double best = -std::numeric_limits<double>::infinity();
    for (std::size_t rank = 0; rank < Table::size; ++rank) {
      const Encoding code = space::unrank<Space>(rank);
      if (violation(code) > 0) continue;
      const Row& row = table_[code];
      scores.clear();
      score(row, scores);
      best_test_ = std::max(best_test_, row[options_.test]);
      if (scores[0] > best) {
        best = scores[0];
        best_objective_ = row[options_.objectives[0].column];
      }
      feasible.push_back(scores);
    }
    if (feasible.empty()) {
      throw SettingError("simulation constraints: none of the " + std::to_string(Table::size) +
                         " architectures meets them");
    }
    if (!several()) return;
    const auto best_of_each = search::ideal_point(feasible, search::Direction::maximise);
    reference_ = search::ideal_point(feasible, search::Direction::minimise);
    for (std::size_t i = 0; i < reference_.size(); ++i) {
      if (reference_[i] == best_of_each[i]) reference_[i] -= 1;  // a factor that all have
    }
    largest_volume_ = volume_of(feasible);
    if (largest_volume_ > 0) return;
    for (std::size_t i = 0; i < reference_.size(); ++i) {
      reference_[i] -= best_of_each[i] - reference_[i];
    }
    largest_volume_ = volume_of(feasible);
  }
  [[nodiscard]] double volume_of(const std::vector<std::vector<double>>& points) const {
    detail::Front front(reference_);
    for (const auto& point : points) (void)front.add(point);
    return front.volume();
  }

  const Table& table_;
  SimulationOptions options_;
  int epochs_charged_ = 0;
  double best_test_ = 0;
  double best_objective_ = 0;
  std::vector<double> reference_;
  double largest_volume_ = 0;
};

}  // namespace tepui::tabular
