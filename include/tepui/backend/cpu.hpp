#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/batch_norm.hpp"
#include "tepui/backend/cpu/buffer.hpp"
#include "tepui/backend/cpu/channels.hpp"
#include "tepui/backend/cpu/chunks.hpp"
#include "tepui/backend/cpu/conv2d.hpp"
#include "tepui/backend/cpu/conv_norm.hpp"
#include "tepui/backend/cpu/elementwise.hpp"
#include "tepui/backend/cpu/linear.hpp"
#include "tepui/backend/cpu/loss.hpp"
#include "tepui/backend/cpu/pool.hpp"
#include "tepui/backend/cpu/samples.hpp"
#include "tepui/backend/cpu/vector.hpp"
#include "tepui/backend/running_statistics.hpp"
#include "tepui/core/extent.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {

/// @brief Computes on the processor, in the vector instructions the program is compiled for.
///
/// T is float or double. Images are (N, H, W, C) contiguous; convolution weights are
/// (kh, kw, in/groups, out), linear weights (in, out). Pointers need no alignment; inputs and
/// outputs of one call do not overlap unless said otherwise. `scratch` has the extent that the
/// matching `_scratch` function tells, in elements of T, and may be null where that is zero.
/// "Adds" means that the result is added to what the output holds; everything else overwrites.
///
/// @determinism Work is cut by sizes only and partial sums are combined in a fixed order: same
/// bits for every number of threads.
struct Cpu {
  static constexpr std::string_view name = "cpu";
  /// "avx512", "avx2" or "generic"; results have the same bits only where this is the same.
  static constexpr std::string_view instructions = TEPUI_CPU_ISA_NAME;

  /// Owning array, 64-byte aligned.
  template <class T>
  using Buffer = AlignedBuffer<T>;
  template <class T>
  [[nodiscard]] static Buffer<T> zeros(std::size_t count) {
    return Buffer<T>(count);
  }
  /// Whose elements mean nothing until they are written.
  template <class T>
  [[nodiscard]] static Buffer<T> uninitialized(std::size_t count) {
    return Buffer<T>::uninitialized(count);
  }

  // Convolution. x (N, in), y (N, out), w (kh, kw, in/groups, out), bias (out).

  template <ConvGeometry G>
  static constexpr Extent conv2d_scratch() {
    return {0, detail::ConvKernels<G>::scratch()};
  }
  /// @param bias null: none
  template <ConvGeometry G, class T>
  static void conv2d_forward(int batch, const T* x, const T* w, const T* bias, T* y, T* scratch) {
    detail::ConvKernels<G>::Forward::run(batch, x, w, bias, y, scratch);
  }
  template <ConvGeometry G, class T>
  static void conv2d_backward_data(int batch, const T* dy, const T* w, T* dx, T* scratch) {
    const T* const no_bias = nullptr;
    detail::ConvKernels<G>::BackwardData::run(batch, dy, w, no_bias, dx, scratch);
  }
  /// Adds to dw and dbias (null: not wanted).
  template <ConvGeometry G, class T>
  static void conv2d_backward_weights(int batch, const T* x, const T* dy, T* dw, T* dbias,
                                      T* scratch) {
    detail::ConvKernels<G>::BackwardWeights::run(batch, x, dy, dw, dbias, scratch);
  }

  // Linear map y = x w + bias. x (N, In), w (In, Out), y (N, Out).

  template <int In, int Out>
  static constexpr Extent linear_scratch() {
    return {0, detail::LinearKernels<In, Out>::scratch()};
  }
  /// @param bias (Out), null: none
  template <int In, int Out, class T>
  static void linear_forward(int batch, const T* x, const T* w, const T* bias, T* y, T* scratch) {
    detail::LinearKernels<In, Out>::forward(batch, x, w, bias, y, scratch);
  }
  template <int In, int Out, class T>
  static void linear_backward_data(int batch, const T* dy, const T* w, T* dx, T* scratch) {
    detail::LinearKernels<In, Out>::backward_data(batch, dy, w, dx, scratch);
  }
  /// Adds to dw and dbias (null: not wanted).
  template <int In, int Out, class T>
  static void linear_backward_weights(int batch, const T* x, const T* dy, T* dw, T* dbias,
                                      T* scratch) {
    detail::LinearKernels<In, Out>::backward_weights(batch, x, dy, dw, dbias, scratch);
  }

