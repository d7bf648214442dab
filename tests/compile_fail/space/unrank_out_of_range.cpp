// expect-constant-error: the_position_of_the_encoding_is_out_of_range
#include "tepui/space/enumeration.hpp"
#include "tepui/space/small.hpp"

using Space = tepui::space::Small<>;

#ifdef EXPECT_ERROR
constexpr auto code = tepui::space::unrank<Space>(72);
#else
constexpr auto code = tepui::space::unrank<Space>(71);
#endif
static_assert(code == Space::Encoding{{3, 2, 2, 1}});
