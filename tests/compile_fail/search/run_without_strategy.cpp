// expect-error: run: the strategy needs a nested Run
#include "tepui/search/random.hpp"
#include "tepui/search/run.hpp"
#include "tepui/space/small.hpp"

using Space = tepui::space::Small<>;

#ifdef EXPECT_ERROR
struct Strategy {};
#else
using Strategy = tepui::search::Random;
#endif
constexpr auto size = [](tepui::Cost c) { return c.params; };
static_assert(tepui::search::run<Space, 1>(Strategy{}, 1, size).size() == 1);
