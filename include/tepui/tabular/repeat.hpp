#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/core/summary.hpp"
#include "tepui/tabular/simulate.hpp"

namespace tepui::tabular {

/// @brief How one number is spread over the repeats of a search.
struct Spread {
  Summary summary;  ///< count, mean, deviation
  double lower_quartile = std::numeric_limits<double>::quiet_NaN();
  double median = std::numeric_limits<double>::quiet_NaN();
  double upper_quartile = std::numeric_limits<double>::quiet_NaN();

  [[nodiscard]] static Spread of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return {.summary = Summary::of(values),
            .lower_quartile = quantile(values, 0.25),
            .median = quantile(values, 0.5),
            .upper_quartile = quantile(values, 0.75)};
  }
};

/// @brief The same search with many seeds.
struct Repeats {
  std::vector<Trajectory> runs;  ///< run k has the seed of the options plus k

  /// @brief A number of the best so far, over all runs that have evaluated something by then.
  /// @param number a member of Incumbent: &Incumbent::test, &Incumbent::regret, ...
  [[nodiscard]] Spread at_seconds(double time, double Incumbent::*number) const {
    return over([time](const Trajectory& run) { return run.at_seconds(time); }, number);
  }
  /// @brief The same after so many evaluations; a search that ended before keeps what it had.
  [[nodiscard]] Spread at_evaluations(std::size_t count, double Incumbent::*number) const {
    return over([count](const Trajectory& run) { return run.at_evaluations(count); }, number);
  }

 private:
  template <class At>
  [[nodiscard]] Spread over(At&& at, double Incumbent::*number) const {
    std::vector<double> values;
    values.reserve(runs.size());
    for (const Trajectory& run : runs) {
      if (const Incumbent* best = at(run)) values.push_back(best->*number);
    }
    return Spread::of(std::move(values));
  }
};

/// @brief Repeats a simulated search with the seeds seed, seed + 1, ..., several at a time.
/// @param repeats >= 1
/// @param threads >= 1; the result does not depend on it
/// @throws SettingError on a number out of range, and as Simulation::run
template <class Table, class Policy>
[[nodiscard]] Repeats repeat(
    const Simulation<Table>& simulation, const Policy& policy, std::size_t repeats,
    int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))) {
  if (repeats < 1) throw SettingError("repeats: got 0, but at least 1 is needed");
  Repeats result;
  result.runs.resize(repeats);
  ThreadLimit limit(threads);
  limit.run([&] {
    parallel_for_each_index(repeats, [&](std::size_t k) {
      result.runs[k] = simulation.run(policy, simulation.options().seed + k);
    });
  });
  return result;
}

}  // namespace tepui::tabular
