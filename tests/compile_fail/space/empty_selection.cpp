// expect-error: select: no architecture of the space satisfies the predicate
#include "tepui/space/select.hpp"
#include "tepui/space/small.hpp"

using Space = tepui::space::Small<>;

#ifdef EXPECT_ERROR
constexpr auto chosen = tepui::select<Space>([](tepui::Cost c) { return c.params < 1'000; });
#else
constexpr auto chosen = tepui::select<Space>([](tepui::Cost c) { return c.params < 2'000; });
#endif
static_assert(chosen.size() > 0);
