#include "tepui/nn/nn.hpp"

/// @file
/// Shapes, parameters, multiply-accumulates and activations of every layer and container.

namespace {

using namespace tepui;
using namespace tepui::nn;

using cost::Query;
using CostRule = cost::Rule;

template <class L>
constexpr Cost cost_at(Shape in, CostRule rule = CostRule::f201) {
  return L::cost(in, Query{.rule = rule});
}

// --- convolutions -------------------------------------------------------------------------------
static_assert(Conv2d<16, 3>::output({3, 32, 32}) == Shape{16, 32, 32});
static_assert(Conv2d<16, 3, 2>::output({3, 32, 31}) == Shape{16, 16, 16});
static_assert(Conv2d<16, 3, 2, 0>::output({3, 32, 32}) == Shape{16, 15, 15});
static_assert(Conv2d<16, 5, 1, same_padding, 2>::output({3, 9, 7}) == Shape{16, 9, 7});
static_assert(Conv2d<16, 3, 1, 0, 2>::output({3, 9, 7}) == Shape{16, 5, 3});
static_assert(Conv2d<same_channels, 3, 2>::output({12, 32, 32}) == Shape{12, 16, 16});
static_assert(Conv2d<same_channels, 3>::parameters({12, 32, 32}) == 9 * 12 * 12);
static_assert(Conv2d<16, 3>::parameters({3, 32, 32}) == 432);
static_assert(Conv2d<16, 3, 1, 1, 1, 1, true>::parameters({3, 32, 32}) == 448);
static_assert(Conv2d<6, 3, 1, 1, 1, 2>::parameters({4, 8, 8}) == 9 * 2 * 6);
static_assert(DepthwiseConv2d<5, 2>::parameters({7, 9, 9}) == 175);
static_assert(DepthwiseConv2d<5, 2>::output({7, 9, 8}) == Shape{7, 5, 4});
static_assert(cost_at<Conv2d<16, 3>>({3, 32, 32}) == Cost{432, 442'368, 16'384});
static_assert(cost_at<Conv2d<6, 3, 1, 1, 1, 2, true>>({4, 8, 8}) == Cost{114, 108 * 64 + 384, 384});
static_assert(cost_at<Conv2d<6, 3, 1, 1, 1, 2, true>>({4, 8, 8}, CostRule::thop).macs == 108 * 64);
static_assert(cost_at<Conv2d<6, 3, 1, 1, 1, 2, true>>({4, 8, 8}, CostRule::spos).macs == 108 * 64);
static_assert(Conv2d<4, 3, 1, 0>::check({3, 2, 9}) == Rule::kernel_is_larger_than_the_padded_input);
static_assert(Conv2d<4, 3, 1, 0>::check({3, 3, 3}) == Rule::fits);
static_assert(Conv2d<4, 3, 1, 0, 2>::check({3, 4, 5}) ==
              Rule::kernel_is_larger_than_the_padded_input);
static_assert(Conv2d<4, 3, 1, 1, 1, 2>::check({3, 8, 8}) == Rule::channels_must_divide_by_groups);
static_assert(Conv2d<3, 3, 1, 1, 1, 2>::check({4, 8, 8}) == Rule::channels_must_divide_by_groups);
static_assert(Conv2d<4, 3>::check({0, 8, 8}) == Rule::input_must_have_positive_size);

// --- the other leaves ---------------------------------------------------------------------------
static_assert(BatchNorm2d<>::parameters({5, 4, 4}) == 10 &&
              BatchNorm2d<>::buffers({5, 4, 4}) == 10);
static_assert(BatchNorm2d<false>::parameters({5, 4, 4}) == 0 &&
              BatchNorm2d<false>::buffers({5, 4, 4}) == 10);
static_assert(cost_at<BatchNorm2d<>>({5, 4, 4}) == Cost{10, 0, 80});
static_assert(cost_at<BatchNorm2d<false>>({5, 4, 4}, CostRule::older) == Cost{0, 160, 80});
static_assert(cost_at<Relu>({5, 4, 4}) == Cost{});
static_assert(cost_at<Relu>({5, 4, 4}, CostRule::older) == Cost{0, 80, 0});
static_assert(cost_at<HardSwish>({5, 4, 4}, CostRule::older) == Cost{});
static_assert(Linear<10>::output({64, 2, 2}) == Shape{10, 1, 1});
static_assert(Linear<10>::parameters({64, 2, 2}) == 2570);
static_assert(Linear<10, false>::parameters({64, 1, 1}) == 640);
static_assert(cost_at<Linear<10>>({64, 1, 1}) == Cost{650, 650, 10});
static_assert(cost_at<Linear<10, false>>({64, 1, 1}).macs == 640);
static_assert(cost_at<Linear<10>>({64, 1, 1}, CostRule::thop).macs == 1270);
static_assert(cost_at<Linear<10>>({64, 1, 1}, CostRule::older).macs == 640);
static_assert(cost_at<Linear<10>>({64, 1, 1}, CostRule::spos).macs == 640);
static_assert(Linear<10>::check({0, 1, 1}) == Rule::input_must_have_positive_size);
static_assert(MaxPool<2>::output({3, 7, 6}) == Shape{3, 3, 3});
static_assert(AvgPool<3, 1, 1>::output({3, 7, 6}) == Shape{3, 7, 6});
static_assert(AvgPool<3, 2, 1>::output({3, 7, 6}) == Shape{3, 4, 3});
static_assert(MaxPool<3>::check({3, 2, 5}) == Rule::kernel_is_larger_than_the_padded_input);
static_assert(cost_at<AvgPool<3, 1, 1>>({3, 7, 6}, CostRule::older) == Cost{});
static_assert(GlobalAvgPool::output({9, 4, 5}) == Shape{9, 1, 1});
static_assert(Zero<2>::output({3, 5, 4}) == Shape{3, 3, 2});
static_assert(Zero<>::flow(nullptr) == Flow::nothing && Identity::flow(nullptr) == Flow::passes);
static_assert(Relu::flow(nullptr) == Flow::general);
static_assert(Dropout<30>::parameters({3, 4, 4}) == 0 &&
              DropPath::output({3, 4, 4}) == Shape{3, 4, 4});
static_assert(cost_at<SqueezeExcite<8>>({24, 7, 7}) == Cost{416, 416, 32});
static_assert(cost_at<SqueezeExcite<8>>({24, 7, 7}, CostRule::spos) == Cost{416, 384, 32});

// --- DARTS' operations at 36 channels, and their published sizes ---------------------------------
template <int Kernel, int Stride>
using Separable = Sequential<Relu, DepthwiseConv2d<Kernel, Stride>, Conv2d<36, 1>, BatchNorm2d<>,
                             Relu, DepthwiseConv2d<Kernel>, Conv2d<36, 1>, BatchNorm2d<>>;
template <int Kernel, int Stride>
using Dilated = Sequential<Relu, DepthwiseConv2d<Kernel, Stride, same_padding, 2>, Conv2d<36, 1>,
                           BatchNorm2d<>>;
using Halve = Sequential<Relu, Conv2d<36, 1, 2>, BatchNorm2d<>>;
inline constexpr Shape wide{36, 32, 32};

static_assert(Separable<3, 1>::parameters(wide) == 3'384);
static_assert(Separable<5, 1>::parameters(wide) == 4'536);
static_assert(Dilated<3, 1>::parameters(wide) == 1'692);
static_assert(Dilated<5, 1>::parameters(wide) == 2'268);
static_assert(Halve::parameters(wide) == 1'368);
static_assert(cost_at<Separable<3, 1>>(wide).macs == 3'317'760);
static_assert(cost_at<Separable<3, 2>>(wide).macs == 829'440);
static_assert(cost_at<Separable<5, 1>>(wide).macs == 4'497'408);
static_assert(cost_at<Separable<5, 2>>(wide).macs == 1'124'352);
static_assert(cost_at<Dilated<3, 1>>(wide).macs == 1'658'880);
static_assert(cost_at<Dilated<3, 2>>(wide).macs == 414'720);
static_assert(cost_at<Dilated<5, 1>>(wide).macs == 2'248'704);
static_assert(cost_at<Dilated<5, 2>>(wide).macs == 562'176);
static_assert(cost_at<Halve>(wide).macs == 331'776);
static_assert(Separable<5, 2>::output(wide) == Shape{36, 16, 16} &&
              Dilated<5, 2>::output(wide) == Shape{36, 16, 16});
// 2 x 2 normalised and 2 rectified maps of 36,864 elements
static_assert(cost_at<Separable<3, 1>>(wide, CostRule::older).macs == 3'317'760 + 6 * 36'864);

// --- containers ---------------------------------------------------------------------------------
using Block = Sequential<Relu, Conv2d<4, 3>, BatchNorm2d<>>;
inline constexpr Shape small{4, 6, 5};

static_assert(Layer<Block> && Layer<Repeat<3, Block>> && Layer<Residual<Block>>);
static_assert(Block::parameters(small) == 144 + 8 && Block::buffers(small) == 8);
static_assert(Block::shapes(small) == std::array<Shape, 4>{small, small, small, small});
static_assert(Repeat<3, Block>::parameters(small) == 3 * 152);
static_assert(Repeat<3, Block>::buffers(small) == 24);
static_assert(cost_at<Repeat<3, Block>>(small).macs == 3 * 144 * 30);
static_assert(cost_at<Repeat<3, Block>>(small).activations == 3 * 240);
static_assert(Repeat<2, Conv2d<5, 3>>::check(small) == Rule::repeated_layer_must_keep_its_shape);
static_assert(Repeat<2, Conv2d<5, 9, 1, 0>>::check(small) ==
              Rule::an_inner_layer_refuses_its_input);
static_assert(Residual<Block>::parameters(small) == 152);
static_assert(Residual<Conv2d<6, 3, 2>, Conv2d<6, 1, 2>>::output({4, 6, 6}) == Shape{6, 3, 3});
static_assert(Residual<Conv2d<5, 3>>::check(small) == Rule::both_branches_must_give_the_same_shape);
static_assert(Residual<Conv2d<5, 3>, Conv2d<5, 9, 1, 0>>::check(small) ==
              Rule::an_inner_layer_refuses_its_input);
static_assert(Sequential<Block, MaxPool<7>>::check(small) ==
              Rule::an_inner_layer_refuses_its_input);

using Graph = Cell<4, Edge<0, 1, Conv2d<8, 3, 2>>, Edge<0, 2, AvgPool<2>>, Edge<1, 3, Block>,
                   Edge<2, 3, Identity>>;
inline constexpr Shape even{4, 6, 6};
static_assert(Graph::check(even) == Rule::fits && Graph::output(even) == Shape{4, 3, 3});
static_assert(Graph::parameters(even) == 9 * 4 * 8 + 9 * 8 * 4 + 8);
static_assert(Graph::shapes(even)[1] == Shape{8, 3, 3} && Graph::shapes(even)[2] == Shape{4, 3, 3});
static_assert(Graph::check(small) == Rule::edges_into_a_node_must_give_the_same_shape);
static_assert(cost_at<Graph>(even).macs == 9 * 4 * 8 * 9 + 9 * 8 * 4 * 9);

// 0-1-3 and 0-2-3, the second through a zero: what a path crosses counts, dead ends do not.
using Dead = Cell<4, Edge<0, 1, Relu>, Edge<0, 2, Zero<>>, Edge<1, 2, Identity>, Edge<0, 3, Relu>,
                  Edge<1, 3, Relu>, Edge<2, 3, Relu>>;
static_assert(Dead::path_counts(nullptr) == std::array<int, 6>{2, 0, 1, 1, 1, 1});
// All six alive: the multiplicities of a NAS-Bench-201 cell.
using Full = Cell<4, Edge<0, 1, Relu>, Edge<0, 2, Relu>, Edge<1, 2, Relu>, Edge<0, 3, Relu>,
                  Edge<1, 3, Relu>, Edge<2, 3, Relu>>;
static_assert(Full::path_counts(nullptr) == std::array<int, 6>{2, 1, 1, 1, 1, 2});
// A node whose only way out is dead: no path uses what leads to it.
using Loose = Cell<3, Edge<0, 1, Relu>, Edge<0, 2, Relu>, Edge<1, 2, Zero<>>>;
static_assert(Loose::path_counts(nullptr) == std::array<int, 3>{0, 1, 0});

// --- what is not a layer ------------------------------------------------------------------------
struct WithoutOutput {
  static constexpr Rule check(Shape) { return Rule::fits; }
};
struct WithState : LayerDefaults {
  int value = 0;
};
struct OnlyDefaults : LayerDefaults {};
static_assert(!Layer<WithoutOutput> && !Layer<WithState> && !Layer<int> && Layer<OnlyDefaults>);

// --- the published rules on one network ---------------------------------------------------------
// ReLU, 3x3, norm, head: 27 * 4 * 30 = 3,240 in the convolution, 480 and 40 in the two heads.
using Net = Network<Shape{3, 6, 5}, Relu, Conv2d<4, 3>, BatchNorm2d<>, GlobalAvgPool, Linear<10>>;
static_assert(Net::parameters == 108 + 8 + 50 && Net::buffers == 8);
static_assert(Net::cost() == Cost{166, 3'240 + 50, 120 + 120 + 10});
static_assert(Net::cost({.rule = CostRule::thop}).macs == 3'240 + 70);
static_assert(Net::cost({.rule = CostRule::older}).macs == 3'240 + 2 * 120 + 90 + 40);
static_assert(Net::cost({.rule = CostRule::spos}).macs == 3'240 + 40);

}  // namespace
