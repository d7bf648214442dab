#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "tepui/core/fixed_string.hpp"
#include "tepui/core/types.hpp"
#include "tepui/nn/activation.hpp"
#include "tepui/nn/batch_norm2d.hpp"
#include "tepui/nn/cell.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/dropout.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/nn/network.hpp"
#include "tepui/nn/pair_cell.hpp"
#include "tepui/nn/pair_chain.hpp"
#include "tepui/nn/pool.hpp"
#include "tepui/nn/sequential.hpp"
#include "tepui/space/darts/genotype.hpp"
#include "tepui/space/darts/operations.hpp"

/// @file
/// Evaluation networks of the DARTS space: what a genotype is trained and published as.
/// @source H. Liu, K. Simonyan, Y. Yang, DARTS: Differentiable Architecture Search, ICLR 2019

namespace tepui::space::darts {

/// What a cell does to height and width.
enum class CellKind { normal, reduction };

namespace detail {

/// Drop path stands behind every operation but the identity.
template <class Operation, bool DropPath>
using Dropped = std::conditional_t<DropPath && !std::is_same_v<Operation, nn::Identity>,
                                   nn::Sequential<Operation, nn::DropPath>, Operation>;

template <Genotype G, int Channels, CellKind Kind, CellKind Before, bool DropPath>
struct CellOf {
  static constexpr CellGenotype cell = Kind == CellKind::reduction ? G.reduce : G.normal;
  static constexpr int stride(std::size_t edge) {
    return Kind == CellKind::reduction && cell.edges[edge].input < 2 ? 2 : 1;
  }
  template <std::size_t Index>
  using Edge =
      nn::Edge<cell.edges[Index].input, Index / 2 + 2,
               Dropped<Operation<cell.edges[Index].operation, Channels, stride(Index)>, DropPath>>;
  using First = std::conditional_t<Before == CellKind::reduction, FactorizedReduce<Channels>,
                                   ReluConvBn<Channels>>;
  template <std::size_t... Index, std::size_t... Output>
  static auto made(std::index_sequence<Index...>, std::index_sequence<Output...>)
      -> nn::PairCell<First, ReluConvBn<Channels>, types<Edge<Index>...>,
                      cell.concatenated[Output]...>;
  using type = decltype(made(std::make_index_sequence<cell.edges.size()>{},
                             std::make_index_sequence<cell.outputs>{}));
};

}  // namespace detail

/// @brief A cell of a genotype: two inputs of any width and, unless `Before` is a reduction, the
/// same height and width; as many times Channels channels as nodes are concatenated.
/// @tparam Before what the cell before it is: after a reduction the first input is twice as high
template <Genotype G, int Channels, CellKind Kind, CellKind Before = CellKind::normal,
          bool DropPath = false>
using Cell = typename detail::CellOf<G, Channels, Kind, Before, DropPath>::type;

namespace detail {

/// Reductions lie at a third and at two thirds of the cells; each doubles the width.
constexpr CellKind kind_at(int cell, int cells) {
  return cell == cells / 3 || cell == 2 * cells / 3 ? CellKind::reduction : CellKind::normal;
}
constexpr int width_at(int cell, int cells, int channels) {
  for (int i = 0; i <= cell; ++i) channels *= kind_at(i, cells) == CellKind::reduction ? 2 : 1;
  return channels;
}

/// @tparam Start what the second input of the first cell goes through
/// @tparam Before what the start is taken for
template <Genotype G, int Channels, class Start, CellKind Before, bool DropPath, class Indices>
struct CellsOf;
template <Genotype G, int Channels, class Start, CellKind Before, bool DropPath, int... Index>
struct CellsOf<G, Channels, Start, Before, DropPath, std::integer_sequence<int, Index...>> {
  static constexpr int cells = sizeof...(Index);
  static_assert(cells >= 3, "darts: at least three cells are needed, two of which are reductions");
  static_assert(Channels > 0 && Channels % 2 == 0, "darts: the number of channels must be even");
  static constexpr CellKind before(int cell) {
    return cell == 0 ? Before : kind_at(cell - 1, cells);
  }
  using type =
      nn::PairChain<Start,
                    typename CellOf<G, width_at(Index, cells, Channels), kind_at(Index, cells),
                                    before(Index), DropPath>::type...>;
};

template <Genotype G, int Channels, int Cells, class Start, CellKind Before, bool DropPath>
using Chain = typename CellsOf<G, Channels, Start, Before, DropPath,
                               std::make_integer_sequence<int, Cells>>::type;

template <Genotype G, int Channels, int Cells, int Classes, Shape Input, bool DropPath>
struct CifarNetwork {
  using type = nn::Network<Input, nn::Conv2d<3 * Channels, 3>, nn::BatchNorm2d<>,
                           Chain<G, Channels, Cells, nn::Identity, CellKind::normal, DropPath>,
                           nn::GlobalAvgPool, nn::Linear<Classes>>;
};

template <Genotype G, int Channels, int Cells, int Classes, Shape Input, bool DropPath>
struct ImageNetNetwork {
  using Stem1 = nn::Sequential<nn::Relu, nn::Conv2d<Channels, 3, 2>, nn::BatchNorm2d<>>;
  using type = nn::Network<Input, nn::Conv2d<Channels / 2, 3, 2>, nn::BatchNorm2d<>, nn::Relu,
                           nn::Conv2d<Channels, 3, 2>, nn::BatchNorm2d<>,
                           Chain<G, Channels, Cells, Stem1, CellKind::reduction, DropPath>,
                           nn::GlobalAvgPool, nn::Linear<Classes>>;
};

}  // namespace detail

/// @brief The network that a genotype is trained as on CIFAR: a stem of three times the width,
/// Cells cells, global average pooling and a linear layer.
///
///     using Net = darts::Network<darts::DARTS_V2>;  // 3,349,342 parameters
///
/// @tparam Text     a genotype in its Python spelling
/// @tparam Channels width of the first cells' nodes; even
/// @tparam DropPath whether operations can be dropped in training, with the pass's probability
template <FixedString Text, int Channels = 36, int Cells = 20, int Classes = 10,
          Shape Input = Shape{3, 32, 32}, bool DropPath = false>
using Network =
    typename detail::CifarNetwork<genotype<Text>, Channels, Cells, Classes, Input, DropPath>::type;

/// @brief The network that a genotype is trained as on ImageNet: three convolutions of stride 2
/// before the cells, of which the first takes the output of two and of all three.
template <FixedString Text, int Channels = 48, int Cells = 14, int Classes = 1000,
          Shape Input = Shape{3, 224, 224}, bool DropPath = false>
using ImageNetNetwork = typename detail::ImageNetNetwork<genotype<Text>, Channels, Cells, Classes,
                                                         Input, DropPath>::type;

}  // namespace tepui::space::darts
