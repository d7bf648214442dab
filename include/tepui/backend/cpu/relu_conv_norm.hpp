#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/batch_norm.hpp"
#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/conv2d.hpp"
#include "tepui/backend/cpu/vector.hpp"
#include "tepui/core/parallel.hpp"

/// @file
/// ReLU, convolution and batch normalisation as one operation. What lies between the three is made
/// sample by sample in the cache and never written to memory; only the convolution's output is,
/// because its statistics need the whole batch before anything can be normalised.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// y = max(x, 0) for n elements, on the calling thread.
template <class T>
void rectify(std::size_t n, const T* x, T* y) {
  constexpr auto width = static_cast<std::size_t>(lanes<T>);
  const std::size_t whole = n / width * width;
  std::size_t i = 0;
  for (; i < whole; i += width) {
    Vector<T, lanes<T>> v;
    ReluFunction::value(v, load<lanes<T>>(x + i));
    store(y + i, v);
  }
  for (; i < n; ++i) ReluFunction::value(y[i], x[i]);
}

/// dx = dy where x > 0, else 0; or the same added to dx.
template <bool Add, class T>
void rectify_gradient(std::size_t n, const T* x, const T* dy, T* dx) {
  constexpr auto width = static_cast<std::size_t>(lanes<T>);
  const std::size_t whole = n / width * width;
  std::size_t i = 0;
  for (; i < whole; i += width) {
    Vector<T, lanes<T>> v;
    ReluFunction::gradient(v, load<lanes<T>>(x + i), load<lanes<T>>(dy + i));
    if constexpr (Add) v += load<lanes<T>>(dx + i);
    store(dx + i, v);
  }
  for (; i < n; ++i) {
    T v;
    ReluFunction::gradient(v, x[i], dy[i]);
    dx[i] = Add ? dx[i] + v : v;
  }
}

/// y += x for n elements, on the calling thread.
template <class T>
void accumulate(std::size_t n, const T* x, T* y) {
  constexpr auto width = static_cast<std::size_t>(lanes<T>);
  const std::size_t whole = n / width * width;
  std::size_t i = 0;
  for (; i < whole; i += width) store(y + i, load<lanes<T>>(y + i) + load<lanes<T>>(x + i));
  for (; i < n; ++i) y[i] += x[i];
}

/// @tparam G a convolution that is not depthwise
template <ConvGeometry G>
struct ReluConvNormKernels {
  using Forward = typename ConvKernels<G>::Forward;
  using Data = typename ConvKernels<G>::BackwardData;
  using Weights = typename ConvKernels<G>::BackwardWeights;
  using Norm = BatchNormKernels<G.out_channels>;
  static constexpr std::size_t inputs = G.in.size();
  static constexpr std::size_t outputs = G.out().size();
  static constexpr auto pixels = static_cast<std::size_t>(G.out().pixels());
  /// Samples are cut into at most this many parts, each of which has buffers of its own.
  static constexpr std::size_t most_parts = Weights::most_parts;

  static constexpr std::size_t scratch() {
    return std::max(
        {Forward::scratch() + Norm::scratch() + most_parts * inputs,
         G.weights() + Norm::channels + Forward::scratch() + most_parts * (inputs + outputs),
         Norm::scratch() + Data::scratch() + Weights::scratch() +
             most_parts * (2 * inputs + outputs)});
  }

  /// z = convolution of max(x, 0).
  /// @param mean null: statistics are not wanted; otherwise, with variance, those of z by channel
  template <class T>
  static void forward(int batch, const T* x, const T* w, T* z, T* mean, T* variance, T* scratch) {
    const auto samples = static_cast<std::size_t>(batch);
    const T* const prepared = Forward::prepare(w, scratch);
    T* const moments = scratch + Forward::scratch();
    T* const buffers = moments + Norm::scratch();
    const std::size_t grain = grain_of(samples, pixels * G.weights(), most_parts);
    constexpr std::size_t period_rows = Norm::template Layout<T>::rows;
    constexpr bool whole_periods = pixels % period_rows == 0;
    parallel_for_ranges(samples, grain, [&](std::size_t first, std::size_t last) {
      T* const rectified = buffers + first / grain * inputs;
      for (std::size_t s = first; s < last; ++s) {
        rectify(inputs, x + s * inputs, rectified);
        Forward::template rows<T>(0, Forward::height, rectified, prepared, nullptr,
                                  z + s * outputs);
      }
      if (whole_periods && mean != nullptr) {
        constexpr std::size_t periods = pixels / period_rows;
        Norm::part_moments(first * periods, last * periods, z,
                           moments + first / grain * Norm::template part_size<T>);
      }
    });
    if (mean == nullptr) return;
    if constexpr (whole_periods) {
      Norm::combine_moments(samples * pixels, grain * (pixels / period_rows), z, mean, variance,
                            moments);
    } else {
      Norm::statistics(samples * pixels, z, mean, variance, moments);
    }
  }

