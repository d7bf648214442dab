// expect-error: key: use one of tepui::key, or a lambda without captures
#include "tepui/space/small.hpp"
#include "tepui/space/top_k.hpp"

using Space = tepui::space::Small<>;

#ifdef EXPECT_ERROR
constexpr auto score = [weight = 3](tepui::Cost c) { return weight * c.params; };
#else
constexpr auto score = [](tepui::Cost c) { return 3 * c.params; };
#endif
constexpr auto best = tepui::top_k<Space, 10>(score);
static_assert(best.size() == 10);
