#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/activation.hpp"
#include "tepui/nn/batch_norm2d.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/detail/chain.hpp"
#include "tepui/nn/detail/conv_norm_edge.hpp"
#include "tepui/nn/detail/sample_graph.hpp"

/// @file
/// Finds the layers of a Sequential that are computed together: runs of
/// [activation,] convolution, batch normalisation.

namespace tepui::nn {

template <class... L>
struct Sequential;

namespace detail {

/// Whether a layer can be the convolution of a ConvNormEdge.
template <class L>
inline constexpr bool joins_norm = false;
template <int OutChannels, int Kernel, int Stride, int Padding, int Dilation, int Groups>
inline constexpr bool
    joins_norm<Conv2d<OutChannels, Kernel, Stride, Padding, Dilation, Groups, false>> = true;
template <int Kernel, int Stride, int Padding, int Dilation>
inline constexpr bool joins_norm<DepthwiseConv2d<Kernel, Stride, Padding, Dilation, false>> = true;

template <class L>
inline constexpr backend::Activation activation_of = backend::Activation::none;
template <>
inline constexpr backend::Activation activation_of<Relu> = backend::Activation::relu;
template <>
inline constexpr backend::Activation activation_of<HardSwish> = backend::Activation::hard_swish;

/// A SampleGraph of edges one after the other.
template <class Numbers, class... E>
struct LinearGraphOf;
template <std::size_t... Number, class... E>
struct LinearGraphOf<std::index_sequence<Number...>, E...> {
  using type = SampleGraph<sizeof...(E) + 1, SampleEdge<Number, Number + 1, E>...>;
};
template <class... E>
using LinearGraph = typename LinearGraphOf<std::index_sequence_for<E...>, E...>::type;

template <class List, class T>
struct Append;
template <class... L, class T>
struct Append<types<L...>, T> {
  using type = types<L..., T>;
};

/// Ends a run of edges: what is done so far, with the run behind it.
template <class Done, class Run>
struct WithRun;
template <class... Done>
struct WithRun<types<Done...>, types<>> {
  using type = types<Done...>;
};
template <class... Done, class... E>
requires(sizeof...(E) > 0) struct WithRun<types<Done...>, types<E...>> {
  using type = types<Done..., LinearGraph<E...>>;
};

/// Longest run: a graph works in a room for each of its nodes.
inline constexpr std::size_t longest_run = 8;

/// Replaces runs of L... by graphs, looking into Sequentials. Parameters and running statistics
/// keep their order.
/// @tparam Done parts that are finished
/// @tparam Run  edges of the run that may go on
template <class Done, class Run, class... L>
struct Fused : WithRun<Done, Run> {};

template <class Done, class Run, class First, class... Rest>
struct Fused<Done, Run, First, Rest...>
    : Fused<typename Append<typename WithRun<Done, Run>::type, First>::type, types<>, Rest...> {};

template <class Done, class Run, class... Inner, class... Rest>
struct Fused<Done, Run, Sequential<Inner...>, Rest...> : Fused<Done, Run, Inner..., Rest...> {};

/// One more edge in the run, or in a new one.
template <class Done, class Run, class Edge, class... Rest>
using Longer = std::conditional_t<(Run::size < longest_run),
                                  Fused<Done, typename Append<Run, Edge>::type, Rest...>,
                                  Fused<typename WithRun<Done, Run>::type, types<Edge>, Rest...>>;

template <class Done, class Run, class Convolution, bool Affine, class... Rest>
requires(joins_norm<Convolution>) struct Fused<Done, Run, Convolution, BatchNorm2d<Affine>, Rest...>
    : Longer<Done, Run, ConvNormEdge<backend::Activation::none, Convolution, BatchNorm2d<Affine>>,
             Rest...> {
};

template <class Done, class Run, class Act, class Convolution, bool Affine, class... Rest>
requires(
    activation_of<Act> != backend::Activation::none &&
    joins_norm<Convolution>) struct Fused<Done, Run, Act, Convolution, BatchNorm2d<Affine>, Rest...>
    : Longer<Done, Run, ConvNormEdge<activation_of<Act>, Convolution, BatchNorm2d<Affine>>,
             Rest...> {
};

template <class Parts>
struct ChainOf;
template <class... Parts>
struct ChainOf<types<Parts...>> {
  using type = Chain<Parts...>;
};

/// The edges of what is nothing but one run; types<> for everything else.
template <class Parts>
struct RunOf {
  using type = types<>;
};
template <std::size_t Nodes, class... Edges>
struct RunOf<types<SampleGraph<Nodes, Edges...>>> {
  using type = types<typename Edges::Op...>;
};

template <class... L>
inline constexpr bool all_edges = (!std::is_void_v<edge_of<L>> && ...);

/// The edge form of a run: its only edge.
template <class Run>
struct OnlyEdge {
  using type = void;
};
template <class E>
struct OnlyEdge<types<E>> {
  using type = E;
};

}  // namespace detail
}  // namespace tepui::nn
