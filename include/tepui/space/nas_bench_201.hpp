#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "tepui/core/error.hpp"
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

template <int Decision, int Channels, bool Affine>
using Operation = Choice<Decision, nn::Zero<>, nn::Identity, ReluConvBn<Channels, 1, 1, Affine>,
                         ReluConvBn<Channels, 3, 1, Affine>, nn::AvgPool<3, 1, 1>>;

/// Four nodes, six edges; decisions in the order 0-1, 0-2, 1-2, 0-3, 1-3, 2-3.
template <int Channels, bool Affine>
using Cell = nn::Cell<
    4, nn::Edge<0, 1, Operation<0, Channels, Affine>>,
    nn::Edge<0, 2, Operation<1, Channels, Affine>>, nn::Edge<1, 2, Operation<2, Channels, Affine>>,
    nn::Edge<0, 3, Operation<3, Channels, Affine>>, nn::Edge<1, 3, Operation<4, Channels, Affine>>,
    nn::Edge<2, 3, Operation<5, Channels, Affine>>>;

/// Halves height and width: two 3x3 convolutions beside average pooling and a 1x1 convolution.
template <int Channels>
using Reduction = nn::Residual<nn::Sequential<ReluConvBn<Channels, 3, 2>, ReluConvBn<Channels, 3>>,
                               nn::Sequential<nn::AvgPool<2, 2>, nn::Conv2d<Channels, 1>>>;

template <int Channels, int Cells, int Classes, Shape Input, bool Affine>
using Skeleton = Space<Input, nn::Conv2d<Channels, 3>, nn::BatchNorm2d<>,
                       nn::Repeat<Cells, Cell<Channels, Affine>>, Reduction<2 * Channels>,
                       nn::Repeat<Cells, Cell<2 * Channels, Affine>>, Reduction<4 * Channels>,
                       nn::Repeat<Cells, Cell<4 * Channels, Affine>>, nn::BatchNorm2d<>, nn::Relu,
                       nn::GlobalAvgPool, nn::Linear<Classes>>;

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
  /// @throws SettingError that quotes the part that is wrong
  [[nodiscard]] static constexpr Encoding parse(std::string_view text) {
    Encoding code;
    std::size_t edge = 0;
    std::string_view rest = text;
    const auto expect = [&](std::string_view token) {
      if (!rest.starts_with(token)) fail(text, rest, token);
      rest.remove_prefix(token.size());
    };
    for (char node = '1'; node <= '3'; ++node) {
      expect(node == '1' ? "|" : "+|");
      for (char source = '0'; source < node; ++source) {
        code[edge++] = take_operation(text, rest);
        const char suffix[] = {'~', source, '|'};
        expect(std::string_view(suffix, 3));
      }
    }
    if (!rest.empty()) fail(text, rest, "the end");
    return code;
  }

 private:
  static constexpr std::uint8_t take_operation(std::string_view text, std::string_view& rest) {
    const std::string_view name = rest.substr(0, rest.find('~'));
    for (std::uint8_t i = 0; i < nas_bench_201::operations.size(); ++i) {
      if (nas_bench_201::operations[i] == name) {
        rest.remove_prefix(name.size());
        return i;
      }
    }
    fail(text, rest, "none, skip_connect, nor_conv_1x1, nor_conv_3x3 or avg_pool_3x3");
    return 0;
  }
  static void fail(std::string_view text, std::string_view rest, std::string_view expected) {
    throw SettingError("NAS-Bench-201 architecture \"" + std::string(text) + "\": at character " +
                       std::to_string(text.size() - rest.size()) + " (\"" +
                       std::string(rest.substr(0, 24)) + "\") expected " + std::string(expected));
  }
};

}  // namespace tepui::space
