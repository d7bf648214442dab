#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/batch_norm.hpp"
#include "tepui/backend/cpu/conv2d.hpp"
#include "tepui/backend/cpu/samples.hpp"
#include "tepui/backend/cpu/vector.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// A convolution and the batch normalisation behind it, for a few samples at a time on the calling
/// thread. What must be had for the whole batch before any sample can go on is in Norm.
template <ConvGeometry G>
struct ConvNormKernels {
  using Forward = typename ConvKernels<G>::Forward;
  using Data = typename ConvKernels<G>::BackwardData;
  using Weights = typename ConvKernels<G>::BackwardWeights;
  using Norm = BatchNormKernels<G.out_channels>;
  template <class T>
  using Line = NormLine<G.out_channels, T>;
  template <class T>
  using GradientLine = NormGradientLine<G.out_channels, T>;
  template <class T>
  using Channels = ChannelLanes<G.out_channels, T>;

  static constexpr std::size_t inputs = G.in.size();
  static constexpr std::size_t outputs = G.out().size();
  static constexpr auto pixels = static_cast<std::size_t>(G.out().pixels());
  static constexpr auto channels = static_cast<std::size_t>(G.out_channels);
  /// Parts whose weight gradients are summed on their own.
  static constexpr std::size_t most_parts = std::min(Weights::most_parts, most_sample_parts);
  /// Elements: weights as the forward pass and the input gradient read them; the weight gradients
  /// of all parts.
  static constexpr std::size_t forward_weights = Forward::scratch();
  static constexpr std::size_t backward_weights = Data::scratch();
  static constexpr std::size_t weight_gradients = most_parts * Weights::part_size;

  template <class T>
  static const T* prepare_forward(const T* w, T* scratch) {
    return Forward::prepare(w, scratch);
  }
  template <class T>
  static const T* prepare_backward(const T* w, T* scratch) {
    return Data::prepare(w, scratch);
  }
  /// z = convolution of x.
  template <class T>
  static void convolve(std::size_t count, const T* x, const T* prepared, T* z) {
    Forward::template rows<T>(0, count * Forward::height, x, prepared, {}, z);
  }
  /// y = or += scale * convolution of x + shift.
  template <class T>
  static void convolve_normalized(std::size_t count, const T* x, const T* prepared, const T* scale,
                                  const T* shift, bool add, T* y) {
    Forward::template rows<T>(0, count * Forward::height, x, prepared,
                              {.scale = scale, .shift = shift, .add = add}, y);
  }
  /// dx = or += gradient by x.
  template <class T>
  static void input_gradient(std::size_t count, const T* dz, const T* prepared, T* dx, bool add) {
    Data::template rows<T>(0, count * Data::height, dz, prepared, {.add = add}, dx);
  }
  /// Sets the weight gradient of a part to zero.
  template <class T>
  static void begin_weights(T* gradients, std::size_t part) {
    std::fill_n(gradients + part * Weights::part_size, Weights::part_size, T(0));
  }
  /// Adds what some of its samples give.
  template <class T>
  static void add_weights(std::size_t count, const T* x, const T* dz, T* gradients,
                          std::size_t part) {
    constexpr auto height = static_cast<std::size_t>(Weights::out.height);
    T* const no_bias = nullptr;
    Weights::template part<T>(0, count * height, x, dz, gradients + part * Weights::part_size,
                              no_bias);
  }
  /// Adds all parts, in order, to dw.
  template <class T>
  static void end_weights(const T* gradients, std::size_t parts, T* dw) {
    for_chunks(G.weights(), parts * 8, [&](std::size_t first, std::size_t last) {
      Weights::add_parts(first, last, parts, gradients, dw);
    });
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
