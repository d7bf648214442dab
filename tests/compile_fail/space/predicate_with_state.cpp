// expect-error: select: the predicate must be a lambda without captures
#include "tepui/space/select.hpp"
#include "tepui/space/small.hpp"

using Space = tepui::space::Small<>;

#ifdef EXPECT_ERROR
constexpr auto light = [limit = 2'000](tepui::Cost c) { return c.params < limit; };
#else
constexpr auto light = [](tepui::Cost c) { return c.params < 2'000; };
#endif
static_assert(tepui::count_if<Space>(light) > 0);
