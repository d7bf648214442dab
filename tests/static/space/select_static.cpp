#include "tepui/space/select.hpp"

#include <algorithm>
#include <type_traits>

#include "tepui/space/for_each_architecture.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/space/small.hpp"

namespace {

using tepui::Cost;
using tepui::Encoding;
using S = tepui::space::Small<>;
using Bench = tepui::space::NasBench201<>;

static_assert(tepui::count_if<S>([](Cost) { return true; }) == 72);
// Parameters with width 8: filter 160, 1184, 3232, 232; pooling 0, 0, 1024; the rest 1730.
static_assert(tepui::count_if<S>([](Cost) { return false; }) == 0);
static_assert(tepui::count_if<S>([](Cost c) { return c.params == 1890; }) == 4);
static_assert(tepui::count_if<S>([](Cost c) { return c.params <= 1962; }) == 8);
static_assert(tepui::count_if<S>([](Cost, Encoding<4> code) { return code[0] == 2; }) == 18);

constexpr auto light = tepui::select<S>([](Cost c) { return c.params <= 1962; });
static_assert(light.size() == 8);
static_assert(light[0] == Encoding<4>{{0, 0, 0, 0}} && light[7] == Encoding<4>{{3, 1, 0, 1}});
static_assert(std::is_sorted(light.begin(), light.end()));

// The size is exact, the value structural.
static_assert(std::is_same_v<decltype(light), const tepui::Selection<S, 8>>);
static_assert(sizeof(light) == 8 * sizeof(Encoding<4>));
template <auto Chosen>
struct Taken {
  static constexpr auto size = Chosen.size();
};
static_assert(Taken<light>::size == 8);

// All of NAS-Bench-201 within the compiler's default limits: 3^6 cells have no convolution, one has
// nothing but 3x3 convolutions.
static_assert(tepui::count_if<Bench>([](Cost) { return true; }) == 15625);
static_assert(tepui::count_if<Bench>([](Cost c) { return c.params == 73'306; }) == 729);
constexpr auto heaviest = tepui::select<Bench>([](Cost c) { return c.params > 1'500'000; });
static_assert(heaviest.size() == 1 && heaviest[0] == Encoding<6>{{3, 3, 3, 3, 3, 3}});
constexpr auto every = tepui::select<Bench>([](Cost) { return true; });
static_assert(every.size() == 15625 && every[0] == Encoding<6>{} &&
              every[15624] == Encoding<6>{{4, 4, 4, 4, 4, 4}});

// Selectors are stateless questions about a cost.
constexpr auto stateless = [](Cost) { return true; };
constexpr auto with_state = [limit = 5](Cost c) { return c.params < limit; };
constexpr auto no_question = [](Cost) {};
static_assert(tepui::Selector<decltype(stateless), S>);
static_assert(!tepui::Selector<decltype(with_state), S>);
static_assert(!tepui::Selector<decltype(no_question), S>);
static_assert(!tepui::Selector<bool (*)(Cost), S>);

// What for_each_architecture hands over is the static network.
constexpr std::size_t parameters_visited() {
  std::size_t sum = 0;
  tepui::for_each_architecture<light>(
      [&sum]<class Architecture>() { sum += Architecture::parameters; });
  return sum;
}
static_assert(parameters_visited() == 4 * 1890 + 4 * 1962);

}  // namespace
