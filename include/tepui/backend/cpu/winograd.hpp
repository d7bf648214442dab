#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/conv2d_tiles.hpp"
#include "tepui/backend/cpu/conv_norm.hpp"
#include "tepui/backend/cpu/vector.hpp"
#include "tepui/backend/cpu/winograd_products.hpp"
#include "tepui/backend/cpu/winograd_tiles.hpp"
#include "tepui/backend/cpu/winograd_weights.hpp"
#include "tepui/core/shape.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Whether Winograd's products are fewer and cheaper: whole vectors of channels, enough of them to
/// pay for the transforms, and weights that stay in the second-level cache.
[[nodiscard]] constexpr bool suits_winograd(const ConvGeometry& g) {
  const auto suits = [](int channels) {
    return channels % 8 == 0 && channels >= 16 && channels <= 128;
  };
  return g.kernel == 3 && g.stride == 1 && g.padding == 1 && g.dilation == 1 && g.groups == 1 &&
         suits(g.in.channels) && suits(g.out_channels) && g.in.height >= 4 && g.in.width >= 4;
}

/// Tiles that are worked on at a time: as few as keep the registers busy.
inline constexpr int block_tiles = 16;
/// The same for weight gradients, which are turned into taps once for each block.
[[nodiscard]] constexpr int sum_block_tiles(int channels) {
  return std::clamp(2048 / channels, 16, 64);
}

/// From images of `Source` to images of as many pixels with `Out` channels.
template <Shape Source, int Out>
struct WinogradPass {
  static constexpr Shape target{Out, Source.height, Source.width};

  /// @param points weights as WeightPoints makes them
  template <bool Scaled, bool Add, class T>
  static void run(std::size_t count, const T* x, const T* points, const ChannelTerms<T>& terms,
                  T* y) {
    constexpr int channels = std::max(Source.channels, Out);
    using Block = TileBlock<channels, block_tiles, T>;
    using From = ImageTiles<Source, T>;
    using To = ImageTiles<target, T>;
    Block block;
    const std::size_t tiles = count * From::count;
    for (std::size_t first = 0; first < tiles; first += Block::tiles) {
      const int n = static_cast<int>(std::min<std::size_t>(Block::tiles, tiles - first));
      const auto fetch = [&](int point) __attribute__((always_inline)) {
        To::fetch(first, n, point, y);
      };
      From::gather(first, n, x, block);
      PointProducts<Source.channels, Out, Block, T>::multiply(n, points, block, fetch);
      To::template scatter<Scaled, Add>(first, n, block, terms, y);
    }
  }
};

/// ConvNormKernels with a quarter of the products: F(4x4, 3x3).
/// @source A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016.
template <ConvGeometry G>
struct WinogradKernels : ConvNormKernels<G> {
  static_assert(suits_winograd(G));
  static constexpr int in = G.in.channels;
  static constexpr int out = G.out_channels;
  using Forward = WinogradPass<G.in, out>;
  using Data = WinogradPass<G.out(), in>;

  /// (Of the element types float has the larger pitch.)
  static constexpr std::size_t forward_weights = tile_area * matrix_pitch<float>(in * out);
  static constexpr std::size_t backward_weights = forward_weights;

  template <class T>
  static const T* prepare_forward(const T* w, T* scratch) {
    WeightPoints<in, out, T>::of_forward(w, scratch);
    return scratch;
  }
  template <class T>
  static const T* prepare_backward(const T* w, T* scratch) {
    WeightPoints<in, out, T>::of_backward(w, scratch);
    return scratch;
  }
  template <class T>
  static void convolve(std::size_t count, const T* x, const T* prepared, T* z) {
    Forward::template run<false, false, T>(count, x, prepared, {}, z);
  }
  template <class T>
  static void convolve_normalized(std::size_t count, const T* x, const T* prepared, const T* scale,
                                  const T* shift, bool add, T* y) {
    const ChannelTerms<T> terms{.scale = scale, .shift = shift};
    add ? Forward::template run<true, true>(count, x, prepared, terms, y)
        : Forward::template run<true, false>(count, x, prepared, terms, y);
  }
  template <class T>
  static void input_gradient(std::size_t count, const T* dz, const T* prepared, T* dx, bool add) {
    add ? Data::template run<false, true, T>(count, dz, prepared, {}, dx)
        : Data::template run<false, false, T>(count, dz, prepared, {}, dx);
  }
  template <class T>
  static void add_weights(std::size_t count, const T* x, const T* dz, T* gradients,
                          std::size_t part) {
    constexpr int block = sum_block_tiles(std::max(in, out));
    using Sources = TileBlock<in, block, T>;
    using Gradients = TileBlock<out, block, T>;
    using From = ImageTiles<G.in, T>;
    using By = ImageTiles<G.out(), T>;
    Sources sources;
    Gradients by;
    T* const dw = gradients + part * ConvNormKernels<G>::Weights::part_size;
    const std::size_t tiles = count * From::count;
    for (std::size_t first = 0; first < tiles; first += block) {
      const int n = static_cast<int>(std::min<std::size_t>(block, tiles - first));
      From::gather(first, n, x, sources);
      By::gather_gradients(first, n, dz, by);
      PointSums<Sources, Gradients, T>::add(n, sources, by, dw);
    }
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
