#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/stable_order.hpp"
#include "tepui/search/detail/generations.hpp"
#include "tepui/search/detail/ledger.hpp"
#include "tepui/search/strategy.hpp"
#include "tepui/space/operators.hpp"

namespace tepui::search {

/// @brief Elitist evolution of GeNAS (and RLNAS, SPOS): mutants and crossovers of the best so far.
///
/// Generation 0 is random. Every later one holds up to `mutation` mutants of a uniformly drawn
/// parent, up to `crossover` children of two uniformly drawn parents (which may coincide), and
/// random encodings up to `population`. Parents are the `parents` largest scores[0] of everything
/// told so far, earlier ones first where equal; failed and infeasible outcomes never are. Repeats
/// and infeasible children are dropped and drawn anew within the stated bounds.
///
/// Ends (an empty ask) after `generations`, or as Random does. An ask returns at most the rest of
/// the current generation; one that starts a generation while outcomes are outstanding breeds it
/// from what was told by then.
/// @throws SettingError on settings out of range; from ask if no encoding meets the constraints
/// @determinism a function of the problem's key and the sequence of asks and tells
/// @source GeNAS, arXiv 2305.08611, and its reference code (evolution_search). Deviations:
/// unrepaired
///         raw proposals are not remembered as visited, mutation has a bound that holds, failures
///         are not retried, no 21st generation is made.
struct GenasEvolution {
  static constexpr std::size_t max_objectives = 1;

  std::size_t population = 50;        ///< proposals per generation, >= 1
  std::size_t parents = 10;           ///< best outcomes that children come from, >= 1
  std::size_t mutation = 25;          ///< most mutants per generation
  std::size_t crossover = 25;         ///< most crossovers; mutation + crossover <= population
  std::size_t generations = 20;       ///< proposals end after them; 0: never
  double mutation_rate = 0.1;         ///< per-gene probability, in [0, 1]
  std::size_t mutated_genes = 0;      ///< leading genes that mutation may change; 0: all of them
  bool mutation_may_keep = true;      ///< redraw a mutated gene from all options, its own included
  std::size_t mutation_tries = 250;   ///< raw mutants per generation before random fill, >= 1
  std::size_t crossover_tries = 260;  ///< raw crossovers per generation before random fill, >= 1

  /// The reference code on its space of 14 normal and 14 reduction genes: mutation never touches
  /// the reduction cell. The defaults mutate every gene.
  static constexpr GenasEvolution code() {
    GenasEvolution options;
    options.mutated_genes = 14;
    return options;
  }

  template <class Space>
  class Run;

  template <class Self, class Visitor>
  static constexpr void visit(Self& self, Visitor&& visitor) {
    visitor("population", self.population);
    visitor("parents", self.parents);
    visitor("mutation", self.mutation);
    visitor("crossover", self.crossover);
    visitor("generations", self.generations);
    visitor("mutation_rate", self.mutation_rate);
    visitor("mutated_genes", self.mutated_genes);
    visitor("mutation_may_keep", self.mutation_may_keep);
    visitor("mutation_tries", self.mutation_tries);
    visitor("crossover_tries", self.crossover_tries);
  }
};

template <class Space>
class GenasEvolution::Run {
 public:
  using Encoding = typename Space::Encoding;
  struct Member {
    Encoding encoding;
    double score;
    std::size_t told_as;  ///< how many tells came before
  };
  /// How the present generation came about.
  struct Composition {
    std::size_t mutants = 0, crossovers = 0, random = 0;
    std::size_t raw_mutants = 0, raw_crossovers = 0;
  };

  constexpr Run(const GenasEvolution& options, const Problem<Space>& problem)
      : options_(options), ledger_(problem), queue_(options.population, options.generations) {
    constexpr const char* name = "GenasEvolution";
    detail::check_at_least(name, "population", options.population, 1);
    detail::check_at_least(name, "parents", options.parents, 1);
    detail::check_at_least(name, "mutation_tries", options.mutation_tries, 1);
    detail::check_at_least(name, "crossover_tries", options.crossover_tries, 1);
    detail::check_probability(name, "mutation_rate", options.mutation_rate);
    if (options.mutation + options.crossover > options.population) {
      throw SettingError(
          "GenasEvolution: mutation + crossover is " +
          std::to_string(options.mutation + options.crossover) +
          ", but must not exceed population = " + std::to_string(options.population));
    }
    if (options.mutated_genes > Space::decisions) {
      throw SettingError("GenasEvolution: mutated_genes is " +
                         std::to_string(options.mutated_genes) + ", but the space has only " +
                         std::to_string(Space::decisions) + " decisions (0 means all)");
    }
  }

  constexpr std::vector<Encoding> ask(int n) {
    return queue_.ask(detail::checked_count(n), ledger_,
                      [this](std::size_t generation) { return breed(generation); });
  }

  constexpr void tell(const Encoding& encoding, const Outcome& outcome) {
    if (ledger_.told(encoding, outcome, 1)) {
      archive_.push_back({encoding, outcome.scores[0], tells_});
    }
    ++tells_;
  }

  /// The parents of the present generation, best first.
  [[nodiscard]] constexpr const std::vector<Member>& parents() const { return parents_; }
  [[nodiscard]] constexpr const Composition& composition() const { return composition_; }

 private:
  constexpr std::vector<Encoding> breed(std::size_t generation) {
    random::Stream stream = ledger_.stream(generation);
    composition_ = {};
    choose_parents(generation * queue_.size());
    std::vector<Encoding> children;
    const auto add = [&](const Encoding& child) {
      if (!ledger_.fresh(child) || ledger_.violation(child) > 0) return std::size_t{0};
      ledger_.reserve(child);
      children.push_back(child);
      return std::size_t{1};
    };
    const auto parent = [&]() -> const Encoding& {
      return parents_[stream.below(static_cast<std::uint32_t>(parents_.size()))].encoding;
    };
    Composition& made = composition_;
    if (!parents_.empty()) {
      const auto redraw = options_.mutation_may_keep ? space::Redraw::any : space::Redraw::other;
      const std::size_t genes =
          options_.mutated_genes == 0 ? Space::decisions : options_.mutated_genes;
      while (made.mutants < options_.mutation && made.raw_mutants < options_.mutation_tries) {
        ++made.raw_mutants;
        made.mutants +=
            add(space::mutate<Space>(parent(), options_.mutation_rate, stream, redraw, genes));
      }
      while (made.crossovers < options_.crossover &&
             made.raw_crossovers < options_.crossover_tries) {
        ++made.raw_crossovers;
        const Encoding& first = parent();
        const Encoding& second = parent();
        made.crossovers += add(space::crossover_uniform<Space>(first, second, stream));
      }
    }
    while (children.size() < options_.population) {
      const auto drawn = ledger_.draw(stream);
      if (!drawn) break;
      made.random += add(*drawn);
    }
    return children;
  }

  constexpr void choose_parents(std::size_t tells) {
    std::size_t known = 0;
    while (known < archive_.size() && archive_[known].told_as < tells) ++known;
    const auto order = stable_order(known, [this](std::size_t a, std::size_t b) {
      return archive_[a].score > archive_[b].score;
    });
    parents_.clear();
    for (std::size_t i = 0; i < std::min(known, options_.parents); ++i) {
      parents_.push_back(archive_[order[i]]);
    }
  }

  GenasEvolution options_;
  detail::Ledger<Space> ledger_;
  detail::Generations<Space> queue_;
  std::vector<Member> archive_, parents_;
  std::size_t tells_ = 0;
  Composition composition_;
};

}  // namespace tepui::search
