// clang-format off
// Written by Tepui 0.1.0; write it again rather than change it.
//
//   space       tepui::space::NasBench201<8, 1, 10, tepui::Shape{3, 32, 32}, true>
//   encoding    1.3.0.3.4.2
//   parameters  44610
//   MACs        5792074 for one image (rule f201)
//   activations 135178 for one image
//   seed        1
//   structure   |skip_connect~0|+|nor_conv_3x3~0|none~1|+|nor_conv_3x3~0|avg_pool_3x3~1|nor_conv_1x1~2|
//   data        glyphs

#pragma once

#include <array>
#include <filesystem>

#include "tepui/embed.hpp"

namespace winner {

using Architecture =
    tepui::nn::Network<
      tepui::Shape{3, 32, 32},
      tepui::nn::Conv2d<8, 3, 1, -1, 1, 1, false>,
      tepui::nn::BatchNorm2d<true>,
      tepui::nn::Repeat<1,
        tepui::nn::Cell<4,
          tepui::nn::Edge<0, 1, tepui::nn::Identity>,
          tepui::nn::Edge<0, 2,
            tepui::nn::Sequential<
              tepui::nn::Relu,
              tepui::nn::Conv2d<8, 3, 1, -1, 1, 1, false>,
              tepui::nn::BatchNorm2d<true>>>,
          tepui::nn::Edge<1, 2, tepui::nn::Zero<1>>,
          tepui::nn::Edge<0, 3,
            tepui::nn::Sequential<
              tepui::nn::Relu,
              tepui::nn::Conv2d<8, 3, 1, -1, 1, 1, false>,
              tepui::nn::BatchNorm2d<true>>>,
          tepui::nn::Edge<1, 3, tepui::nn::AvgPool<3, 1, 1, false>>,
          tepui::nn::Edge<2, 3,
            tepui::nn::Sequential<
              tepui::nn::Relu,
              tepui::nn::Conv2d<8, 1, 1, -1, 1, 1, false>,
              tepui::nn::BatchNorm2d<true>>>>>,
      tepui::nn::Residual<
        tepui::nn::Sequential<
          tepui::nn::Sequential<
            tepui::nn::Relu,
            tepui::nn::Conv2d<16, 3, 2, -1, 1, 1, false>,
            tepui::nn::BatchNorm2d<true>>,
          tepui::nn::Sequential<
            tepui::nn::Relu,
            tepui::nn::Conv2d<16, 3, 1, -1, 1, 1, false>,
            tepui::nn::BatchNorm2d<true>>>,
        tepui::nn::Sequential<
          tepui::nn::AvgPool<2, 2, 0, false>,
          tepui::nn::Conv2d<16, 1, 1, -1, 1, 1, false>>>,
      tepui::nn::Repeat<1,
        tepui::nn::Cell<4,
          tepui::nn::Edge<0, 1, tepui::nn::Identity>,
          tepui::nn::Edge<0, 2,
            tepui::nn::Sequential<
              tepui::nn::Relu,
              tepui::nn::Conv2d<16, 3, 1, -1, 1, 1, false>,
              tepui::nn::BatchNorm2d<true>>>,
          tepui::nn::Edge<1, 2, tepui::nn::Zero<1>>,
          tepui::nn::Edge<0, 3,
            tepui::nn::Sequential<
              tepui::nn::Relu,
              tepui::nn::Conv2d<16, 3, 1, -1, 1, 1, false>,
              tepui::nn::BatchNorm2d<true>>>,
          tepui::nn::Edge<1, 3, tepui::nn::AvgPool<3, 1, 1, false>>,
          tepui::nn::Edge<2, 3,
            tepui::nn::Sequential<
              tepui::nn::Relu,
              tepui::nn::Conv2d<16, 1, 1, -1, 1, 1, false>,
              tepui::nn::BatchNorm2d<true>>>>>,
      tepui::nn::Residual<
        tepui::nn::Sequential<
          tepui::nn::Sequential<
            tepui::nn::Relu,
            tepui::nn::Conv2d<32, 3, 2, -1, 1, 1, false>,
            tepui::nn::BatchNorm2d<true>>,
          tepui::nn::Sequential<
            tepui::nn::Relu,
            tepui::nn::Conv2d<32, 3, 1, -1, 1, 1, false>,
            tepui::nn::BatchNorm2d<true>>>,
        tepui::nn::Sequential<
          tepui::nn::AvgPool<2, 2, 0, false>,
          tepui::nn::Conv2d<32, 1, 1, -1, 1, 1, false>>>,
      tepui::nn::Repeat<1,
        tepui::nn::Cell<4,
          tepui::nn::Edge<0, 1, tepui::nn::Identity>,
          tepui::nn::Edge<0, 2,
            tepui::nn::Sequential<
              tepui::nn::Relu,
              tepui::nn::Conv2d<32, 3, 1, -1, 1, 1, false>,
              tepui::nn::BatchNorm2d<true>>>,
          tepui::nn::Edge<1, 2, tepui::nn::Zero<1>>,
          tepui::nn::Edge<0, 3,
            tepui::nn::Sequential<
              tepui::nn::Relu,
              tepui::nn::Conv2d<32, 3, 1, -1, 1, 1, false>,
              tepui::nn::BatchNorm2d<true>>>,
          tepui::nn::Edge<1, 3, tepui::nn::AvgPool<3, 1, 1, false>>,
          tepui::nn::Edge<2, 3,
            tepui::nn::Sequential<
              tepui::nn::Relu,
              tepui::nn::Conv2d<32, 1, 1, -1, 1, 1, false>,
              tepui::nn::BatchNorm2d<true>>>>>,
      tepui::nn::BatchNorm2d<true>,
      tepui::nn::Relu,
      tepui::nn::GlobalAvgPool,
      tepui::nn::Linear<10, true>>;
static_assert(Architecture::parameters == 44610,
              "this version of the library builds the architecture differently");

/// The network wants (value / 255 - mean) / deviation, for each channel.
inline constexpr std::array<double, 3> mean{0.4166072533700981, 0.41931441387101714, 0.41657754289215687};
inline constexpr std::array<double, 3> deviation{0.14347755336556808, 0.14404186767478536, 0.14307140914137184};

using Network = tepui::nn::Model<Architecture, float>;

/// @param path      the weights, as saved beside this header
/// @param max_batch most images in one call
/// @throws tepui::FileError if they cannot be read, tepui::DataError if they are damaged or
///         of another architecture
[[nodiscard]] inline Network load(const std::filesystem::path& path, int max_batch = 1) {
  Network network(max_batch);
  tepui::io::load_parameters(path, network);
  return network;
}

}  // namespace winner
