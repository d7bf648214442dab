// expect-error: pareto_front: give at least one key to compare by
#include "tepui/space/pareto_front.hpp"
#include "tepui/space/small.hpp"

using Space = tepui::space::Small<>;

#ifdef EXPECT_ERROR
constexpr auto front = tepui::pareto_front<Space>();
#else
constexpr auto front = tepui::pareto_front<Space>(tepui::key::macs);
#endif
static_assert(front.size() > 0);
