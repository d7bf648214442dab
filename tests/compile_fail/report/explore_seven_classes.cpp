// expect-error: explore: this program's images have ten classes
#include "tepui/report/detail/explore_images.hpp"
#include "tepui/space/small.hpp"

#ifdef EXPECT_ERROR
constexpr int classes = 7;
#else
constexpr int classes = 10;
#endif
using Space = tepui::space::Small<tepui::Shape{3, 16, 16}, classes>;

// What report::explore asks first.
[[maybe_unused]] constexpr bool images = tepui::report::detail::check_images<Space>();
