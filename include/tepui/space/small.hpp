#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "tepui/nn/activation.hpp"
#include "tepui/nn/batch_norm2d.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/nn/pool.hpp"
#include "tepui/nn/residual.hpp"
#include "tepui/nn/sequential.hpp"
#include "tepui/nn/zero.hpp"
#include "tepui/space/choice.hpp"
#include "tepui/space/encoding.hpp"
#include "tepui/space/space.hpp"

/// @file
/// A space of 72 architectures that trains in seconds.

namespace tepui::space {

namespace small_space {

/// What print calls the options of every decision.
inline constexpr std::array<std::string_view, 4> filters{"conv1", "conv3", "conv5", "separable3"};
inline constexpr std::array<std::string_view, 3> widths{"width8", "width16", "width32"};
inline constexpr std::array<std::string_view, 3> pools{"max", "average", "strided"};
inline constexpr std::array<std::string_view, 2> shortcuts{"plain", "skip"};

template <int Channels, int Kernel>
using ConvBnRelu = nn::Sequential<nn::Conv2d<Channels, Kernel>, nn::BatchNorm2d<>, nn::Relu>;

template <int Channels, int Kernel>
using SeparableBnRelu = nn::Sequential<nn::DepthwiseConv2d<Kernel>, nn::Conv2d<Channels, 1>,
                                       nn::BatchNorm2d<>, nn::Relu>;

/// Two convolutions with Hidden channels between them and Channels at the end.
template <int Channels, int Hidden>
using Block = nn::Sequential<nn::Conv2d<Hidden, 1>, nn::BatchNorm2d<>, nn::Relu,
                             nn::Conv2d<Channels, 3>, nn::BatchNorm2d<>>;

template <Shape Input, int Classes>
using Skeleton = Space<
    Input, nn::Conv2d<8, 3>, nn::BatchNorm2d<>, nn::Relu,
    Choice<0, ConvBnRelu<16, 1>, ConvBnRelu<16, 3>, ConvBnRelu<16, 5>, SeparableBnRelu<16, 3>>,
    Choice<1, nn::MaxPool<2>, nn::AvgPool<2>, nn::Conv2d<16, 2, 2, 0>>,
    nn::Residual<Choice<2, Block<16, 8>, Block<16, 16>, Block<16, 32>>,
                 Choice<3, nn::Zero<>, nn::Identity>>,
    nn::Relu, nn::GlobalAvgPool, nn::Linear<Classes>>;

}  // namespace small_space

/// @brief 72 small networks: a first filter, a way to halve the image, a width, a shortcut or none.
///
/// For tests, for learning, and for comparing policies where every architecture can be trained.
/// Decisions: 0 filter (1x1, 3x3, 5x5, separable 3x3), 1 pooling (maximum, average, strided 2x2
/// convolution), 2 channels inside the block (8, 16, 32), 3 shortcut around the block (no, yes).
/// 1,890 to 9,874 parameters with the defaults.
/// @tparam Input   height and width at least 4
/// @tparam Classes >= 1
template <Shape Input = Shape{3, 16, 16}, int Classes = 10>
struct Small : small_space::Skeleton<Input, Classes> {
  using Encoding = tepui::Encoding<4>;

  /// @return for example "conv3 max width16 skip"
  [[nodiscard]] static std::string print(const Encoding& code) {
    const auto word = [](std::string_view text) { return std::string(text) + " "; };
    return word(small_space::filters.at(code[0])) + word(small_space::pools.at(code[1])) +
           word(small_space::widths.at(code[2])) + std::string(small_space::shortcuts.at(code[3]));
  }
};

}  // namespace tepui::space
