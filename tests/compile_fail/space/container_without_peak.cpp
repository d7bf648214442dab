// expect-error: peak: a layer that holds others needs peak<In>
#include "tepui/nn/peak.hpp"

#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/network.hpp"
#include "tepui/space/budget.hpp"

using namespace tepui;

template <class L>
struct Twice : nn::LayerDefaults {
  using Children = types<L>;
#ifndef EXPECT_ERROR
  template <Shape In>
  static constexpr std::size_t peak(const std::uint8_t* choices, bool keeps_input) {
    return nn::peak_of<L, In>(choices, keeps_input);
  }
#endif
};
using N = nn::Network<Shape{3, 8, 8}, Twice<nn::Conv2d<3, 3>>>;
static_assert(fits<N>(1'000'000));
