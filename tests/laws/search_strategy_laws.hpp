#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/toy_space.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/function.hpp"
#include "tepui/core/random.hpp"
#include "tepui/search/strategy.hpp"
#include "tepui/space/encoding.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/space/operators.hpp"

/// @file
/// What every search strategy promises. A strategy's test makes a `Case` and instantiates:
///
///     struct Case {
///       using Policy = ...;
///       static Policy policy();                       // small sizes, no end of its own
///       static constexpr bool random;                 // proposals depend on the key
///       static constexpr bool feasible_only;          // never proposes infeasible encodings
///       static constexpr bool any_size;               // accepts spaces that cannot be finished
///     };
///     INSTANTIATE_TYPED_TEST_SUITE_P(Name, SearchStrategyLaws, testing::Types<Case>);

namespace laws {

using tepui::search::Outcome;
using tepui::search::Problem;

template <class Space>
using Violation = tepui::Function<double(const typename Space::Encoding&)>;

template <class Space>
Problem<Space> problem(std::uint64_t seed, Violation<Space> violation = {}) {
  Problem<Space> result;
  result.key = {seed, tepui::random::Purpose::search, 0};
  result.objectives = 2;
  if (violation) result.violation = std::move(violation);
  return result;
}

/// The outcome of evaluating an encoding: two scores, or how far it is off.
template <class Space>
Outcome evaluate(const Problem<Space>& problem, const typename Space::Encoding& encoding) {
  const double off = problem.violation(encoding);
  if (off > 0) return {{}, off, false};
  return {toy::conflicting_scores<Space>(encoding), 0, false};
}

/// One search: asks in batches, tells each batch, records the encodings in order.
template <class Policy, class Space>
struct Search {
  using Encoding = typename Space::Encoding;
  using Run = typename Policy::template Run<Space>;

  Problem<Space> question;
  Run run;
  std::vector<Encoding> asked;
  std::function<Outcome(const Encoding&)> outcome = [this](const Encoding& encoding) {
    return evaluate<Space>(question, encoding);
  };

