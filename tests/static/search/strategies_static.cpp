#include <string_view>
#include <type_traits>
#include <vector>

#include "support/toy_space.hpp"
#include "tepui/search/search.hpp"

namespace {

using namespace tepui::search;

template <class Policy>
constexpr bool is_strategy = SearchStrategy<Policy, toy::Tiny>&&
    SearchStrategy<Policy, toy::Small>&& SearchStrategy<Policy, toy::Repaired>;

static_assert(is_strategy<Exhaustive>);
static_assert(is_strategy<Random> && SearchStrategy<Random, toy::Big>);
static_assert(is_strategy<RegularizedEvolution> && SearchStrategy<RegularizedEvolution, toy::Big>);
static_assert(is_strategy<GenasEvolution> && SearchStrategy<GenasEvolution, toy::RepairedBig>);
static_assert(is_strategy<Nsga2> && SearchStrategy<Nsga2, toy::RepairedBig>);

// Policies are plain structs of options.
static_assert(std::is_aggregate_v<RegularizedEvolution> && std::is_aggregate_v<GenasEvolution>);
static_assert(std::is_aggregate_v<Nsga2> && std::is_aggregate_v<Exhaustive>);
static_assert(std::is_trivially_copyable_v<GenasEvolution> && std::is_empty_v<Random>);

// The least that a user's own strategy must have, and what is missed without one part of it.
struct Least {
  template <class Space>
  struct Run {
    Run(const Least&, const Problem<Space>&) {}
    std::vector<typename Space::Encoding> ask(int);
    void tell(const typename Space::Encoding&, const Outcome&);
  };
};
struct NoRun {};
struct NoTell {
  template <class Space>
  struct Run {
    Run(const NoTell&, const Problem<Space>&) {}
    std::vector<typename Space::Encoding> ask(int);
  };
};
struct NoProblem {
  template <class Space>
  struct Run {
    explicit Run(const NoProblem&) {}
    std::vector<typename Space::Encoding> ask(int);
    void tell(const typename Space::Encoding&, const Outcome&);
  };
};
struct OneAtATime {
  template <class Space>
  struct Run {
    Run(const OneAtATime&, const Problem<Space>&) {}
    typename Space::Encoding ask(int);
    void tell(const typename Space::Encoding&, const Outcome&);
  };
};
static_assert(SearchStrategy<Least, toy::Tiny>);
static_assert(!SearchStrategy<NoRun, toy::Tiny>);
static_assert(!SearchStrategy<NoTell, toy::Tiny>);
static_assert(!SearchStrategy<NoProblem, toy::Tiny>);
static_assert(!SearchStrategy<OneAtATime, toy::Tiny>);

// Options are listed by name, for reading and for writing.
constexpr int count_options(const auto& policy) {
  int count = 0;
  std::remove_cvref_t<decltype(policy)>::visit(
      policy, [&count](std::string_view name, const auto&) { count += name.empty() ? 0 : 1; });
  return count;
}
static_assert(count_options(Random{}) == 0 && count_options(Exhaustive{}) == 1);
static_assert(count_options(RegularizedEvolution{}) == 3);
static_assert(count_options(GenasEvolution{}) == 10);
static_assert(count_options(Nsga2{}) == 9);

constexpr std::size_t tournament_set_by_name(std::size_t value) {
  RegularizedEvolution policy;
  RegularizedEvolution::visit(policy, [value](std::string_view name, std::size_t& option) {
    if (name == "tournament") option = value;
  });
  return policy.tournament;
}
static_assert(tournament_set_by_name(7) == 7);

static_assert(GenasEvolution::code().mutated_genes == 14 && GenasEvolution{}.mutated_genes == 0);
static_assert(GenasEvolution::code().population == 50 && GenasEvolution::code().parents == 10);

// Spaces up to a million encodings are enumerated before a search gives up.
static_assert(detail::is_enumerable<toy::Small>() && !detail::is_enumerable<toy::Big>());
static_assert(!detail::is_enumerable<toy::Grid<10, 4>>());  // 4^10 = 1 048 576

}  // namespace
