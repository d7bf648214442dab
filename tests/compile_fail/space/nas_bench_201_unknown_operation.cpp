// expect-error: ArchitectureTextHas<.*unknown_operation, .*Token<'m', 'a', 'x', '_', 'p', 'o', 'o',
// 'l', '_', '3', 'x', '3'>, .*AtCharacter<33> ?>
#include "tepui/space/nas_bench_201.hpp"

using namespace tepui::space;

#ifdef EXPECT_ERROR
using Cell = nas_bench_201::Cell<
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|max_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|">;
#else
using Cell = nas_bench_201::Cell<
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|">;
#endif
static_assert(Cell::output({16, 8, 8}) == tepui::Shape{16, 8, 8});
