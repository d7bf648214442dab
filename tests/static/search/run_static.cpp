#include "tepui/search/run.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>

#include "tepui/search/exhaustive.hpp"
#include "tepui/search/genas_evolution.hpp"
#include "tepui/search/nsga2.hpp"
#include "tepui/search/random.hpp"
#include "tepui/search/regularized_evolution.hpp"
#include "tepui/space/for_each_architecture.hpp"
#include "tepui/space/materialize.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/space/small.hpp"

namespace {

using namespace tepui;
using S = space::Small<>;
using Bench = space::NasBench201<>;

// The largest network of NAS-Bench-201 with at most 150 million MACs, after 60 of 15,625.
constexpr auto size = [](Cost c) { return c.params; };
constexpr auto too_slow = [](Cost c) { return c.macs > 150'000'000 ? c.macs - 150'000'000 : 0; };

constexpr auto found = search::run<Bench, 60>(
    search::RegularizedEvolution{.population = 10, .tournament = 4}, 1, size, too_slow);
static_assert(found.size() == 60);
static_assert(found.best() == Encoding<6>{{0, 3, 3, 4, 3, 3}});
static_assert(cost_of<Bench>(found.best()).params == 1'045'466);  // there is no larger one

using Best = materialize_t<Bench, found.best()>;
static_assert(Best::parameters == 1'045'466);

constexpr auto elite = search::run<Bench, 60>(
    search::GenasEvolution{.population = 12, .parents = 4, .mutation = 6, .crossover = 6}, 1, size,
    too_slow);
static_assert(elite.best() == Encoding<6>{{4, 3, 3, 3, 4, 3}});
static_assert(cost_of<Bench>(elite.best()).params == 1'045'466);

constexpr auto drawn = search::run<Bench, 60>(search::Random{}, 1, size, too_slow);
static_assert(drawn.best() == Encoding<6>{{1, 3, 3, 4, 3, 2}});
static_assert(cost_of<Bench>(drawn.best()).params == 830'426);  // without learning, less is found

// Every architecture evaluated meets the constraint, and none comes twice.
template <class History>
constexpr bool all_fast_and_new(const History& history) {
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (cost_of<Bench>(history[i]).macs > 150'000'000) return false;
    if (std::find(history.begin(), history.begin() + i, history[i]) != history.begin() + i) {
      return false;
    }
  }
  return true;
}
static_assert(all_fast_and_new(found) && all_fast_and_new(elite) && all_fast_and_new(drawn));

// Many parameters with small activations: the front of Small has 16 of the 72 architectures. The
// evolution meets all of them after half of the space, random search fewer than half.
constexpr auto large_and_lean = [](Cost c) {
  return std::array{static_cast<double>(c.params), -static_cast<double>(c.activations)};
};
constexpr auto everything = search::run<S, 72>(search::Exhaustive{}, 1, large_and_lean);
static_assert(everything.size() == 72 && everything[71] == Encoding<4>{{3, 2, 2, 1}});
constexpr auto true_front = everything.front();
static_assert(true_front.size() == 16);

constexpr auto evolved = search::run<S, 36>(search::Nsga2{.population = 8}, 3, large_and_lean);
constexpr auto front = evolved.front();
static_assert(front.size() == 16);
constexpr auto architectures = front.selection<front.size()>();
static_assert(architectures.encodings == true_front.selection<16>().encodings);
static_assert(search::run<S, 36>(search::Random{}, 3, large_and_lean).front().size() == 7);

// The front is a constant to visit as types.
constexpr std::size_t parameters_of_the_front() {
  std::size_t sum = 0;
  for_each_architecture<architectures>(
      [&sum]<class Architecture>() { sum += Architecture::parameters; });
  return sum;
}
static_assert(parameters_of_the_front() > 16 * 1890);

// The result is structural, and a template argument where the compiler takes floating-point ones.
static_assert(std::is_trivially_copyable_v<decltype(found)>);
#if __cpp_nontype_template_args >= 201911L
template <auto History>
struct Taken {
  static constexpr auto size = History.size();
};
static_assert(Taken<front>::size == 16);
#endif

}  // namespace
