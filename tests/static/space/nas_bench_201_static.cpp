#include "tepui/space/nas_bench_201.hpp"

#include <type_traits>

#include "tepui/space/cost.hpp"
#include "tepui/space/materialize.hpp"

/// @file
/// NAS-Bench-201's published parameter and FLOP counts, as constant expressions.

namespace {

using namespace tepui;
using space::NasBench201;

using Cifar10 = NasBench201<>;
using Cifar100 = NasBench201<16, 5, 100>;
using ImageNet16 = NasBench201<16, 5, 120, Shape{3, 16, 16}>;

template <class S>
constexpr bool costs(Encoding<6> code, std::int64_t params, std::int64_t macs) {
  const Cost cost = cost_of<S>(code);
  return cost.params == params && cost.macs == macs;
}

inline constexpr Encoding<6> index_0{{4, 2, 1, 2, 1, 1}};
inline constexpr Encoding<6> index_1{{3, 3, 4, 1, 3, 1}};
inline constexpr Encoding<6> index_11{{3, 3, 4, 0, 3, 4}};
inline constexpr Encoding<6> index_284{{1, 1, 1, 0, 2, 0}};
inline constexpr Encoding<6> all_c3{{3, 3, 3, 3, 3, 3}};
inline constexpr Encoding<6> all_none{};
inline constexpr Encoding<6> all_skip{{1, 1, 1, 1, 1, 1}};

static_assert(costs<Cifar10>(index_0, 129'306, 15'647'370));
static_assert(costs<Cifar10>(index_1, 802'426, 113'951'370));
static_assert(costs<Cifar10>(index_11, 802'426, 113'951'370));
static_assert(costs<Cifar10>(index_284, 101'306, 11'715'210));
static_assert(costs<Cifar10>(all_c3, 1'531'546, 220'119'690));
static_assert(costs<Cifar10>(all_none, 73'306, 7'783'050));
static_assert(costs<Cifar10>(all_skip, 73'306, 7'783'050));
static_assert(costs<Cifar10>({{3, 3, 3, 1, 3, 2}}, 1'073'466, 153'272'970));  // 6111
static_assert(costs<Cifar10>({{3, 3, 3, 1, 3, 3}}, 1'288'506, 184'730'250));  // 9930
static_assert(costs<Cifar10>({{2, 2, 3, 1, 3, 3}}, 858'426, 121'815'690));    // 857
static_assert(costs<Cifar10>({{3, 2, 2, 1, 3, 3}}, 858'426, 121'815'690));    // 10676
static_assert(costs<Cifar10>({{3, 0, 3, 1, 0, 1}}, 559'386, 78'561'930));     // 11472

static_assert(costs<Cifar100>(index_0, 135'156, 15'653'220));
static_assert(costs<Cifar100>(index_11, 808'276, 113'957'220));
static_assert(costs<Cifar100>(index_284, 107'156, 11'721'060));
static_assert(costs<Cifar100>(all_none, 79'156, 7'788'900));

static_assert(costs<ImageNet16>(index_0, 136'456, 3'919'480));
static_assert(costs<ImageNet16>(index_11, 809'576, 28'495'480));
static_assert(costs<ImageNet16>(index_284, 108'456, 2'936'440));
static_assert(costs<ImageNet16>(all_c3, 1'538'696, 55'037'560));
static_assert(costs<ImageNet16>(all_none, 80'456, 1'953'400));

// The other counting rules, worked by hand on the bare skeleton: convolutions 7,782,400, 45,056
// normalised and 40,960 rectified elements, a head of 64 by 10.
static_assert(cost_of<Cifar10>(all_skip, cost::Rule::thop).macs == 7'783'670);
static_assert(cost_of<Cifar10>(all_skip, cost::Rule::spos).macs == 7'783'040);
static_assert(cost_of<Cifar10>(all_skip, cost::Rule::older).macs ==
              7'782'400 + 640 + 2 * 45'056 + 40'960);
static_assert(cost_of<Cifar10>(all_skip).activations == 53'248 + 45'056 + 10);

// The static network, the supernet's path and the table agree.
template <class S, typename S::Encoding Code>
constexpr bool same_cost() {
  using Architecture = materialize_t<S, Code>;
  return Architecture::cost() == cost_of<S>(Code) &&
         S::Network::cost({cost::Rule::f201, Code.data()}) == cost_of<S>(Code) &&
         static_cast<std::int64_t>(Architecture::parameters) == cost_of<S>(Code).params &&
         Architecture::cost({cost::Rule::older}) == cost_of<S>(Code, cost::Rule::older);
}
static_assert(same_cost<Cifar10, index_0>());
static_assert(same_cost<Cifar10, index_11>());
static_assert(same_cost<Cifar10, all_none>());
static_assert(same_cost<ImageNet16, all_c3>());

// Supernets: one set of weights for every operation of every edge.
static_assert(Cifar10::Network::parameters == 73'306 + 6 * (243'040 + 28'000));
using Supernet = NasBench201<16, 5, 10, Shape{3, 32, 32}, false>;
static_assert(Supernet::Network::parameters == 73'306 + 1'612'800);  // 1,686,136 less 30 alphas

static_assert(Cifar10::decisions == 6 && SearchSpace<Cifar10>);
static_assert(Cifar10::options == std::array<std::uint8_t, 6>{5, 5, 5, 5, 5, 5});
static_assert(Cifar10::Network::output == Shape{10, 1, 1});

// Reading the official spelling is a constant expression, and a literal can stand for the encoding,
// the cell and the network.
#define TEXT_11 \
  "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|"
static_assert(Cifar10::parse(TEXT_11) == index_11);
static_assert(space::nas_bench_201::code<TEXT_11> == index_11);

using Cell11 = space::nas_bench_201::Cell<TEXT_11>;
using C3 = space::nas_bench_201::ReluConvBn<nn::same_channels, 3>;
using Pool = nn::AvgPool<3, 1, 1>;
static_assert(
    std::is_same_v<Cell11,
                   nn::Cell<4, nn::Edge<0, 1, C3>, nn::Edge<0, 2, C3>, nn::Edge<1, 2, Pool>,
                            nn::Edge<0, 3, nn::Zero<>>, nn::Edge<1, 3, C3>, nn::Edge<2, 3, Pool>>>);
static_assert(Cell11::parameters({16, 32, 32}) == 3 * (9 * 16 * 16 + 2 * 16));
static_assert(Cell11::parameters({64, 8, 8}) == 3 * (9 * 64 * 64 + 2 * 64));
using Plain11 = space::nas_bench_201::Cell<TEXT_11, false>;
static_assert(Plain11::parameters({16, 32, 32}) == 3 * 9 * 16 * 16);

// The cell is the one that the space's network becomes, in all three stages.
template <class N>
struct CellsOf;
template <Shape Input, class Stem, class Norm, class First, class Down1, class Second, class Down2,
          class Third, class... Head>
struct CellsOf<nn::Network<Input, Stem, Norm, First, Down1, Second, Down2, Third, Head...>> {
  using type = types<First, Second, Third>;
};
using Network11 = space::nas_bench_201::Network<TEXT_11>;
static_assert(
    std::is_same_v<CellsOf<Network11>::type,
                   types<nn::Repeat<5, Cell11>, nn::Repeat<5, Cell11>, nn::Repeat<5, Cell11>>>);

static_assert(std::is_same_v<Network11, materialize_t<Cifar10, index_11>>);
static_assert(std::is_same_v<space::nas_bench_201::Network<TEXT_11, 16, 5, 120, Shape{3, 16, 16}>,
                             materialize_t<ImageNet16, index_11>>);
static_assert(
    std::is_same_v<space::nas_bench_201::Network<TEXT_11, 16, 5, 10, Shape{3, 32, 32}, false>,
                   materialize_t<Supernet, index_11>>);
#undef TEXT_11

}  // namespace
