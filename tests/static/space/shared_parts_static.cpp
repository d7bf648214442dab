// What the architectures of a space have in common, and what follows when the list has ended.
#include "tepui/space/shared_parts.hpp"

#include <type_traits>
#include <utility>

#include "tepui/nn/linear.hpp"
#include "tepui/nn/pool.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/space/small.hpp"

namespace {

using namespace tepui;
using Cells = space::NasBench201<16, 5>;

/// Whether a part is in the list of a space, and once.
template <class S, class Part, Shape In>
constexpr bool listed = [] {
  return []<std::size_t... Number>(std::index_sequence<Number...>) {
    return ((std::is_same_v<space::shared_part<S, Number>, Part> &&
                     space::shared_part_input<S, Number> == In
                 ? 1
                 : 0) +
            ...) == 1;
  }
  (std::make_index_sequence<space::shared_parts<S>>{});
}();

template <class L>
using Edge = nn::detail::AsEdge<nn::detail::edge_of<L>>;
template <int Kernel>
using Op = space::nas_bench_201::ReluConvBn<nn::same_channels, Kernel>;

// Three stages of five operations; the stem, two reductions and four layers at the end.
static_assert(space::shared_parts<Cells> == 3 * 5 + 1 + 2 + 4);
static_assert(space::shared_parts<space::NasBench201<16, 1>> == space::shared_parts<Cells>);
static_assert(listed<Cells, Edge<Op<3>>, Shape{16, 32, 32}>);
static_assert(listed<Cells, Edge<Op<1>>, Shape{64, 8, 8}>);
static_assert(!listed<Cells, Edge<Op<1>>, Shape{16, 8, 8}>);
static_assert(listed<Cells, Edge<nn::AvgPool<3, 1, 1>>, Shape{32, 16, 16}>);
static_assert(listed<Cells, space::nas_bench_201::Reduction<32>, Shape{16, 32, 32}>);
static_assert(listed<Cells, nn::Linear<10>, Shape{64, 1, 1}>);

// An option that is a Sequential runs together with what is beside it, so that it is no part.
using Few = space::Small<>;
static_assert(listed<Few, nn::MaxPool<2>, Shape{16, 16, 16}>);
static_assert(listed<Few, nn::Conv2d<16, 2, 2, 0>, Shape{16, 16, 16}>);
static_assert(!listed<Few, space::small_space::ConvBnRelu<16, 3>, Shape{8, 16, 16}>);

// Beyond the last there are parts without code, all different.
static_assert(std::is_same_v<space::shared_part<Few, 100>, nn::detail::NoPart<100>>);
static_assert(std::is_same_v<space::shared_part<Few, space::shared_parts<Few>>,
                             nn::detail::NoPart<space::shared_parts<Few>>>);

}  // namespace
