// expect-error: ArchitectureTextHas<.*missing_text_at_the_end, .*Token<>, .*AtCharacter<71> ?>
#include "tepui/space/nas_bench_201.hpp"

using namespace tepui::space;

#ifdef EXPECT_ERROR
constexpr auto code =
    nas_bench_201::code<"|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1">;
#else
constexpr auto code = nas_bench_201::code<
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|">;
#endif
static_assert(code[0] == 3);
