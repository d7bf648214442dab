// expect-error: run: the violation must take a Cost
#include "tepui/search/random.hpp"
#include "tepui/search/run.hpp"
#include "tepui/space/small.hpp"

using Space = tepui::space::Small<>;

constexpr auto size = [](tepui::Cost c) { return c.params; };
#ifdef EXPECT_ERROR
constexpr auto too_large = [](tepui::Cost) {};
#else
constexpr auto too_large = [](tepui::Cost c) { return c.params - 2'000; };
#endif
static_assert(tepui::search::run<Space, 1>(tepui::search::Random{}, 1, size, too_large).size() ==
              1);
