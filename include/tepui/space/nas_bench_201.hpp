#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "tepui/core/fixed_string.hpp"
#include "tepui/nn/activation.hpp"
#include "tepui/nn/batch_norm2d.hpp"
#include "tepui/nn/cell.hpp"
#include "tepui/nn/conv2d.hpp"
#include "tepui/nn/identity.hpp"
#include "tepui/nn/linear.hpp"
#include "tepui/nn/pool.hpp"
#include "tepui/nn/repeat.hpp"
#include "tepui/nn/residual.hpp"
#include "tepui/nn/sequential.hpp"
#include "tepui/nn/zero.hpp"
#include "tepui/space/architecture_text.hpp"
#include "tepui/space/choice.hpp"
#include "tepui/space/encoding.hpp"
#include "tepui/space/materialize.hpp"
#include "tepui/space/nas_bench_201_signature.hpp"
#include "tepui/space/space.hpp"

/// @file
/// The NAS-Bench-201 / NATS-Bench topology space.
/// @source X. Dong, Y. Yang, NAS-Bench-201, ICLR 2020

namespace tepui::space {

namespace nas_bench_201 {

/// The five operations, in the official order.
inline constexpr std::array<std::string_view, 5> operations{"none", "skip_connect", "nor_conv_1x1",
                                                            "nor_conv_3x3", "avg_pool_3x3"};

/// ReLU, convolution without bias, batch norm: the order of every convolution in a cell.
template <int Channels, int Kernel, int Stride = 1, bool Affine = true>
using ReluConvBn =
    nn::Sequential<nn::Relu, nn::Conv2d<Channels, Kernel, Stride>, nn::BatchNorm2d<Affine>>;

template <int Decision, bool Affine>
using Operation =
    Choice<Decision, nn::Zero<>, nn::Identity, ReluConvBn<nn::same_channels, 1, 1, Affine>,
           ReluConvBn<nn::same_channels, 3, 1, Affine>, nn::AvgPool<3, 1, 1>>;

/// Four nodes, six edges; decisions in the order 0-1, 0-2, 1-2, 0-3, 1-3, 2-3. As wide as its
/// input.
template <bool Affine>
using SearchCell =
    nn::Cell<4, nn::Edge<0, 1, Operation<0, Affine>>, nn::Edge<0, 2, Operation<1, Affine>>,
             nn::Edge<1, 2, Operation<2, Affine>>, nn::Edge<0, 3, Operation<3, Affine>>,
             nn::Edge<1, 3, Operation<4, Affine>>, nn::Edge<2, 3, Operation<5, Affine>>>;

/// Halves height and width: two 3x3 convolutions beside average pooling and a 1x1 convolution.
template <int Channels>
using Reduction = nn::Residual<nn::Sequential<ReluConvBn<Channels, 3, 2>, ReluConvBn<Channels, 3>>,
                               nn::Sequential<nn::AvgPool<2, 2>, nn::Conv2d<Channels, 1>>>;

template <int Channels, int Cells, int Classes, Shape Input, bool Affine>
using Skeleton =
    Space<Input, nn::Conv2d<Channels, 3>, nn::BatchNorm2d<>, nn::Repeat<Cells, SearchCell<Affine>>,
          Reduction<2 * Channels>, nn::Repeat<Cells, SearchCell<Affine>>, Reduction<4 * Channels>,
          nn::Repeat<Cells, SearchCell<Affine>>, nn::BatchNorm2d<>, nn::Relu, nn::GlobalAvgPool,
          nn::Linear<Classes>>;

/// @brief Reads the official spelling, at run time or in a constant expression.
[[nodiscard]] constexpr Parsed<Encoding<6>> read(std::string_view text) {
  constexpr std::array<std::string_view, 3> from{"~0", "~1", "~2"};
  TextReader reader(text);
  Encoding<6> code;
  std::size_t edge = 0;
  for (std::size_t node = 1; node <= 3; ++node) {
    reader.expect(node == 1 ? "|" : "+|");
    for (std::size_t source = 0; source < node; ++source) {
      const auto* known = std::find(operations.begin(), operations.end(), reader.word());
      if (known == operations.end()) {
        reader.fail(TextMistake::unknown_operation,
                    "none, skip_connect, nor_conv_1x1, nor_conv_3x3 or avg_pool_3x3");
      } else {
        code[edge++] = static_cast<std::uint8_t>(known - operations.begin());
        reader.skip(known->size());
      }
      if (!reader.take(from[source])) {
        const bool other = reader.rest().starts_with('~');
        reader.fail(other ? TextMistake::edge_from_the_wrong_node : TextMistake::unexpected_text,
                    from[source], other ? 2 : 0);
      }
      reader.expect("|");
    }
  }
  reader.expect_end();
  return {code, reader.error()};
}

}  // namespace nas_bench_201

/// @brief 15,625 cells of six operations each, three stages of `Cells` equal cells.
///
/// The defaults are the benchmark's CIFAR-10 networks, exact to its parameter counts.
/// @tparam Channels width of the first stage; the later ones have 2 and 4 times as many
/// @tparam Cells    cells a stage (N in the paper)
/// @tparam Affine   whether normalisations inside cells learn scale and shift; the benchmark's
///                  networks do, supernets of the literature often do not
template <int Channels = 16, int Cells = 5, int Classes = 10, Shape Input = Shape{3, 32, 32},
          bool Affine = true>
struct NasBench201 : nas_bench_201::Skeleton<Channels, Cells, Classes, Input, Affine> {
  using Encoding = tepui::Encoding<6>;
  /// For `canonical`: cells are the same if they compute the same sums.
  using Signature = nas_bench_201::Signature<>;

  /// @return the official spelling, for example "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|...|"
  [[nodiscard]] static std::string print(const Encoding& code) {
    std::string text;
    std::size_t edge = 0;
    for (int node = 1; node <= 3; ++node) {
      text += node == 1 ? "|" : "+|";
      for (int source = 0; source < node; ++source) {
        text += std::string(nas_bench_201::operations[code[edge++]]) + "~" +
                std::to_string(source) + "|";
      }
    }
    return text;
  }

  /// @brief Reads the official spelling.
  /// @throws SettingError that quotes the token that is wrong
  [[nodiscard]] static constexpr Encoding parse(std::string_view text) {
    const Parsed<Encoding> parsed = nas_bench_201::read(text);
    if (parsed.error.mistake != TextMistake::none) {
      throw_text_error("NAS-Bench-201 architecture", text, parsed.error);
    }
    return parsed.value;
  }
};

namespace nas_bench_201 {

/// @brief The encoding that an official spelling stands for, read by the compiler.
///
///     constexpr Encoding<6> code = nas_bench_201::code<
///         "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|">;
///
/// A wrong text does not compile; the first error names the mistake, the token and its place.
template <FixedString Architecture>
inline constexpr Encoding<6> code = ReadText<Architecture, read>::value;

/// @brief The cell of an architecture as a layer: as wide as its input, in every stage the same.
template <FixedString Architecture, bool Affine = true>
using Cell = typename space::detail::Resolve<code<Architecture>, SearchCell<Affine>>::type;

/// @brief The whole network of an architecture: the space's, with every choice made.
///
/// Template arguments after the first are those of NasBench201.
template <FixedString Architecture, int Channels = 16, int Cells = 5, int Classes = 10,
          Shape Input = Shape{3, 32, 32}, bool Affine = true>
using Network =
    materialize_t<NasBench201<Channels, Cells, Classes, Input, Affine>, code<Architecture>>;

}  // namespace nas_bench_201
}  // namespace tepui::space
