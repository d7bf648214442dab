#include "tepui/space/darts/network.hpp"

#include <cstdint>

#include "tepui/space/darts/published.hpp"

/// @file
/// Published sizes of DARTS networks, as constant expressions.

namespace {

using namespace tepui;
using namespace tepui::space;

// The operations at 36 channels: parameters, and MACs at 32x32 with stride 1 and 2.
template <std::uint8_t Index>
constexpr bool costs(std::int64_t params, std::int64_t macs, std::int64_t strided) {
  constexpr Shape in{36, 32, 32};
  const Cost one = darts::Operation<Index, 36, 1>::cost(in, {});
  const Cost two = darts::Operation<Index, 36, 2>::cost(in, {});
  return one.params == params && one.macs == macs && two.macs == strided &&
         darts::Operation<Index, 36, 1>::output(in) == in &&
         darts::Operation<Index, 36, 2>::output(in) == Shape{36, 16, 16};
}
static_assert(costs<0>(0, 0, 0));
static_assert(costs<1>(0, 0, 0));
static_assert(costs<2>(0, 0, 0));
static_assert(costs<3>(0, 0, 331'776));
static_assert(darts::Operation<3, 36, 2>::parameters({36, 32, 32}) == 1'368);
static_assert(costs<4>(3'384, 3'317'760, 829'440));
static_assert(costs<5>(4'536, 4'497'408, 1'124'352));
static_assert(costs<6>(1'692, 1'658'880, 414'720));
static_assert(costs<7>(2'268, 2'248'704, 562'176));

// DARTS_V2 cell by cell.
inline constexpr darts::Genotype v2 = darts::genotype<darts::DARTS_V2>;
template <int Channels>
using Normal = darts::Cell<v2, Channels, darts::CellKind::normal>;
template <int Channels>
using AfterReduction =
    darts::Cell<v2, Channels, darts::CellKind::normal, darts::CellKind::reduction>;
template <int Channels>
using Reduction = darts::Cell<v2, Channels, darts::CellKind::reduction>;
constexpr Shape at(int channels, int side) { return {channels, side, side}; }

static_assert(Normal<36>::parameters(at(108, 32), at(108, 32)) == 26'532);     // cell 0
static_assert(Normal<36>::parameters(at(108, 32), at(144, 32)) == 27'828);     // 1
static_assert(Normal<36>::parameters(at(144, 32), at(144, 32)) == 29'124);     // 2 to 5
static_assert(Reduction<72>::parameters(at(144, 32), at(144, 32)) == 21'024);  // 6
static_assert(Reduction<72>::output(at(144, 32), at(144, 32)) == at(288, 16));
static_assert(AfterReduction<72>::parameters(at(144, 32), at(288, 16)) == 97'128);   // 7
static_assert(Normal<72>::parameters(at(288, 16), at(288, 16)) == 107'496);          // 8 to 12
static_assert(Reduction<144>::parameters(at(288, 16), at(288, 16)) == 83'520);       // 13
static_assert(AfterReduction<144>::parameters(at(288, 16), at(576, 8)) == 370'512);  // 14
static_assert(Normal<144>::parameters(at(576, 8), at(576, 8)) == 411'984);           // 15 to 19

// Networks: 36 channels and 20 cells on CIFAR-10, 48 channels and 14 cells on ImageNet.
template <FixedString Text>
constexpr bool network(std::size_t cifar, std::int64_t cifar_macs, std::size_t imagenet,
                       std::int64_t imagenet_convolutions) {
  using Cifar = darts::Network<Text>;
  using ImageNet = darts::ImageNetNetwork<Text>;
  constexpr cost::Query rule{.rule = cost::Rule::spos};  // convolutions and the linear layer
  return Cifar::parameters == cifar && Cifar::cost(rule).macs == cifar_macs &&
         Cifar::cost(rule).params == static_cast<std::int64_t>(cifar) &&
         ImageNet::parameters == imagenet &&
         ImageNet::cost(rule).macs == imagenet_convolutions + 768'000;
}
static_assert(network<darts::DARTS_V1>(3'169'414, 500'987'520, 4'510'432, 505'096'704));
static_assert(network<darts::DARTS_V2>(3'349'342, 528'359'040, 4'718'752, 529'143'552));
static_assert(network<darts::PC_DARTS_cifar>(3'634'678, 556'670'592, 5'270'560, 570'369'408));
static_assert(network<darts::PC_DARTS_image>(3'721'510, 570'466'944, 5'342'464, 580'859'328));
static_assert(network<darts::PDARTS>(3'433'798, 532'174'464, 4'944'352, 542'051'328));
static_assert(network<darts::DropNAS_CIFAR10>(3'839'230, 592'032'384, 5'433'280, 596'269'632));
static_assert(network<darts::DARTS_ABS>(3'971'854, 619'956'864, 5'590'144, 618'152'640));
static_assert(network<darts::PDARTS_ABS>(4'162'150, 648'655'488, 5'812'288, 643'554'240));
static_assert(network<darts::RLNAS_CIFAR10>(4'034'710, 630'380'160, 5'674'720, 627'588'864));
static_assert(network<darts::RLNAS_ImageNet_600M>(3'836'638, 587'166'336, 5'463'616, 595'215'936));
static_assert(network<darts::RLNAS_ImageNet>(4'770'838, 726'705'792, 6'618'976, 722'383'872));

// Other widths, classes and counting rules that were published.
static_assert(darts::Network<darts::DARTS_V2, 36, 20, 100>::parameters == 3'401'272);
static_assert(darts::Network<darts::PDARTS, 64>::parameters == 10'521'802);
static_assert(darts::ImageNetNetwork<darts::RLNAS_CIFAR10, 46>::parameters == 5'257'581);

template <FixedString Text, cost::Rule Rule>
inline constexpr std::int64_t imagenet_macs =
    darts::ImageNetNetwork<Text>::cost({.rule = Rule}).macs;
static_assert(imagenet_macs<darts::DARTS_V2, cost::Rule::thop> == 529'143'552 + 1'535'000);
static_assert(imagenet_macs<darts::PDARTS, cost::Rule::older> == 557'119'488);
static_assert(imagenet_macs<darts::PC_DARTS_cifar, cost::Rule::older> == 585'945'600);
static_assert(imagenet_macs<darts::PC_DARTS_image, cost::Rule::older> == 597'056'448);

}  // namespace
