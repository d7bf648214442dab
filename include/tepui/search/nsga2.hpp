#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/stable_order.hpp"
#include "tepui/search/crowding.hpp"
#include "tepui/search/detail/generations.hpp"
#include "tepui/search/detail/ledger.hpp"
#include "tepui/search/dominance.hpp"
#include "tepui/search/strategy.hpp"
#include "tepui/space/operators.hpp"

namespace tepui::search {

/// How two parents exchange genes.
enum class Crossover { two_point, uniform };

/// How genes of a child change.
enum class Mutation {
  polynomial,  ///< integer polynomial mutation: near options are likelier; for ordered options
  gene,        ///< any other option with equal probability; for options without an order
};

/// @brief Multi-objective evolution by non-dominated sorting and crowding.
///
/// Generation 0 is sampled from the space, one of it feasible. Each later generation has as many
/// children: parents win binary tournaments (constraint domination, then crowding, then a coin),
/// pairs cross over with probability `crossover_rate`, every child is mutated. Survivors of parents
/// and children are chosen by front, then by crowding. All objectives of an Outcome are maximised.
///
/// Infeasible encodings may be proposed; told back with their violation they rank behind all
/// feasible ones. Failed outcomes take no part. Every generation has at least one feasible
/// proposal; the search ends (an empty ask) when no new one exists, as in Random, or after
/// `generations`. Outstanding outcomes: as GenasEvolution.
/// @throws SettingError on settings out of range; from ask if no encoding meets the constraints
/// @determinism a function of the problem's key and the sequence of asks and tells
/// @source K. Deb, A. Pratap, S. Agarwal, T. Meyarivan, A Fast and Elitist Multiobjective Genetic
///         Algorithm: NSGA-II, 2002; operators and sizes as FlatNAS (arXiv 2402.19102) uses them.
///         Deviation: an encoding is never proposed twice in a run.
struct Nsga2 {
  std::size_t population = 40;  ///< survivors, and children per generation; >= 2
  std::size_t generations = 0;  ///< proposals end after them; 0: never (FlatNAS: 20)
  Crossover crossover = Crossover::two_point;
  double crossover_rate = 0.9;  ///< probability per pair, in [0, 1]; else the parents are copied
  Mutation mutation = Mutation::polynomial;
  double mutation_rate = 0;  ///< per-gene probability, in [0, 1]; 0: one over the decisions
  double eta = 1.0;          ///< distribution index of polynomial mutation, >= 0
  std::size_t refill = 100;  ///< matings in a row without a new child before random fill, >= 1
  CrowdingForm crowding = CrowdingForm::halved;

  template <class Space>
  class Run;

  template <class Self, class Visitor>
  static constexpr void visit(Self& self, Visitor&& visitor) {
    visitor("population", self.population);
    visitor("generations", self.generations);
    visitor("crossover", self.crossover);
    visitor("crossover_rate", self.crossover_rate);
    visitor("mutation", self.mutation);
    visitor("mutation_rate", self.mutation_rate);
    visitor("eta", self.eta);
    visitor("refill", self.refill);
    visitor("crowding", self.crowding);
  }
};

template <class Space>
class Nsga2::Run {
 public:
  using Encoding = typename Space::Encoding;
  struct Member {
    Encoding encoding;
    std::vector<double> scores;  ///< larger is better; empty if infeasible
    double violation = 0;
    std::size_t front = 0;  ///< 0: the best
    double crowding = 0;
  };

  constexpr Run(const Nsga2& options, const Problem<Space>& problem)
      : options_(options),
        objectives_(problem.objectives),
        ledger_(problem),
        queue_(options.population, options.generations) {
    detail::check_at_least("Nsga2", "population", options.population, 2);
    detail::check_at_least("Nsga2", "refill", options.refill, 1);
    detail::check_at_least("Nsga2", "objectives of the problem", problem.objectives, 1);
    detail::check_probability("Nsga2", "crossover_rate", options.crossover_rate);
    detail::check_probability("Nsga2", "mutation_rate", options.mutation_rate);
    if (!(options.eta >= 0) || options.eta > std::numeric_limits<double>::max()) {
      throw SettingError("Nsga2: eta is " + std::to_string(options.eta) +
                         ", but must be finite and at least 0");
    }
  }

  constexpr std::vector<Encoding> ask(int n) {
    return queue_.ask(detail::checked_count(n), ledger_,
                      [this](std::size_t generation) { return breed(generation); });
  }

  constexpr void tell(const Encoding& encoding, const Outcome& outcome) {
    const bool learned = ledger_.told(encoding, outcome, objectives_);
    const std::size_t index = tells_++;
    if (learned) {
      told_.push_back({index, {encoding, outcome.scores, 0.0, 0, 0.0}});
    } else if (!outcome.failed && outcome.violation > 0) {
      told_.push_back({index, {encoding, {}, outcome.violation, 0, 0.0}});
    }
  }

  /// @brief Starts from a known outcome: generation 0 is then bred instead of sampled, and the
  /// encoding is not proposed. Only before the first ask; not part of what tells rebuild.
  constexpr void start_from(const Encoding& encoding, const Outcome& outcome) {
    if (ledger_.proposed() != 0 || outcome.failed || !ledger_.fresh(encoding)) return;
    ledger_.reserve(encoding);
    const bool feasible = outcome.violation <= 0;
    population_.push_back({encoding, feasible ? outcome.scores : std::vector<double>{},
                           feasible ? 0.0 : outcome.violation, 0, 0.0});
    survive(population_);
  }

