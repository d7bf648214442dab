#pragma once

#include "tepui/core/types.hpp"
#include "tepui/nn/activation.hpp"
#include "tepui/nn/batch_norm2d.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/detail/chain.hpp"
#include "tepui/nn/detail/relu_conv_norm.hpp"

namespace tepui::nn::detail {

/// Whether a layer can be the middle of ReluConvNorm.
template <class L>
inline constexpr bool fuses = false;
template <int OutChannels, int Kernel, int Stride, int Padding, int Dilation>
inline constexpr bool fuses<Conv2d<OutChannels, Kernel, Stride, Padding, Dilation, 1, false>> =
    true;

/// The chain that computes what L... compute, with runs of layers that are known to be cheaper
/// together replaced by one. Parameters and running statistics keep their order.
template <class Done, class... L>
struct Fused;
template <class... Done>
struct Fused<types<Done...>> {
  using type = Chain<Done...>;
};
template <class... Done, class First, class... Rest>
struct Fused<types<Done...>, First, Rest...> : Fused<types<Done..., First>, Rest...> {};
template <class... Done, class Convolution, bool Affine, class... Rest>
requires fuses<Convolution>
struct Fused<types<Done...>, Relu, Convolution, BatchNorm2d<Affine>, Rest...>
    : Fused<types<Done..., ReluConvNorm<Convolution, BatchNorm2d<Affine>>>, Rest...> {
};

}  // namespace tepui::nn::detail
