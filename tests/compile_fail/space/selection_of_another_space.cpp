// expect-error: selection_of: the selection is of another space than the one to explore
#include "tepui/space/for_each_architecture.hpp"
#include "tepui/space/small.hpp"

using Explored = tepui::space::Small<>;
#ifdef EXPECT_ERROR
using Selected = tepui::space::Small<tepui::Shape{3, 32, 32}>;
#else
using Selected = Explored;
#endif

constexpr auto chosen = tepui::space::selection_of<Explored>(
    tepui::select<Selected>([](tepui::Cost c) { return c.params < 2'000; }));
static_assert(chosen.size() > 0);
