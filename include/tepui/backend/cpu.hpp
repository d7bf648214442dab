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
#include "tepui/backend/cpu/elementwise.hpp"
#include "tepui/backend/cpu/linear.hpp"
#include "tepui/backend/cpu/loss.hpp"
#include "tepui/backend/cpu/pool.hpp"
#include "tepui/backend/cpu/relu_conv_norm.hpp"
#include "tepui/backend/cpu/vector.hpp"
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

  /// Zero-filled owning array, 64-byte aligned.
  template <class T>
  using Buffer = AlignedBuffer<T>;

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
  /// @param variance divided by rows, not rows - 1
  template <int C, class T>
  static void batch_norm_statistics(std::size_t rows, const T* x, T* mean, T* variance,
                                    T* scratch) {
    detail::BatchNormKernels<C>::statistics(rows, x, mean, variance, scratch);
  }
  /// y = (x - mean) * inv_std * gamma + beta; gamma null: 1, beta null: 0; y may be x.
  /// @param add the result is added to y
  template <int C, class T>
  static void batch_norm_apply(std::size_t rows, const T* x, const T* mean, const T* inv_std,
                               const T* gamma, const T* beta, T* y, bool add = false) {
    detail::BatchNormKernels<C>::apply(rows, x, mean, inv_std, gamma, beta, y, add);
  }
  /// Gradient where mean and inv_std are those of x itself. Adds to dgamma and dbeta; each of dx,
  /// dgamma, dbeta may be null; dx may be dy.
  template <int C, class T>
  static void batch_norm_backward(std::size_t rows, const T* x, const T* dy, const T* mean,
                                  const T* inv_std, const T* gamma, T* dx, T* dgamma, T* dbeta,
                                  T* scratch) {
    detail::BatchNormKernels<C>::template backward<false>(rows, x, dy, mean, inv_std, gamma, dx,
                                                          dgamma, dbeta, scratch);
  }
  /// Gradient where mean and inv_std are constants (inference mode); otherwise as above.
  template <int C, class T>
  static void batch_norm_backward_fixed(std::size_t rows, const T* x, const T* dy, const T* mean,
                                        const T* inv_std, const T* gamma, T* dx, T* dgamma,
                                        T* dbeta, T* scratch) {
    detail::BatchNormKernels<C>::template backward<true>(rows, x, dy, mean, inv_std, gamma, dx,
                                                         dgamma, dbeta, scratch);
  }

  // ReLU, convolution without bias (not depthwise) and batch normalisation in one. x, dx (N, in);
  // z (N, out) is the convolution's output, dy (N, out) the gradient by the normalised z.

  template <ConvGeometry G>
  static constexpr Extent relu_conv2d_norm_scratch() {
    return {0, detail::ReluConvNormKernels<G>::scratch()};
  }
  /// z = convolution of max(x, 0).
  /// @param mean, variance statistics of z by channel as batch_norm_statistics; null: not wanted
  template <ConvGeometry G, class T>
  static void relu_conv2d_forward(int batch, const T* x, const T* w, T* z, T* mean, T* variance,
                                  T* scratch) {
    detail::ReluConvNormKernels<G>::forward(batch, x, w, z, mean, variance, scratch);
  }
  /// y = or += (z - mean) * inv_std * gamma + beta without z, which is nowhere kept.
  /// @param gamma, beta null: 1 and 0   @param add the result is added to y
  template <ConvGeometry G, class T>
  static void relu_conv2d_norm_infer(int batch, const T* x, const T* w, const T* mean,
                                     const T* inv_std, const T* gamma, const T* beta, T* y,
                                     bool add, T* scratch) {
    detail::ReluConvNormKernels<G>::infer(batch, x, w, mean, inv_std, gamma, beta, y, add, scratch);
  }
  /// All gradients; adds to dw, dgamma and dbeta, of which the last two may be null, as may dx.
  /// @param fixed mean and inv_std are constants (inference mode)
  /// @param add   the gradient by x is added to dx
  template <ConvGeometry G, class T>
  static void relu_conv2d_norm_backward(int batch, const T* x, const T* w, const T* z, const T* dy,
                                        const T* mean, const T* inv_std, const T* gamma, bool fixed,
                                        T* dx, bool add, T* dw, T* dgamma, T* dbeta, T* scratch) {
    using Kernels = detail::ReluConvNormKernels<G>;
    fixed ? Kernels::template backward<true>(batch, x, w, z, dy, mean, inv_std, gamma, dx, add, dw,
                                             dgamma, dbeta, scratch)
          : Kernels::template backward<false>(batch, x, w, z, dy, mean, inv_std, gamma, dx, add, dw,
                                              dgamma, dbeta, scratch);
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
