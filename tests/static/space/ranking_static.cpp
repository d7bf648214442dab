#include <algorithm>
#include <cstdint>
#include <limits>

#include "tepui/space/budget.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/space/pareto_front.hpp"
#include "tepui/space/small.hpp"
#include "tepui/space/top_k.hpp"

namespace {

using namespace tepui;
using S = space::Small<>;
using Bench = space::NasBench201<>;
using Cell = Bench::Encoding;

// All of NAS-Bench-201, at the compilers' default limits.
constexpr auto most = top_k<Bench, 8>(key::params);
static_assert(most[0] == Cell{{3, 3, 3, 3, 3, 3}});
// one of six convolutions is a 1x1, then nothing: in lexicographic order
static_assert(most[1] == Cell{{2, 3, 3, 3, 3, 3}} && most[6] == Cell{{3, 3, 3, 3, 3, 2}});
static_assert(most[7] == Cell{{0, 3, 3, 3, 3, 3}});
constexpr auto least = top_k<Bench, 3>(minimize(key::macs));
static_assert(least[0] == Cell{} && least[1] == Cell{{0, 0, 0, 0, 0, 1}});

// Keys that ask every network, all of them at the default limits, too. Three 3x3 or 1x1
// convolutions in a row make a cell as deep as it gets, 1x1 ones the lightest of these.
constexpr auto front = pareto_front<Bench>(key::depth, minimize(key::params));
static_assert(std::find(front.begin(), front.end(), Cell{{2, 0, 2, 0, 0, 2}}) != front.end());
static_assert(std::find(front.begin(), front.end(), Cell{{2, 0, 2, 0, 0, 3}}) == front.end());
static_assert(std::find(front.begin(), front.end(), Cell{{1, 4, 0, 1, 0, 1}}) != front.end());

static_assert(peak_activations_of<Bench>({{3, 3, 3, 3, 3, 3}}) == 5 * 16384);
static_assert(peak_activations_of<Bench>({{1, 1, 1, 1, 1, 1}}) == 3 * 16384);

// A long list is sorted: the larger cost first, then lexicographically.
constexpr auto most_of_them = top_k<S, 60>(key::macs);
constexpr bool descending() {
  for (std::size_t i = 1; i < most_of_them.size(); ++i) {
    const auto before = cost_of<S>(most_of_them[i - 1]).macs;
    const auto here = cost_of<S>(most_of_them[i]).macs;
    if (before < here) return false;
    if (before == here && !(most_of_them[i - 1] < most_of_them[i])) return false;
  }
  return true;
}
static_assert(descending());

// Budgets: closed forms of the benchmark.
static_assert(max_params<Bench> == 1'531'546 && min_params<Bench> == 73'306);
static_assert(max_macs<Bench> == 220'119'690 && min_macs<Bench> == 7'783'050);
static_assert(max_params<S> == 9'874 && min_params<S> == 1'890);
static_assert(fits<Bench::Network>(5 * 16384 * 4) && !fits<Bench::Network>(5 * 16384 * 4 - 1));
static_assert(fits<materialize_t<Bench, Cell{{1, 1, 1, 1, 1, 1}}>, std::int8_t>(48 * 1024));

// A key of the user's own, with both arguments; a tie goes to the first encoding.
constexpr auto skips = [](Cost, const S::Encoding& code) { return code[3]; };
constexpr auto with_skip = top_k<S, 2>(skips);
static_assert(with_skip[0] == S::Encoding{{0, 0, 0, 1}} &&
              with_skip[1] == S::Encoding{{0, 0, 1, 1}});

// Keys that are not numbers take no part.
constexpr auto sometimes = [](Cost, const S::Encoding& code) {
  return code[3] == 0 ? std::numeric_limits<double>::quiet_NaN() : -static_cast<double>(code[0]);
};
constexpr auto numbers = pareto_front<S>(sometimes);
static_assert(numbers.size() == 9 && numbers[0] == S::Encoding{{0, 0, 0, 1}});
static_assert(top_k<S, 36>(sometimes)[35] == S::Encoding{{3, 2, 2, 1}});

}  // namespace
