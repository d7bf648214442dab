#include "tepui/nn/peak.hpp"

#include "tepui/nn/depth.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/space/choice.hpp"
#include "tepui/space/space.hpp"

namespace {

using namespace tepui;
using nn::depth_of;
using nn::peak_of;

constexpr Shape in{2, 4, 4};    // 32 elements
using Same = nn::Conv2d<2, 3>;  // 32 to 32
using Wide = nn::Conv2d<6, 3>;  // 32 to 96
using Half = nn::MaxPool<2>;    // a quarter of the elements

// Leaves: input and output; elementwise layers write over an input that nobody else needs.
static_assert(peak_of<Wide, in>(nullptr, false) == 32 + 96);
static_assert(peak_of<Wide, in>(nullptr, true) == 32 + 96);
static_assert(peak_of<nn::Relu, in>(nullptr, false) == 32);
static_assert(peak_of<nn::Relu, in>(nullptr, true) == 64);
static_assert(peak_of<nn::BatchNorm2d<>, in>(nullptr, false) == 32);
struct NotInPlace : nn::Relu {
  static constexpr bool in_place = false;
};
static_assert(peak_of<NotInPlace, in>(nullptr, false) == 64);
static_assert(peak_of<Half, in>(nullptr, false) == 32 + 8);

// One after the other: 32+96, 96 (in place), 96+32; a kept input waits beside the later ones.
using Chain = nn::Sequential<Wide, nn::Relu, Same>;
static_assert(peak_of<Chain, in>(nullptr, false) == 96 + 32);
static_assert(peak_of<Chain, in>(nullptr, true) == 32 + 96 + 32);
static_assert(peak_of<nn::Repeat<2, Chain>, in>(nullptr, false) == 128);
static_assert(peak_of<nn::Repeat<2, Same>, in>(nullptr, true) == 32 + 64);

// The input waits for the shortcut; an identity is added in place.
static_assert(peak_of<nn::Residual<Same>, in>(nullptr, false) == 64);
static_assert(peak_of<nn::Residual<Chain>, in>(nullptr, false) == 32 + 96 + 32);
static_assert(peak_of<nn::Residual<Same, nn::Conv2d<2, 1>>, in>(nullptr, false) == 32 + 32 + 32);
static_assert(peak_of<nn::Residual<Same, nn::Zero<>>, in>(nullptr, false) == 64);
static_assert(peak_of<nn::Concat<Same, Wide>, in>(nullptr, false) == 32 + 32 + 96);

// x -> a -> c, x -> b -> c: while b is made x and a are there; then c beside b.
using Diamond = nn::Cell<4, nn::Edge<0, 1, Same>, nn::Edge<0, 2, Same>, nn::Edge<1, 3, Same>,
                         nn::Edge<2, 3, Same>>;
static_assert(peak_of<Diamond, in>(nullptr, false) == 3 * 32);
static_assert(peak_of<Diamond, in>(nullptr, true) == 4 * 32);
// What does not reach the output is not run.
using Stump = nn::Cell<4, nn::Edge<0, 1, Wide>, nn::Edge<0, 2, Same>, nn::Edge<1, 3, nn::Zero<>>,
                       nn::Edge<2, 3, nn::Identity>>;
static_assert(Stump::check({6, 4, 4}) == nn::Rule::edges_into_a_node_must_give_the_same_shape);
using Dead =
    nn::Cell<3, nn::Edge<0, 1, Same>, nn::Edge<0, 2, nn::Identity>, nn::Edge<1, 2, nn::Zero<>>>;
static_assert(peak_of<Dead, in>(nullptr, false) == 32);
static_assert(depth_of<Dead, in>(nullptr) == 0);

static_assert(depth_of<Same, in>(nullptr) == 1);
static_assert(depth_of<Half, in>(nullptr) == 0);
static_assert(depth_of<nn::BatchNorm2d<>, in>(nullptr) == 0);
static_assert(depth_of<nn::SqueezeExcite<2>, in>(nullptr) == 2);
static_assert(depth_of<Chain, in>(nullptr) == 2);
static_assert(depth_of<nn::Repeat<3, Chain>, in>(nullptr) == 6);
static_assert(depth_of<nn::Residual<Chain, Same>, in>(nullptr) == 2);
static_assert(depth_of<nn::Concat<Same, Chain>, in>(nullptr) == 2);
static_assert(depth_of<Diamond, in>(nullptr) == 2);

// With choices: along the encoding; without one the largest of the options.
using Pick = space::Choice<0, nn::Identity, Same, Chain>;
using S = Space<in, Pick, nn::Residual<space::Choice<1, nn::Zero<>, Same>>>;
constexpr std::uint8_t light[] = {0, 0};
constexpr std::uint8_t heavy[] = {2, 1};
static_assert(S::Network::depth(light) == 0 && S::Network::depth(heavy) == 3);
static_assert(S::Network::depth() == 3);
static_assert(S::Network::peak_activations(light) == 64 &&
              S::Network::peak_activations(heavy) == 128);
static_assert(S::Network::peak_activations() == 128);

// A cell whose operations decide more than one thing is planned for every encoding by itself.
using Nested = nn::Cell<
    3,
    nn::Edge<
        0, 1,
        nn::Sequential<space::Choice<0, nn::Identity, Same>, space::Choice<1, nn::Identity, Same>>>,
    nn::Edge<0, 2, space::Choice<2, nn::Zero<>, nn::Identity>>, nn::Edge<1, 2, nn::Identity>>;
constexpr std::uint8_t none_taken[] = {0, 0, 0};
constexpr std::uint8_t all_taken[] = {1, 1, 1};
static_assert(depth_of<Nested, in>(none_taken) == 0 && depth_of<Nested, in>(all_taken) == 2);
static_assert(peak_of<Nested, in>(none_taken, false) == 32);
static_assert(peak_of<Nested, in>(all_taken, false) == 3 * 32);

}  // namespace
