// expect-error: top_k: K is larger than 4096; rank so many at run time
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/space/top_k.hpp"

using Space = tepui::space::NasBench201<>;

#ifdef EXPECT_ERROR
constexpr auto best = tepui::top_k<Space, 5000>(tepui::key::macs);
#else
constexpr auto best = tepui::top_k<Space, 5>(tepui::key::macs);
#endif
static_assert(best.size() >= 5);
