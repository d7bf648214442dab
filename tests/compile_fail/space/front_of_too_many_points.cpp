// expect-error: pareto_front: the keys disagree about too many architectures
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/space/choice.hpp"
#include "tepui/space/pareto_front.hpp"
#include "tepui/space/space.hpp"

template <int Decision>
using Maybe = tepui::space::Choice<Decision, tepui::nn::Identity, tepui::nn::Conv2d<4, 1>>;
using Space = tepui::Space<tepui::Shape{4, 2, 2}, Maybe<0>, Maybe<1>, Maybe<2>, Maybe<3>, Maybe<4>,
                           Maybe<5>, Maybe<6>, Maybe<7>, Maybe<8>>;

constexpr auto rank = [](tepui::Cost, const Space::Encoding& code) {
  return static_cast<double>(tepui::space::rank<Space>(code));
};

#ifdef EXPECT_ERROR
constexpr auto front = tepui::pareto_front<Space>(rank, tepui::minimize(rank));
#else
constexpr auto front = tepui::pareto_front<Space>(rank);
#endif
static_assert(front.size() >= 1);