  // Batch normalisation of (rows, C), rows = N * H * W >= 1.

  template <int C>
  static constexpr Extent batch_norm_scratch() {
    return {0, detail::BatchNormKernels<C>::scratch()};
  }
  /// Means and 1 / sqrt(variance + epsilon) of the batch; moves the running ones where there are
  /// some. The variance is divided by rows, not rows - 1.
  template <int C, class T>
  static void batch_norm_moments(std::size_t rows, const T* x, double epsilon, T* mean, T* inv_std,
                                 const RunningStatistics<T>& running, T* scratch) {
    detail::BatchNormKernels<C>::statistics(rows, x, mean, inv_std, scratch);
    detail::BatchNormKernels<C>::finish_moments(epsilon, running, mean, inv_std);
  }
  /// The same from running statistics.
  template <int C, class T>
  static void batch_norm_running(const T* running_mean, const T* running_variance, double epsilon,
                                 T* mean, T* inv_std) {
    std::copy_n(running_mean, C, mean);
    std::copy_n(running_variance, C, inv_std);
    detail::BatchNormKernels<C>::finish_moments(epsilon, RunningStatistics<T>{}, mean, inv_std);
  }
  /// y = (x - mean) * inv_std * gamma + beta; gamma null: 1, beta null: 0; y may be x.
  template <int C, class T>
  static void batch_norm_apply(std::size_t rows, const T* x, const T* mean, const T* inv_std,
                               const T* gamma, const T* beta, T* y) {
    detail::BatchNormKernels<C>::apply(rows, x, mean, inv_std, gamma, beta, y);
  }
  /// Gradient where mean and inv_std are those of x itself. Adds to dgamma and dbeta; each of dx,
  /// dgamma, dbeta may be null; dx may be dy.
  template <int C, class T>
  static void batch_norm_backward(std::size_t rows, const T* x, const T* dy, const T* mean,
                                  const T* inv_std, const T* gamma, T* dx, T* dgamma, T* dbeta,
                                  T* scratch) {
    detail::BatchNormKernels<C>::backward(rows, x, dy, mean, inv_std, gamma, false, dx, dgamma,
                                          dbeta, scratch);
  }
  /// Gradient where mean and inv_std are constants (inference mode); otherwise as above.
  template <int C, class T>
  static void batch_norm_backward_fixed(std::size_t rows, const T* x, const T* dy, const T* mean,
                                        const T* inv_std, const T* gamma, T* dx, T* dgamma,
                                        T* dbeta, T* scratch) {
    detail::BatchNormKernels<C>::backward(rows, x, dy, mean, inv_std, gamma, true, dx, dgamma,
                                          dbeta, scratch);
  }

  // Pooling.

  /// Padding counts as minus infinity; NaN wins.
  template <PoolGeometry G, class T>
  static void max_pool_forward(int batch, const T* x, T* y) {
    detail::PoolKernels<G>::max_forward(batch, x, y);
  }
  /// The first maximum of a window in row-major order takes the gradient.
  template <PoolGeometry G, class T>
  static void max_pool_backward(int batch, const T* x, const T* dy, T* dx) {
    detail::PoolKernels<G>::max_backward(batch, x, dy, dx);
  }
  /// Divides by kernel^2 (G.count_padding) or by the number of real pixels in the window.
  /// @param add the result is added to y
  template <PoolGeometry G, class T>
  static void avg_pool_forward(int batch, const T* x, T* y, bool add = false) {
    detail::PoolKernels<G>::average_forward(batch, x, y, add);
  }
  template <PoolGeometry G, class T>
  static void avg_pool_backward(int batch, const T* dy, T* dx, bool add = false) {
    detail::PoolKernels<G>::average_backward(batch, dy, dx, add);
  }
  /// x (N, S), y (N, C)
  template <Shape S, class T>
  static void global_avg_pool_forward(int batch, const T* x, T* y) {
    detail::GlobalPoolKernels<S>::forward(batch, x, y);
  }
  template <Shape S, class T>
  static void global_avg_pool_backward(int batch, const T* dy, T* dx) {
    detail::GlobalPoolKernels<S>::backward(batch, dy, dx);
  }