  Search(const Policy& policy, Problem<Space> asked_of)
      : question(std::move(asked_of)), run(policy, question) {}
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  std::vector<Encoding> batch(int n) {
    const std::vector<Encoding> proposals = run.ask(n);
    EXPECT_LE(proposals.size(), static_cast<std::size_t>(n));
    for (const Encoding& encoding : proposals) {
      asked.push_back(encoding);
      run.tell(encoding, outcome(encoding));
    }
    return proposals;
  }
  /// Batches of 1, 2, 3, 4, 5, 1, ... until `total` were asked or the search is over.
  void drive(std::size_t total) {
    for (int n = 1; asked.size() < total; n = n % 5 + 1) {
      if (batch(n).empty()) return;
    }
  }
};

template <class Encoding>
bool distinct(const std::vector<Encoding>& encodings) {
  return std::set<Encoding>(encodings.begin(), encodings.end()).size() == encodings.size();
}

template <class Case>
class SearchStrategyLaws : public testing::Test {
 public:
  template <class Space>
  using Search = laws::Search<typename Case::Policy, Space>;
};
TYPED_TEST_SUITE_P(SearchStrategyLaws);

TYPED_TEST_P(SearchStrategyLaws, ProposalsAreDistinctInRangeAndValid) {
  const auto check = [](auto&& search, std::size_t total) {
    search.drive(total);
    EXPECT_GE(search.asked.size(), total);
    EXPECT_TRUE(distinct(search.asked));
  };
  typename TestFixture::template Search<toy::Small> small(TypeParam::policy(),
                                                          problem<toy::Small>(1));
  check(small, 300);
  for (const auto& encoding : small.asked) {
    EXPECT_TRUE(tepui::space::in_range<toy::Small>(encoding));
  }
  typename TestFixture::template Search<toy::Repaired> repaired(TypeParam::policy(),
                                                                problem<toy::Repaired>(2));
  check(repaired, 200);
  for (const auto& encoding : repaired.asked) {
    EXPECT_TRUE(tepui::space::in_range<toy::Repaired>(encoding));
    EXPECT_TRUE(toy::Repaired::valid(encoding)) << to_string(encoding);
  }
  if constexpr (TypeParam::any_size) {
    typename TestFixture::template Search<toy::RepairedBig> big(TypeParam::policy(),
                                                                problem<toy::RepairedBig>(3));
    check(big, 200);
    for (const auto& encoding : big.asked) EXPECT_TRUE(toy::RepairedBig::valid(encoding));
  }
}

TYPED_TEST_P(SearchStrategyLaws, AConstraintIsKept) {
  const auto at_most_8 = [](const auto& encoding) { return toy::choice_sum(encoding) - 8; };
  typename TestFixture::template Search<toy::Small> search(TypeParam::policy(),
                                                           problem<toy::Small>(4, at_most_8));
  search.drive(300);
  EXPECT_GE(search.asked.size(), 300u);
  std::size_t feasible = 0;
  for (const auto& encoding : search.asked) feasible += toy::choice_sum(encoding) <= 8 ? 1 : 0;
  if (TypeParam::feasible_only) {
    EXPECT_EQ(feasible, search.asked.size());
  } else {
    EXPECT_GE(feasible, search.asked.size() / 40);  // progress in every generation
  }
}

TYPED_TEST_P(SearchStrategyLaws, RareFeasibleEncodingsAreFound) {
  if constexpr (TypeParam::any_size) {  // chance per draw far below 1e-10
    const auto at_least_180 = [](const auto& encoding) { return 180 - toy::choice_sum(encoding); };
    typename TestFixture::template Search<toy::Big> search(TypeParam::policy(),
                                                           problem<toy::Big>(5, at_least_180));
    search.drive(60);
    EXPECT_GE(search.asked.size(), 60u);
    EXPECT_TRUE(distinct(search.asked));
    EXPECT_GE(toy::choice_sum(search.asked.front()), 180);
  }
}

TYPED_TEST_P(SearchStrategyLaws, TheKeyDecidesEverything) {
  const auto transcript = [](std::uint64_t seed) {
    typename TestFixture::template Search<toy::Small> search(TypeParam::policy(),
                                                             problem<toy::Small>(seed));
    search.drive(150);
    return search.asked;
  };
  EXPECT_EQ(transcript(6), transcript(6));
  if (TypeParam::random) {
    EXPECT_NE(transcript(6), transcript(7));
  }
}

TYPED_TEST_P(SearchStrategyLaws, EndsWhenEveryFeasibleEncodingWasProposed) {
  using Space = toy::Repaired;
  const auto at_most_5 = [](const auto& encoding) { return toy::choice_sum(encoding) - 5; };
  std::set<typename Space::Encoding> feasible;
  for (std::uint64_t i = 0; i < tepui::space::cardinality<Space>(); ++i) {
    const auto encoding = tepui::space::unrank<Space>(i);
    if (Space::valid(encoding) && toy::choice_sum(encoding) <= 5) feasible.insert(encoding);
  }
  ASSERT_EQ(feasible.size(), 36u * 5u);  // 6^2 places; two cells sum to 4 (1 way) or 5 (4 ways)

  typename TestFixture::template Search<Space> search(TypeParam::policy(),
                                                      problem<Space>(8, at_most_5));
  search.drive(10000);
  EXPECT_TRUE(distinct(search.asked));
  const std::set<typename Space::Encoding> asked(search.asked.begin(), search.asked.end());
  for (const auto& encoding : feasible) EXPECT_TRUE(asked.contains(encoding));
  if (TypeParam::feasible_only) {
    EXPECT_EQ(asked, feasible);
  }
  EXPECT_TRUE(search.run.ask(1).empty());
  EXPECT_TRUE(search.run.ask(100).empty());
}

TYPED_TEST_P(SearchStrategyLaws, AnImpossibleConstraintIsSaid) {
  const auto expect_said = [](auto&& search, const std::string& closest) {
    try {
      (void)search.run.ask(3);
      FAIL() << "no error";
    } catch (const tepui::SettingError& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find("no architecture met the constraints"), std::string::npos) << text;
      EXPECT_NE(text.find(closest), std::string::npos) << text;
      EXPECT_NE(text.find("off by 2.0"), std::string::npos) << text;
    }
  };
  const auto at_least_8 = [](const auto& encoding) { return 8 - toy::choice_sum(encoding); };
  typename TestFixture::template Search<toy::Tiny> tiny(TypeParam::policy(),
                                                        problem<toy::Tiny>(9, at_least_8));
  expect_said(tiny, "2.2.2,");
  if constexpr (TypeParam::any_size) {
    const auto at_least_198 = [](const auto& encoding) { return 198 - toy::choice_sum(encoding); };
    typename TestFixture::template Search<toy::Big> big(TypeParam::policy(),
                                                        problem<toy::Big>(10, at_least_198));
    expect_said(big, "7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7,");
  }
}

