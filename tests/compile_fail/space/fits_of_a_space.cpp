// expect-error: fits: ask about a network
#include "tepui/space/budget.hpp"
#include "tepui/space/small.hpp"

using Space = tepui::space::Small<>;

#ifdef EXPECT_ERROR
static_assert(tepui::fits<Space>(1024 * 1024));
#else
static_assert(tepui::fits<Space::Network>(1024 * 1024));
#endif
