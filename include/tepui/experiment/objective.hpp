#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/type_name.hpp"
#include "tepui/metric/metric.hpp"

namespace tepui::objective {

using metric::Measurement;

/// @brief What one candidate scored: what was measured, and what strategies compare.
struct Scored {
  std::vector<Measurement> measurements;  ///< one per objective
  std::vector<double> scores;             ///< one per objective, larger is better, finite
};

namespace detail {

/// Whether a metric points up or down as asked; one that does not say is refused elsewhere.
template <class M, bool Up>
constexpr bool points() {
  if constexpr (flatness::Oriented<M>) {
    return M::larger_is_better == Up;
  } else {
    return true;
  }
}

template <class M, bool Up>
struct Single {
  static_assert(points<M, Up>(),
                "objective: Maximize takes metrics whose larger values are better, Minimize the "
                "others; the metric's larger_is_better says which it is");
  M metric{};

  static constexpr std::size_t count = 1;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("metric", self.metric);
  }
  [[nodiscard]] static std::vector<std::string> names() { return {short_type_name<M>()}; }

  /// @throws DivergenceError if the metric does, or if its value is not finite
  template <class Candidate>
  void score(Candidate& candidate, random::Key key, Scored& into) const {
    static_assert(metric::Metric<M, Candidate>,
                  "objective: the metric needs measure(candidate, key) returning a Measurement and "
                  "static constexpr bool larger_is_better; see metric/metric.hpp");
    into.measurements.push_back(metric.measure(candidate, key));
    const double value = into.measurements.back().value;
    if (!std::isfinite(value)) {
      throw DivergenceError(short_type_name<M>() + " is " + std::to_string(value));
    }
    into.scores.push_back(Up ? value : -value);
  }
};

}  // namespace detail

/// @brief Looks for a large value of a metric.
template <class M>
struct Maximize : detail::Single<M, true> {};

/// @brief Looks for a small value of a metric.
template <class M>
struct Minimize : detail::Single<M, false> {};

/// @brief Several objectives at once, for strategies that look for a Pareto front.
template <class... O>
struct Several {
  static_assert(sizeof...(O) >= 1, "objective: Several needs at least one objective");
  static constexpr std::size_t count = (O::count + ...);

  std::tuple<O...> objectives{};

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      (visitor("objective" + std::to_string(Index), std::get<Index>(self.objectives)), ...);
    }
    (std::index_sequence_for<O...>{});
  }
  [[nodiscard]] static std::vector<std::string> names() {
    std::vector<std::string> all;
    const auto append = [&all](const std::vector<std::string>& names) {
      all.insert(all.end(), names.begin(), names.end());
    };
    (append(O::names()), ...);
    for (std::size_t i = 1; i < all.size(); ++i) {  // one name, one column
      const auto before =
          std::count(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), all[i]);
      if (before > 0) all[i].append("#").append(std::to_string(before + 1));
    }
    return all;
  }
  template <class Candidate>
  void score(Candidate& candidate, random::Key key, Scored& into) const {
    std::apply([&](const O&... each) { (each.score(candidate, key, into), ...); }, objectives);
  }
};

}  // namespace tepui::objective