  // Elementwise; n elements; the output may be one of the inputs.

  template <class T>
  static void relu_forward(std::size_t n, const T* x, T* y) {
    const auto f = [](auto& r, const auto& v) { detail::ReluFunction::value(r, v); };
    detail::map_elements(n, y, f, x);
  }
  template <class T>
  static void relu_backward(std::size_t n, const T* x, const T* dy, T* dx) {
    const auto f = [](auto& r, const auto& v, const auto& d) {
      detail::ReluFunction::gradient(r, v, d);
    };
    detail::map_elements(n, dx, f, x, dy);
  }
  template <class T>
  static void hard_swish_forward(std::size_t n, const T* x, T* y) {
    const auto f = [](auto& r, const auto& v) { detail::HardSwishFunction::value(r, v); };
    detail::map_elements(n, y, f, x);
  }
  template <class T>
  static void hard_swish_backward(std::size_t n, const T* x, const T* dy, T* dx) {
    const auto f = [](auto& r, const auto& v, const auto& d) {
      detail::HardSwishFunction::gradient(r, v, d);
    };
    detail::map_elements(n, dx, f, x, dy);
  }
  template <class T>
  static void hard_sigmoid_forward(std::size_t n, const T* x, T* y) {
    const auto f = [](auto& r, const auto& v) { detail::HardSigmoidFunction::value(r, v); };
    detail::map_elements(n, y, f, x);
  }
  template <class T>
  static void hard_sigmoid_backward(std::size_t n, const T* x, const T* dy, T* dx) {
    const auto f = [](auto& r, const auto& v, const auto& d) {
      detail::HardSigmoidFunction::gradient(r, v, d);
    };
    detail::map_elements(n, dx, f, x, dy);
  }
  template <class T>
  static void copy(std::size_t n, const T* x, T* y) {
    detail::for_chunks(n, detail::element_work, [&](std::size_t begin, std::size_t end) {
      std::copy(x + begin, x + end, y + begin);
    });
  }
  /// Copies `rows` rows of `width` elements, which begin `x_stride` and `y_stride` elements apart.
  template <class T>
  static void copy_rows(std::size_t rows, std::size_t width, const T* x, std::size_t x_stride, T* y,
                        std::size_t y_stride) {
    detail::for_chunks(rows, detail::element_work * width, [&](std::size_t begin, std::size_t end) {
      for (std::size_t r = begin; r < end; ++r) {
        std::copy_n(x + r * x_stride, width, y + r * y_stride);
      }
    });
  }
  template <class T>
  static void fill(std::size_t n, std::type_identity_t<T> value, T* y) {
    detail::for_chunks(n, detail::element_work, [&](std::size_t begin, std::size_t end) {
      std::fill(y + begin, y + end, value);
    });
  }
  /// y += x
  template <class T>
  static void add(std::size_t n, const T* x, T* y) {
    const auto f = [](auto& r, const auto& a, const auto& b) { r = a + b; };
    detail::map_elements(n, y, f, x, static_cast<const T*>(y));
  }
  /// y = a * b
  template <class T>
  static void multiply(std::size_t n, const T* a, const T* b, T* y) {
    const auto f = [](auto& r, const auto& u, const auto& v) { r = u * v; };
    detail::map_elements(n, y, f, a, b);
  }