TYPED_TEST_P(SearchStrategyLaws, FailuresAreSurvived) {
  using Space = toy::Small;
  typename TestFixture::template Search<Space> some(TypeParam::policy(), problem<Space>(11));
  std::size_t tells = 0;
  some.outcome = [&](const auto& encoding) {
    return tells++ % 3 == 0 ? Outcome{{}, 0, true} : evaluate<Space>(some.question, encoding);
  };
  some.drive(150);
  EXPECT_GE(some.asked.size(), 150u);
  EXPECT_TRUE(distinct(some.asked));

  typename TestFixture::template Search<Space> all(TypeParam::policy(), problem<Space>(12));
  all.outcome = [](const auto&) { return Outcome{{}, 0, true}; };
  all.drive(150);
  EXPECT_GE(all.asked.size(), 150u);
  EXPECT_TRUE(distinct(all.asked));
}

TYPED_TEST_P(SearchStrategyLaws, AsksMayBeOutstanding) {
  using Space = toy::Small;
  const auto transcript = [] {
    typename TestFixture::template Search<Space> search(TypeParam::policy(), problem<Space>(13));
    std::vector<typename Space::Encoding> asked;
    std::size_t told = 0;
    const auto ask = [&](int n) {
      const auto proposals = search.run.ask(n);
      EXPECT_FALSE(proposals.empty());
      asked.insert(asked.end(), proposals.begin(), proposals.end());
    };
    const auto tell = [&](std::size_t count) {
      for (; count > 0 && told < asked.size(); --count, ++told) {
        search.run.tell(asked[told], evaluate<Space>(search.question, asked[told]));
      }
    };
    for (int i = 0; i < 12; ++i) ask(7);  // more than a generation before the first tell
    for (int i = 0; i < 40; ++i) {
      tell(5);
      ask(6);
    }
    return asked;
  };
  const auto first = transcript();
  EXPECT_TRUE(distinct(first));
  EXPECT_EQ(first, transcript());
}

TYPED_TEST_P(SearchStrategyLaws, ReplayedTellsRebuildTheState) {
  using Space = toy::Small;
  const auto at_most_14 = [](const auto& encoding) { return toy::choice_sum(encoding) - 14; };
  const auto question = problem<Space>(14, at_most_14);
  const auto outcome = [&](const auto& encoding) {
    return encoding[1] == 3 ? Outcome{{}, 0, true} : evaluate<Space>(question, encoding);
  };
  typename TestFixture::template Search<Space> whole(TypeParam::policy(), question);
  whole.outcome = outcome;
  std::vector<std::size_t> cuts;
  for (int n = 1; whole.asked.size() < 130; n = n % 5 + 1) {
    cuts.push_back(whole.asked.size());
    ASSERT_FALSE(whole.batch(n).empty());
  }
  for (std::size_t c = 0; c + 6 < cuts.size(); ++c) {
    typename TestFixture::template Search<Space> resumed(TypeParam::policy(), question);
    resumed.outcome = outcome;
    for (std::size_t i = 0; i < cuts[c]; ++i) {
      resumed.run.tell(whole.asked[i], outcome(whole.asked[i]));
    }
    for (std::size_t b = c; b < c + 6; ++b) {
      const auto proposals = resumed.batch(static_cast<int>(b % 5) + 1);
      ASSERT_EQ(proposals,
                std::vector(whole.asked.begin() + static_cast<std::ptrdiff_t>(cuts[b]),
                            whole.asked.begin() + static_cast<std::ptrdiff_t>(cuts[b + 1])))
          << "after a replay of " << cuts[c] << " tells";
    }
  }
}

TYPED_TEST_P(SearchStrategyLaws, MisuseIsSaid) {
  using Space = toy::Small;
  typename TestFixture::template Search<Space> search(TypeParam::policy(), problem<Space>(15));
  EXPECT_THROW((void)search.run.ask(0), tepui::SettingError);
  const auto first = search.batch(1);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_THROW(search.run.tell(first[0], {{1.0, 1.0}, 0, false}), tepui::SettingError);
  typename Space::Encoding outside{};
  outside[3] = 5;
  EXPECT_THROW(search.run.tell(outside, {{1.0, 1.0}, 0, false}), tepui::SettingError);
}

REGISTER_TYPED_TEST_SUITE_P(SearchStrategyLaws, ProposalsAreDistinctInRangeAndValid,
                            AConstraintIsKept, RareFeasibleEncodingsAreFound,
                            TheKeyDecidesEverything, EndsWhenEveryFeasibleEncodingWasProposed,
                            AnImpossibleConstraintIsSaid, FailuresAreSurvived, AsksMayBeOutstanding,
                            ReplayedTellsRebuildTheState, MisuseIsSaid);

}  // namespace laws
