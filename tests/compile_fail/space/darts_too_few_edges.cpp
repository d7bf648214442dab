// expect-error: ArchitectureTextHas<.*too_few_edges, .*Token<']'>, .*AtCharacter<162> ?>
#include "tepui/space/darts/genotype.hpp"

#ifdef EXPECT_ERROR
#define LAST "('sep_conv_3x3', 0)"
#else
#define LAST "('sep_conv_3x3', 0), ('skip_connect', 2)"
#endif

constexpr auto genotype = tepui::space::darts::genotype<
    "Genotype(normal=[('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 0), "
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 1), " LAST
    "], normal_concat=range(2, 6), "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 0), "
    "('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('avg_pool_3x3', 0)], "
    "reduce_concat=range(2, 6))">;
static_assert(genotype.normal.outputs == 4);
