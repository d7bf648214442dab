#include <type_traits>

#include "tepui/space/darts/network.hpp"
#include "tepui/space/darts/published.hpp"
#include "tepui/space/nas_bench_201.hpp"

/// @file
/// The example of docs/strings.md.

namespace {

using namespace tepui::space;

using Bench = nas_bench_201::Network<
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|">;
static_assert(Bench::parameters == 802'426);

using Darts = darts::Network<
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
    "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), "
    "('dil_conv_3x3', 2)], normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), "
    "('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))">;
static_assert(Darts::parameters == 3'349'342);
static_assert(std::is_same_v<Darts, darts::Network<darts::DARTS_V2>>);

}  // namespace
