#pragma once

// The networks that are timed. pytorch_networks.py builds the same ones.

#include "tepui/nn/nn.hpp"
#include "tepui/space/materialize.hpp"
#include "tepui/space/nas_bench_201.hpp"

namespace engine {

inline constexpr tepui::Shape cifar{3, 32, 32};

/// 3x3 convolutions on all edges; and 3x3, skip, 1x1, average pool, 3x3, skip.
inline constexpr tepui::Encoding<6> all3x3{{3, 3, 3, 3, 3, 3}};
inline constexpr tepui::Encoding<6> mixed{{3, 1, 2, 4, 3, 1}};

template <int Cells>
using Space = tepui::space::NasBench201<16, Cells>;
template <int Cells, tepui::Encoding<6> Code>
using Network = tepui::materialize_t<Space<Cells>, Code>;

/// What a study trains by the hundred: 8 channels, one cell a stage, 16x16 images.
using StudySized =
    tepui::materialize_t<tepui::space::NasBench201<8, 1, 10, tepui::Shape{3, 16, 16}>, mixed>;

template <int Channels, int Kernel, int Stride>
using ConvBnSwish = tepui::nn::Sequential<tepui::nn::Conv2d<Channels, Kernel, Stride>,
                                          tepui::nn::BatchNorm2d<>, tepui::nn::HardSwish>;
/// Expand, depthwise, project.
template <int Middle, int Channels, int Kernel, int Stride = 1>
using MbConv =
    tepui::nn::Sequential<ConvBnSwish<Middle, 1, 1>, tepui::nn::DepthwiseConv2d<Kernel, Stride>,
                          tepui::nn::BatchNorm2d<>, tepui::nn::HardSwish,
                          tepui::nn::Conv2d<Channels, 1>, tepui::nn::BatchNorm2d<>>;
template <int Middle, int Channels, int Kernel>
using ResidualMbConv = tepui::nn::Residual<MbConv<Middle, Channels, Kernel>, tepui::nn::Identity>;

using MbConvStack =
    tepui::nn::Network<cifar, ConvBnSwish<16, 3, 1>, MbConv<64, 24, 3, 2>,
                       ResidualMbConv<72, 24, 3>, MbConv<96, 40, 5, 2>, ResidualMbConv<160, 40, 5>,
                       MbConv<240, 80, 3, 2>, ResidualMbConv<240, 80, 3>, ConvBnSwish<240, 1, 1>,
                       tepui::nn::GlobalAvgPool, tepui::nn::Linear<10>>;

}  // namespace engine
