// expect-error: exploration: every architecture is trained by itself
#include "tepui/experiment/exploration.hpp"
#include "tepui/space/small.hpp"
#include "tepui/train/single_path.hpp"

namespace {

using namespace tepui;

constexpr auto light = select<space::Small<>>([](Cost c) { return c.params < 1'900; });
#ifdef EXPECT_ERROR
using Train = train::SinglePath<>;
#else
using Train = train::FromScratch<>;
#endif
static_assert(sizeof(Exploration<light, Train>) > 0);

}  // namespace
