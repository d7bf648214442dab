#pragma once

#include <cstdint>

#include "tepui/core/types.hpp"
#include "tepui/nn/activation.hpp"
#include "tepui/nn/batch_norm2d.hpp"
#include "tepui/nn/concat.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/crop.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/pool.hpp"
#include "tepui/nn/sequential.hpp"
#include "tepui/nn/zero.hpp"

/// @file
/// The operations of the DARTS space, as its evaluation networks have them: every normalisation
/// learns scale and shift, pools have none.
/// @source H. Liu, K. Simonyan, Y. Yang, DARTS: Differentiable Architecture Search, ICLR 2019

namespace tepui::space::darts {

/// A cell's input to its width, at the same height and width.
template <int Channels>
using ReluConvBn = nn::Sequential<nn::Relu, nn::Conv2d<Channels, 1>, nn::BatchNorm2d<>>;

/// @brief Halves height and width, which must be even: half of the channels are seen by a 1x1
/// convolution of stride 2 at even pixels, half by another at odd ones.
/// @tparam Channels even
template <int Channels>
using FactorizedReduce =
    nn::Sequential<nn::Relu,
                   nn::Concat<nn::Conv2d<Channels / 2, 1, 2>,
                              nn::Sequential<nn::Crop<1>, nn::Conv2d<Channels / 2, 1, 2>>>,
                   nn::BatchNorm2d<>>;

/// A depthwise and a 1x1 convolution, twice; the first of them has the stride.
template <int Channels, int Kernel, int Stride>
using SepConv =
    nn::Sequential<nn::Relu, nn::DepthwiseConv2d<Kernel, Stride>, nn::Conv2d<Channels, 1>,
                   nn::BatchNorm2d<>, nn::Relu, nn::DepthwiseConv2d<Kernel>,
                   nn::Conv2d<Channels, 1>, nn::BatchNorm2d<>>;

/// A depthwise convolution with holes and a 1x1 convolution.
template <int Channels, int Kernel, int Stride>
using DilConv = nn::Sequential<nn::Relu, nn::DepthwiseConv2d<Kernel, Stride, nn::same_padding, 2>,
                               nn::Conv2d<Channels, 1>, nn::BatchNorm2d<>>;

namespace detail {

template <std::uint8_t Index, int Channels, int Stride>
struct OperationAt {
  using type =
      type_at<Index, nn::Zero<Stride>, nn::MaxPool<3, Stride, 1>, nn::AvgPool<3, Stride, 1>,
              nn::Identity, SepConv<Channels, 3, Stride>, SepConv<Channels, 5, Stride>,
              DilConv<Channels, 3, Stride>, DilConv<Channels, 5, Stride>>;
};
template <int Channels>
struct OperationAt<3, Channels, 2> {
  using type = FactorizedReduce<Channels>;
};

}  // namespace detail

/// @brief Operation number Index of `darts::operations` on Channels channels.
/// @tparam Stride 1, or 2 on edges that leave the inputs of a reduction cell
template <std::uint8_t Index, int Channels, int Stride>
using Operation = typename detail::OperationAt<Index, Channels, Stride>::type;

}  // namespace tepui::space::darts
