// expect-error: exploration: the selection is empty; at least one architecture is needed
#include "tepui/experiment/exploration.hpp"
#include "tepui/space/small.hpp"

namespace {

using namespace tepui;

#ifdef EXPECT_ERROR
constexpr Selection<space::Small<>, 0> chosen;
#else
constexpr Selection<space::Small<>, 1> chosen;
#endif
static_assert(sizeof(Exploration<chosen>) > 0);

}  // namespace
