// expect-error: ArchitectureTextHas<.*edge_from_the_wrong_node, .*Token<'~', '2'>,
// .*AtCharacter<45> ?>
#include "tepui/space/nas_bench_201.hpp"

using namespace tepui::space;

#ifdef EXPECT_ERROR
using Network = nas_bench_201::Network<
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~2|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|">;
#else
using Network = nas_bench_201::Network<
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|">;
#endif
static_assert(Network::parameters == 802'426);
