// expect-error: top_k: K is larger than the number of architectures in the space
#include "tepui/space/small.hpp"
#include "tepui/space/top_k.hpp"

using Space = tepui::space::Small<>;

#ifdef EXPECT_ERROR
constexpr auto best = tepui::top_k<Space, 100>(tepui::key::macs);
#else
constexpr auto best = tepui::top_k<Space, 10>(tepui::key::macs);
#endif
static_assert(best.size() >= 10);
