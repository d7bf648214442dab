// expect-error: run: the objective must take a Cost
#include <string_view>

#include "tepui/search/random.hpp"
#include "tepui/search/run.hpp"
#include "tepui/space/small.hpp"

using Space = tepui::space::Small<>;

#ifdef EXPECT_ERROR
constexpr auto size = [](tepui::Cost) { return std::string_view("large"); };
#else
constexpr auto size = [](tepui::Cost c) { return c.params; };
#endif
static_assert(tepui::search::run<Space, 1>(tepui::search::Random{}, 1, size).size() == 1);
