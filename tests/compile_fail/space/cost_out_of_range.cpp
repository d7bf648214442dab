// expect-constant-error: the_encoding_is_out_of_range
#include "tepui/space/cost.hpp"
#include "tepui/space/small.hpp"

using Space = tepui::space::Small<>;

#ifdef EXPECT_ERROR
constexpr auto cost = tepui::cost_of<Space>({{0, 3, 0, 0}});
#else
constexpr auto cost = tepui::cost_of<Space>({{0, 2, 0, 0}});
#endif
static_assert(cost.params > 0);
