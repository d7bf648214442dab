// expect-error: exploration: the first argument must be a constant made by tepui::select
#include "tepui/experiment/exploration.hpp"
#include "tepui/space/small.hpp"

namespace {

using namespace tepui;

#ifdef EXPECT_ERROR
constexpr space::Small<>::Encoding light{};
#else
constexpr auto light = select<space::Small<> >([](Cost c) { return c.params < 1'900; });
#endif
static_assert(sizeof(Exploration<light>) > 0);

}  // namespace