  /// Calls f(i) for i = 0..n-1, each once, in any order and on several threads.
  /// @param work multiply-adds that a call costs, to cut the range by
  template <class F>
  static void for_each(std::size_t n, const F& f, std::size_t work = detail::element_work) {
    detail::for_chunks(n, work, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) f(i);
    });
  }

  // Squeeze-and-excitation gates: x, y (N, S), gate (N, C).

  template <Shape S, class T>
  static void scale_channels_forward(int batch, const T* x, const T* gate, T* y) {
    detail::ScaleChannelsKernels<S>::forward(batch, x, gate, y);
  }
  template <Shape S, class T>
  static void scale_channels_backward(int batch, const T* x, const T* gate, const T* dy, T* dx,
                                      T* dgate) {
    detail::ScaleChannelsKernels<S>::backward(batch, x, gate, dy, dx, dgate);
  }

  /// @brief Work on a few samples on the calling thread, for operations that go through a batch
  /// together so that what passes between them stays in the cache.
  struct Samples {
    /// Most parts that for_parts makes.
    static constexpr std::size_t most_parts = detail::most_sample_parts;
    /// @return samples of `elements` each that are best taken at a time: as many as stay in the
    /// second-level cache with a few buffers of their size
    static constexpr std::size_t at_once(std::size_t elements) {
      return std::clamp<std::size_t>(16384 / std::max<std::size_t>(elements, 1), 1, 16);
    }
    /// Calls `body(part, room, first, last)` for the samples first..last-1 of each part of a batch,
    /// possibly in parallel; `room` is below `most` and no other running part's.
    /// @param work multiply-adds of a sample
    /// @param most parts, 1 to most_parts
    /// @return samples of each part but the last (`grain`), and parts (`count`)
    template <class Body>
    static auto for_parts(std::size_t samples, std::size_t work, std::size_t most, Body&& body) {
      return detail::for_parts(samples, work, most, body);
    }
    /// A convolution with the batch normalisation behind it.
    template <ConvGeometry G>
    using ConvNorm = detail::ConvNormKernels<G>;

    template <Activation A, class T>
    static void activate(std::size_t n, const T* x, T* y) {
      detail::activate<A>(n, x, y);
    }
    /// dx = or += A'(x) dy
    template <Activation A, class T>
    static void activate_gradient(std::size_t n, const T* x, const T* dy, T* dx, bool add) {
      detail::activate_gradient<A>(n, x, dy, dx, add);
    }
    /// y = or += x
    template <class T>
    static void copy(std::size_t n, const T* x, T* y, bool add) {
      detail::move_in(n, x, y, add);
    }
    template <class T>
    static void clear(std::size_t n, T* y) {
      std::fill_n(y, n, T(0));
    }
    /// y = or += the averages
    template <PoolGeometry G, class T>
    static void avg_pool(std::size_t count, const T* x, T* y, bool add) {
      detail::PoolKernels<G>::average(count, x, y, add);
    }
    template <PoolGeometry G, class T>
    static void avg_pool_gradient(std::size_t count, const T* dy, T* dx, bool add) {
      detail::PoolKernels<G>::average_gradient(count, dy, dx, add);
    }
  };

  /// mask = 0 with probability `drop` in [0, 1), else 1 / (1 - drop).
  /// @param group consecutive elements that share one draw, >= 1; draw i is word i of the stream
  template <class T>
  static void dropout_mask(std::size_t n, std::size_t group, double drop, random::Key key,
                           T* mask) {
    detail::fill_dropout_mask(n, group, drop, key, mask);
  }

  /// Cross entropy of softmax(logits) against (1 - smoothing) on the label + smoothing / Classes
  /// on every class.
  /// @param logits   (N, Classes)
  /// @param labels   (N), below Classes
  /// @param dlogits  gradient of the MEAN loss over the batch; null: not wanted
  /// @param loss_sum sum over samples in order, overwritten
  /// @param correct  samples whose first maximum is the label, overwritten; a row with a NaN never
  ///                 is
  /// @source C. Szegedy et al., Rethinking the Inception Architecture, CVPR 2016, section 7.
  template <int Classes, class T>
  static void softmax_cross_entropy(int batch, const T* logits, const std::uint16_t* labels,
                                    double smoothing, T* dlogits, double* loss_sum, int* correct) {
    detail::softmax_cross_entropy<Classes>(batch, logits, labels, smoothing, dlogits, loss_sum,
                                           correct);
  }
};

}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