  /// @return the survivors of everything told so far, best front first
  [[nodiscard]] constexpr std::vector<Member> population() const {
    std::vector<Member> members = population_;
    for (std::size_t i = folded_; i < told_.size(); ++i) members.push_back(told_[i].second);
    survive(members);
    return members;
  }

 private:
  constexpr std::vector<Encoding> breed(std::size_t generation) {
    fold(generation);
    random::Stream stream = ledger_.stream(generation);
    std::vector<Encoding> children;
    bool any_feasible = false;
    const auto add = [&](const Encoding& child) {
      if (children.size() == options_.population || !ledger_.fresh(child)) return false;
      ledger_.reserve(child);
      children.push_back(child);
      any_feasible = any_feasible || ledger_.violation(child) == 0;
      return true;
    };
    const auto add_feasible = [&] {
      const auto drawn = ledger_.draw(stream);
      return drawn && add(*drawn);
    };
    if (population_.empty()) {
      if (!add_feasible()) return children;
      for (std::size_t missed = 0;
           children.size() < options_.population && missed < options_.refill;) {
        missed = add(space::sample<Space>(stream)) ? 0 : missed + 1;
      }
    } else {
      for (std::size_t missed = 0;
           children.size() < options_.population && missed < options_.refill;) {
        const auto pair = mate(stream);
        const bool first = add(pair[0]);
        const bool second = add(pair[1]);
        missed = first || second ? 0 : missed + 1;
      }
    }
    while (children.size() < options_.population && add_feasible()) {
    }
    if (!any_feasible) {  // children that all fail the constraints make no progress
      if (children.size() == options_.population) {
        ledger_.release(children.back());
        children.pop_back();
      }
      if (!add_feasible()) {
        for (const Encoding& child : children) ledger_.release(child);
        children.clear();
      }
    }
    return children;
  }

  constexpr std::array<Encoding, 2> mate(random::Stream& stream) {
    const Encoding& a = tournament(stream).encoding;
    const Encoding& b = tournament(stream).encoding;
    std::array<Encoding, 2> children{a, b};
    if (stream.bernoulli(options_.crossover_rate)) {
      if (options_.crossover == Crossover::two_point) {
        children = space::crossover_two_point<Space>(a, b, stream);
      } else {
        children[0] = space::crossover_uniform<Space>(a, b, stream);
        children[1] = space::crossover_uniform<Space>(a, b, stream);
      }
    }
    const double rate = options_.mutation_rate > 0 ? options_.mutation_rate
                                                   : 1.0 / static_cast<double>(Space::decisions);
    for (Encoding& child : children) {
      child = options_.mutation == Mutation::polynomial
                  ? space::mutate_polynomial<Space>(child, rate, options_.eta, stream)
                  : space::mutate<Space>(child, rate, stream);
    }
    return children;
  }

  constexpr const Member& tournament(random::Stream& stream) const {
    const auto count = static_cast<std::uint32_t>(population_.size());
    const Member& a = population_[stream.below(count)];
    const Member& b = population_[stream.below(count)];
    const bool coin = stream.below(2) == 0;
    if (constrained_dominates(a.scores, a.violation, b.scores, b.violation, Direction::maximise)) {
      return a;
    }
    if (constrained_dominates(b.scores, b.violation, a.scores, a.violation, Direction::maximise)) {
      return b;
    }
    if (a.crowding != b.crowding) return a.crowding > b.crowding ? a : b;
    return coin ? a : b;
  }

  /// Lets the outcomes of each generation before `generation` compete, one generation at a time.
  constexpr void fold(std::size_t generation) {
    for (std::size_t g = 1; g <= generation; ++g) {
      const std::size_t before = folded_;
      while (folded_ < told_.size() && told_[folded_].first < g * queue_.size()) {
        population_.push_back(told_[folded_++].second);
      }
      if (folded_ != before) survive(population_);
    }
  }

  /// Environmental selection: keeps at most `population` members, with front and crowding set.
  constexpr void survive(std::vector<Member>& members) const {
    std::vector<std::vector<double>> points;
    std::vector<double> violations;
    for (const Member& member : members) {
      points.push_back(member.scores);
      violations.push_back(member.violation);
    }
    std::vector<Member> kept;
    const auto fronts = non_dominated_sort(points, violations, Direction::maximise);
    for (std::size_t f = 0; f < fronts.size() && kept.size() < options_.population; ++f) {
      std::vector<std::vector<double>> front_points;
      for (const std::size_t i : fronts[f]) front_points.push_back(points[i]);
      const auto distance = crowding_distance(front_points, options_.crowding);
      std::vector<std::size_t> order(fronts[f].size(), 0);
      std::iota(order.begin(), order.end(), std::size_t{0});
      if (kept.size() + order.size() > options_.population) {
        order = stable_order(
            order.size(), [&](std::size_t a, std::size_t b) { return distance[a] > distance[b]; });
        order.resize(options_.population - kept.size());
      }
      for (const std::size_t i : order) {
        Member member = members[fronts[f][i]];
        member.front = f;
        member.crowding = distance[i];
        kept.push_back(std::move(member));
      }
    }
    members = std::move(kept);
  }

  Nsga2 options_;
  std::size_t objectives_;
  detail::Ledger<Space> ledger_;
  detail::Generations<Space> queue_;
  std::vector<Member> population_;
  std::vector<std::pair<std::size_t, Member>> told_;  // with the number of tells before it
  std::size_t folded_ = 0;                            // how many of told_ are in population_
  std::size_t tells_ = 0;
};

}  // namespace tepui::search
