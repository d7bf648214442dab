// expect-error: select: the space has more than 131072 encodings; enumerate it at run time
#include "support/toy_space.hpp"
#include "tepui/space/select.hpp"
#include "tepui/space/small.hpp"

struct Large : tepui::space::Small<> {
  using Encoding = tepui::Encoding<28>;
  static constexpr std::size_t decisions = 28;
  static constexpr auto options = toy::Big::options;
};

#ifdef EXPECT_ERROR
using Space = Large;
#else
using Space = tepui::space::Small<>;
#endif
static_assert(tepui::count_if<Space>([](tepui::Cost) { return true; }) > 0);