  /// y = or += the normalised convolution of max(x, 0), the normalisation folded into the weights:
  /// the same to rounding, and nothing is written but y.
  /// @source B. Jacob et al., Quantization and Training of Neural Networks, CVPR 2018, section 3.2
  template <class T>
  static void infer(int batch, const T* x, const T* w, const T* mean, const T* inv_std,
                    const T* gamma, const T* beta, T* y, bool add, T* scratch) {
    const auto samples = static_cast<std::size_t>(batch);
    T* const folded = scratch;
    T* const shift = folded + G.weights();
    T* const packed = shift + Norm::channels;
    T* const buffers = packed + Forward::scratch();
    T scale[Norm::channels];
    for (std::size_t c = 0; c < Norm::channels; ++c) {
      scale[c] = gamma != nullptr ? gamma[c] * inv_std[c] : inv_std[c];
      shift[c] = (beta != nullptr ? beta[c] : T(0)) - mean[c] * scale[c];
    }
    for (std::size_t i = 0; i < G.weights(); i += Norm::channels) {
      for (std::size_t c = 0; c < Norm::channels; ++c) folded[i + c] = w[i + c] * scale[c];
    }
    const T* const prepared = Forward::template prepare<T>(folded, packed);
    const std::size_t grain = grain_of(samples, pixels * G.weights(), most_parts);
    parallel_for_ranges(samples, grain, [&](std::size_t first, std::size_t last) {
      T* const rectified = buffers + first / grain * (inputs + outputs);
      T* const sum = rectified + inputs;
      for (std::size_t s = first; s < last; ++s) {
        T* const to = y + s * outputs;
        rectify(inputs, x + s * inputs, rectified);
        Forward::template rows<T>(0, Forward::height, rectified, prepared, shift, add ? sum : to);
        if (add) accumulate(outputs, sum, to);
      }
    });
  }

  /// From the gradient by the normalised output to that by x.
  /// @tparam Fixed mean and inv_std are constants
  /// @param dx  null: not wanted   @param add the gradient is added to dx
  /// Adds to dw, dgamma and dbeta; the last two may be null.
  template <bool Fixed, class T>
  static void backward(int batch, const T* x, const T* w, const T* z, const T* dy, const T* mean,
                       const T* inv_std, const T* gamma, T* dx, bool add, T* dw, T* dgamma,
                       T* dbeta, T* scratch) {
    const auto samples = static_cast<std::size_t>(batch);
    T sum_dy[Norm::channels]{};
    T sum_dot[Norm::channels]{};
    if (!Fixed || dgamma != nullptr || dbeta != nullptr) {
      Norm::gradient_sums(samples * pixels, z, dy, mean, inv_std, sum_dy, sum_dot, scratch);
    }
    const typename Norm::template InputGradient<Fixed, T> line(samples * pixels, mean, inv_std,
                                                               gamma, sum_dy, sum_dot);
    T* const packed = scratch + Norm::scratch();
    T* const sums = packed + Data::scratch();
    T* const buffers = sums + Weights::scratch();
    const T* const prepared = dx == nullptr ? nullptr : Data::prepare(w, packed);
    const std::size_t grain = grain_of(samples, 2 * pixels * G.weights(), most_parts);
    parallel_for_ranges(samples, grain, [&](std::size_t first, std::size_t last) {
      const std::size_t part = first / grain;
      T* const rectified = buffers + part * (2 * inputs + outputs);
      T* const gradient = rectified + inputs;
      T* const dz = gradient + inputs;
      T* const part_dw = sums + part * Weights::part_size;
      std::fill_n(part_dw, Weights::part_size, T(0));
      for (std::size_t s = first; s < last; ++s) {
        rectify(inputs, x + s * inputs, rectified);
        line.apply(pixels, z + s * outputs, dy + s * outputs, dz);
        Weights::template part<T>(0, static_cast<std::size_t>(Weights::out.height), rectified, dz,
                                  part_dw, nullptr);
        if (dx == nullptr) continue;
        Data::template rows<T>(0, Data::height, dz, prepared, nullptr, gradient);
        if (add) {
          rectify_gradient<true>(inputs, rectified, gradient, dx + s * inputs);
        } else {
          rectify_gradient<false>(inputs, rectified, gradient, dx + s * inputs);
        }
      }
    });
    Weights::add_parts(0, G.weights(), (samples + grain - 1) / grain, sums, dw);
    Norm::add_sums(sum_dy, sum_dot, dgamma, dbeta);
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
