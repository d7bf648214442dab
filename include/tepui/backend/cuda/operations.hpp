#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "tepui/backend/activation.hpp"
#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cuda/batch_norm.hpp"
#include "tepui/backend/cuda/conv_gemm.hpp"
#include "tepui/backend/cuda/depthwise.hpp"
#include "tepui/backend/cuda/elementwise.hpp"
#include "tepui/backend/cuda/gates.hpp"
#include "tepui/backend/cuda/loss.hpp"
#include "tepui/backend/cuda/neighbours.hpp"
#include "tepui/backend/cuda/pool.hpp"
#include "tepui/backend/running_statistics.hpp"
#include "tepui/core/extent.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"

namespace tepui::backend::cuda {

/// @brief What networks ask of a backend, as launches of kernels: the same names and meanings as
/// backend::Cpu's, and forms for whole batches that save trips to memory.
///
/// Work is cut by sizes alone and nothing is added up in an order that could change: the same bits
/// in every run.
/// @tparam Device where kernels run: `launch(kernel, grid)`
/// @tparam math   how convolutions and linear maps of float compute
template <class Device, Math math = Math::exact>
class Operations {
 public:
  Operations() = default;
  explicit Operations(Device device) : device_(std::move(device)) {}

  [[nodiscard]] const Device& device() const { return device_; }

  // Convolution. x (N, in), y (N, out), w (kh, kw, in/groups, out), bias (out).

  template <ConvGeometry G>
  static constexpr Extent conv2d_scratch() {
    if constexpr (G.depthwise()) {
      return Extent{0, depthwise_chunks * G.weights()} + channel_sums_scratch(G.out_channels);
    } else {
      return Extent{0, static_cast<std::size_t>(most_slices(G)) * G.weights()} +
             channel_sums_scratch(G.out_channels);
    }
  }
  /// @param bias null: none
  /// @param of_x done to x as it is read
  template <ConvGeometry G, class T>
  void conv2d_forward(int batch, const T* x, const T* w, const T* bias, T* y, T* /*scratch*/,
                      Activation of_x = Activation::none) const {
    if constexpr (G.depthwise()) {
      launch_pixels(DepthwiseConv<ConvPass::forward, T>{.shape = ConvShape::of(G, batch),
                                                        .from = x,
                                                        .w = w,
                                                        .to = y,
                                                        .activation = of_x,
                                                        .epilogue = {.shift = bias}});
    } else {
      gemm<G, ConvPass::forward>(batch, 1, x, w, y, {.shift = bias}, of_x);
    }
  }
  /// y = or += scale * convolution + shift, channel by channel.
  template <ConvGeometry G, class T>
  void conv2d_normalized(int batch, const T* x, const T* w, const T* scale, const T* shift, T* y,
                         bool add, Activation of_x) const {
    const ConvEpilogue<T> epilogue{.scale = scale, .shift = shift, .add = add};
    if constexpr (G.depthwise()) {
      launch_pixels(DepthwiseConv<ConvPass::forward, T>{.shape = ConvShape::of(G, batch),
                                                        .from = x,
                                                        .w = w,
                                                        .to = y,
                                                        .activation = of_x,
                                                        .epilogue = epilogue});
    } else {
      gemm<G, ConvPass::forward>(batch, 1, x, w, y, epilogue, of_x);
    }
  }
  /// @param x    if given, the gradient goes on through the activation of it
  template <ConvGeometry G, class T>
  void conv2d_backward_data(int batch, const T* dy, const T* w, T* dx, T* /*scratch*/,
                            const T* x = nullptr, Activation of_x = Activation::none,
                            bool add = false) const {
    const ConvEpilogue<T> epilogue{
        .gate = of_x == Activation::none ? nullptr : x, .activation = of_x, .add = add};
    if constexpr (G.depthwise()) {
      launch_pixels(DepthwiseConv<ConvPass::data, T>{
          .shape = ConvShape::of(G, batch), .from = dy, .w = w, .to = dx, .epilogue = epilogue});
    } else {
      gemm<G, ConvPass::data>(batch, 1, dy, w, dx, epilogue, Activation::none);
    }
  }
  /// Adds to dw and dbias (null: not wanted).
  template <ConvGeometry G, class T>
  void conv2d_backward_weights(int batch, const T* x, const T* dy, T* dw, T* dbias, T* scratch,
                               Activation of_x = Activation::none) const {
    const ConvShape shape = ConvShape::of(G, batch);
    const auto rows = static_cast<std::size_t>(shape.out_pixels());
    if constexpr (G.depthwise()) {
      const DepthwiseWeights<T> kernel{
          .shape = shape,
          .grid = ChannelGrid::of(rows, G.out_channels, depthwise_chunks),
          .x = x,
          .dy = dy,
          .activation = of_x,
          .parts = scratch};
      device_.launch(kernel, kernel.launch_grid());
      sum_slices(G.weights(), kernel.grid.chunks(), scratch, dw);
    } else {
      const int slices = slices_of(G, batch);
      if (slices == 1) {
        gemm<G, ConvPass::weights>(batch, 1, x, dy, dw, {.add = true}, of_x);
      } else {
        gemm<G, ConvPass::weights>(batch, slices, x, dy, scratch, {}, of_x);
        sum_slices(G.weights(), slices, scratch, dw);
      }
    }
    if (dbias != nullptr) add_channel_sums<G.out_channels>(rows, dy, dbias, scratch);
  }

  // Linear map y = x w + bias. x (N, In), w (In, Out), y (N, Out).

  template <int In, int Out>
  static constexpr Extent linear_scratch() {
    return conv2d_scratch<as_convolution<In, Out>>();
  }
  template <int In, int Out, class T>
  void linear_forward(int batch, const T* x, const T* w, const T* bias, T* y, T* scratch) const {
    conv2d_forward<as_convolution<In, Out>>(batch, x, w, bias, y, scratch);
  }
  template <int In, int Out, class T>
  void linear_backward_data(int batch, const T* dy, const T* w, T* dx, T* scratch) const {
    conv2d_backward_data<as_convolution<In, Out>>(batch, dy, w, dx, scratch);
  }
  template <int In, int Out, class T>
  void linear_backward_weights(int batch, const T* x, const T* dy, T* dw, T* dbias,
                               T* scratch) const {
    conv2d_backward_weights<as_convolution<In, Out>>(batch, x, dy, dw, dbias, scratch);
  }

  // Batch normalisation of (rows, C), rows = N * H * W >= 1.

  template <int C>
  static constexpr Extent batch_norm_scratch() {
    return channel_sums_scratch(C);
  }
  /// Means and 1 / sqrt(variance + epsilon) of the batch; moves the running ones where given.
  template <int C, class T>
  void batch_norm_moments(std::size_t rows, const T* x, double epsilon, T* mean, T* inv_std,
                          RunningStatistics<T> running, T* scratch) const {
    const ChannelGrid grid = ChannelGrid::of(rows, C);
    device_.launch(ChunkMoments<T>{.grid = grid, .x = x, .parts = scratch}, grid.blocks());
    const FinishMoments<T> finish{.grid = grid,
                                  .parts = scratch,
                                  .mean = mean,
                                  .inv_std = inv_std,
                                  .epsilon = static_cast<T>(epsilon),
                                  .running = running};
    device_.launch(finish, finish.launch_grid());
  }
  /// The same from the running statistics.
  template <int C, class T>
  void batch_norm_running(const T* running_mean, const T* running_variance, double epsilon, T* mean,
                          T* inv_std) const {
    const TakeRunning<T> kernel{.channels = C,
                                .running_mean = running_mean,
                                .running_variance = running_variance,
                                .mean = mean,
                                .inv_std = inv_std,
                                .epsilon = static_cast<T>(epsilon)};
    device_.launch(kernel, kernel.launch_grid());
  }
  /// The same as a factor and a term of each channel, with gamma and beta in them.
  template <int C, class T>
  void batch_norm_line(const T* running_mean, const T* running_variance, double epsilon,
                       const T* gamma, const T* beta, T* scale, T* shift) const {
    const RunningLine<T> kernel{.channels = C,
                                .running_mean = running_mean,
                                .running_variance = running_variance,
                                .gamma = gamma,
                                .beta = beta,
                                .scale = scale,
                                .shift = shift,
                                .epsilon = static_cast<T>(epsilon)};
    device_.launch(kernel, kernel.launch_grid());
  }
  template <int C, class T>
  void batch_norm_apply(std::size_t rows, const T* x, const T* mean, const T* inv_std,
                        const T* gamma, const T* beta, T* y, bool add = false) const {
    const ChannelGrid grid = ChannelGrid::of_elements(rows, C);
    device_.launch(Normalize<T>{.grid = grid,
                                .x = x,
                                .mean = mean,
                                .inv_std = inv_std,
                                .gamma = gamma,
                                .beta = beta,
                                .y = y,
                                .add = add},
                   grid.blocks());
  }
  template <int C, class T>
  void batch_norm_backward(std::size_t rows, const T* x, const T* dy, const T* mean,
                           const T* inv_std, const T* gamma, T* dx, T* dgamma, T* dbeta,
                           T* scratch) const {
    norm_backward<C>(rows, x, dy, mean, inv_std, gamma, false, dx, dgamma, dbeta, scratch);
  }
  /// Gradient where mean and inv_std are constants.
  template <int C, class T>
  void batch_norm_backward_fixed(std::size_t rows, const T* x, const T* dy, const T* mean,
                                 const T* inv_std, const T* gamma, T* dx, T* dgamma, T* dbeta,
                                 T* scratch) const {
    norm_backward<C>(rows, x, dy, mean, inv_std, gamma, true, dx, dgamma, dbeta, scratch);
  }

  // Pooling.

  template <PoolGeometry G, class T>
  void max_pool_forward(int batch, const T* x, T* y) const {
    pool<G, Pooling::max, T>(batch, x, nullptr, y, false);
  }
  template <PoolGeometry G, class T>
  void max_pool_backward(int batch, const T* x, const T* dy, T* dx) const {
    pool<G, Pooling::max_gradient, T>(batch, x, dy, dx, false);
  }
  template <PoolGeometry G, class T>
  void avg_pool_forward(int batch, const T* x, T* y, bool add = false) const {
    pool<G, Pooling::average, T>(batch, x, nullptr, y, add);
  }
  template <PoolGeometry G, class T>
  void avg_pool_backward(int batch, const T* dy, T* dx, bool add = false) const {
    pool<G, Pooling::average_gradient, T>(batch, nullptr, dy, dx, add);
  }
  template <Shape S, class T>
  void global_avg_pool_forward(int batch, const T* x, T* y) const {
    device_.launch(GlobalPool<T>{.grid = pixel_sums<S>, .x = x, .y = y},
                   pixel_sums<S>.blocks_of_samples(batch));
  }
  template <Shape S, class T>
  void global_avg_pool_backward(int batch, const T* dy, T* dx) const {
    device_.launch(GlobalPoolGradient<T>{.grid = pixels_of<S>, .dy = dy, .dx = dx},
                   pixels_of<S>.blocks_of_samples(batch));
  }

  // Elementwise; n elements; the output may be one of the inputs.

  template <class T>
  void relu_forward(std::size_t n, const T* x, T* y) const {
    map<Function::relu>(n, x, x, y);
  }
  template <class T>
  void relu_backward(std::size_t n, const T* x, const T* dy, T* dx) const {
    map<Function::relu_gradient>(n, x, dy, dx);
  }
  template <class T>
  void hard_swish_forward(std::size_t n, const T* x, T* y) const {
    map<Function::hard_swish>(n, x, x, y);
  }
  template <class T>
  void hard_swish_backward(std::size_t n, const T* x, const T* dy, T* dx) const {
    map<Function::hard_swish_gradient>(n, x, dy, dx);
  }
  template <class T>
  void hard_sigmoid_forward(std::size_t n, const T* x, T* y) const {
    map<Function::hard_sigmoid>(n, x, x, y);
  }
  template <class T>
  void hard_sigmoid_backward(std::size_t n, const T* x, const T* dy, T* dx) const {
    map<Function::hard_sigmoid_gradient>(n, x, dy, dx);
  }
  template <class T>
  void copy(std::size_t n, const T* x, T* y) const {
    map<Function::copy>(n, x, x, y);
  }
  template <class T>
  void copy_rows(std::size_t rows, std::size_t width, const T* x, std::size_t x_stride, T* y,
                 std::size_t y_stride) const {
    const ChannelGrid grid = ChannelGrid::of_elements(rows, static_cast<int>(width));
    device_.launch(
        CopyRows<T>{.grid = grid, .x = x, .x_stride = x_stride, .y = y, .y_stride = y_stride},
        grid.blocks());
  }
  template <class T>
  void fill(std::size_t n, std::type_identity_t<T> value, T* y) const {
    launch_map(MapElements<Function::constant, T>{.n = n, .y = y, .factor = value});
  }
  /// y += x
  template <class T>
  void add(std::size_t n, const T* x, T* y) const {
    map<Function::sum>(n, x, static_cast<const T*>(y), y);
  }
  /// y += factor * x
  template <class T>
  void add_scaled(std::size_t n, std::type_identity_t<T> factor, const T* x, T* y) const {
    launch_map(
        MapElements<Function::scaled, T>{.n = n, .a = x, .y = y, .factor = factor, .add = true});
  }
  /// y = a * b
  template <class T>
  void multiply(std::size_t n, const T* a, const T* b, T* y) const {
    map<Function::product>(n, a, b, y);
  }

  /// Calls f(i) for i = 0..n-1, each once, in any order and many at once.
  /// @param f a plain struct whose call is a TEPUI_HOST_DEVICE function; on a GPU,
  ///          EachIndex<F> must be among the kernels that nvcc compiled (TEPUI_KERNEL)
  template <class F>
  void for_each(std::size_t n, const F& f, std::size_t /*work*/ = 0) const {
    launch_over(EachIndex<F>{.n = n, .f = f}, n);
  }

  // Squeeze-and-excitation gates: x, y (N, S), gate (N, C).

  template <Shape S, class T>
  void scale_channels_forward(int batch, const T* x, const T* gate, T* y) const {
    device_.launch(ScaleChannels<T>{.grid = pixels_of<S>, .x = x, .gate = gate, .y = y},
                   pixels_of<S>.blocks_of_samples(batch));
  }
  template <Shape S, class T>
  void scale_channels_backward(int batch, const T* x, const T* gate, const T* dy, T* dx,
                               T* dgate) const {
    device_.launch(GateGradient<T>{.grid = pixel_sums<S>, .x = x, .dy = dy, .dgate = dgate},
                   pixel_sums<S>.blocks_of_samples(batch));
    if (dx != nullptr) scale_channels_forward<S>(batch, dy, gate, dx);
  }

  template <class T>
  void dropout_mask(std::size_t n, std::size_t group, double drop, random::Key key, T* mask) const {
    launch_over(DropoutMask<T>{.n = n, .group = group, .drop = drop, .key = key, .mask = mask}, n);
  }

  /// As on the processor, but only put into the queue.
  /// @param labels on the device
  /// @param sum    on the device, overwritten
  template <int Classes, class T>
  void softmax_cross_entropy_to(LossSum* sum, int batch, const T* logits,
                                const std::uint16_t* labels, double smoothing, T* dlogits) const {
    device_.launch(SoftmaxCrossEntropy<T>{.batch = batch,
                                          .classes = Classes,
                                          .logits = logits,
                                          .labels = labels,
                                          .smoothing = smoothing,
                                          .dlogits = dlogits,
                                          .sum = sum},
                   Grid{});
  }

 private:
  template <int In, int Out>
  static constexpr ConvGeometry as_convolution{.in = {In, 1, 1}, .out_channels = Out};
  /// Of a sample: for what is done to every element, and for sums over the pixels.
  template <Shape S>
  static constexpr ChannelGrid pixels_of =
      ChannelGrid::of_elements(static_cast<std::size_t>(S.pixels()), S.channels);
  template <Shape S>
  static constexpr ChannelGrid pixel_sums = ChannelGrid::of(static_cast<std::size_t>(S.pixels()),
                                                            S.channels, 1);

  /// Parts of sums over rows, two of each channel, and the line of a gradient.
  static constexpr Extent channel_sums_scratch(int channels) {
    return {0, static_cast<std::size_t>(channels) * (2 * ChannelGrid::most_chunks + 3)};
  }

  // How a product of few rows and columns but great depth is cut, so that it fills the chip.

  static constexpr int wanted_blocks = 396;  // three for each multiprocessor of the largest chips
  static constexpr int few_blocks = 256;     // fewer leave multiprocessors idle or waiting
  static constexpr int gemm_rows = 128;
  static constexpr int gemm_depth = 16;
  /// (tiles of double have room for 32 columns)
  template <class T>
  static constexpr int columns_of(int n) {
    return n > 32 && sizeof(T) == 4 ? 64 : n > 16 ? 32 : 16;
  }
  static constexpr int weight_tiles(const ConvGeometry& g) {
    const int rows = g.kernel * g.kernel * g.in_per_group();
    const int columns = columns_of<float>(g.out_per_group());
    return (rows + gemm_rows - 1) / gemm_rows * ((g.out_per_group() + columns - 1) / columns) *
           g.groups;
  }
  static constexpr int most_slices(const ConvGeometry& g) {
    return std::max(1, wanted_blocks / weight_tiles(g));
  }
  static constexpr int slices_of(const ConvGeometry& g, int batch) {
    const int deep = batch * g.out().pixels() / (8 * gemm_depth);
    return std::clamp(deep, 1, most_slices(g));
  }

  template <ConvGeometry G, ConvPass Pass, class T>
  void gemm(int batch, int slices, const T* a, const T* b, T* product, ConvEpilogue<T> epilogue,
            Activation activation) const {
    const ConvShape shape = ConvShape::of(G, batch);
    constexpr int n = Pass == ConvPass::data ? G.in_per_group() : G.out_per_group();
    constexpr int columns = columns_of<T>(n);
    constexpr Math rounding = std::is_same_v<T, float> ? math : Math::exact;
    const auto run = [&]<int Rows, int Columns, int Vector>() {
      ConvGemm<Pass, T, rounding, Rows, Columns, Vector> kernel{.a = a,
                                                                .b = b,
                                                                .product = product,
                                                                .slice_size = G.weights(),
                                                                .activation = activation,
                                                                .epilogue = epilogue};
      kernel.cut(shape, slices);
      device_.launch(kernel, kernel.grid());
    };
    const auto blocks = [&](int tile_rows, int tile_columns) {
      const int rows = Pass == ConvPass::data ? shape.in_pixels() : shape.out_pixels();
      return (rows + tile_rows - 1) / tile_rows * ((n + tile_columns - 1) / tile_columns) *
             shape.groups;
    };
    // what is read in vectors must lie on a boundary of 16 bytes
    if constexpr (ConvShape::of(G, 1).in_fours()) {
      if (on_vector_boundary(a, b, product, epilogue.gate)) {
        if constexpr (Pass != ConvPass::weights && columns > 16 && std::is_same_v<T, float>) {
          if (blocks(64, columns) < few_blocks) return run.template operator()<64, 32, 4>();
          if (blocks(128, columns) < few_blocks) return run.template operator()<64, columns, 4>();
        }
        return run.template operator()<128, columns, 4>();
      }
    }
    run.template operator()<128, std::min(columns, 32), 1>();
  }
  template <class T>
  void sum_slices(std::size_t count, int slices, const T* parts, T* sum) const {
    const SumSlices<T> kernel{count, slices, parts, sum};
    device_.launch(kernel, kernel.grid());
  }

  template <int C, class T>
  void norm_backward(std::size_t rows, const T* x, const T* dy, const T* mean, const T* inv_std,
                     const T* gamma, bool fixed, T* dx, T* dgamma, T* dbeta, T* scratch) const {
    const ChannelGrid grid = ChannelGrid::of(rows, C);
    T* const line = scratch + 2 * static_cast<std::size_t>(ChannelGrid::most_chunks) * C;
    device_.launch(ChunkSums<T>{.grid = grid, .x = x, .dy = dy, .mean = mean, .parts = scratch},
                   grid.blocks());
    const FinishSums<T> finish{.grid = grid,
                               .parts = scratch,
                               .mean = mean,
                               .inv_std = inv_std,
                               .gamma = gamma,
                               .dgamma = dgamma,
                               .dbeta = dbeta,
                               .line = dx == nullptr ? nullptr : line,
                               .fixed = fixed};
    device_.launch(finish, finish.launch_grid());
    if (dx == nullptr) return;
    const ChannelGrid elements = ChannelGrid::of_elements(rows, C);
    device_.launch(NormGradient<T>{.grid = elements, .x = x, .dy = dy, .line = line, .dx = dx},
                   elements.blocks());
  }
  /// sums += over the rows
  template <int C, class T>
  void add_channel_sums(std::size_t rows, const T* dy, T* sums, T* scratch) const {
    const ChannelGrid grid = ChannelGrid::of(rows, C);
    device_.launch(ChunkSums<T>{.grid = grid, .dy = dy, .parts = scratch}, grid.blocks());
    const FinishSums<T> finish{.grid = grid, .parts = scratch, .dbeta = sums};
    device_.launch(finish, finish.launch_grid());
  }

  template <class Kernel>
  void launch_over(Kernel kernel, std::size_t n) const {
    const Grid grid = grid_for(n, Kernel::threads);
    kernel.blocks = grid.x;
    device_.launch(kernel, grid);
  }
  template <class Kernel>
  void launch_map(const Kernel& kernel) const {
    launch_over(kernel, kernel.n / Kernel::at_once);
  }
  template <class Kernel>
  void launch_pixels(Kernel kernel) const {
    kernel.grid = kernel.grid_of();
    device_.launch(kernel, kernel.grid.blocks());
  }
  template <PoolGeometry G, Pooling P, class T>
  void pool(int batch, const T* x, const T* dy, T* result, bool add) const {
    const auto run = [&]<int Vector>(std::integral_constant<int, Vector>) {
      launch_pixels(Pool<P, T, Vector>{
          .shape = PoolShape::of(G, batch), .x = x, .dy = dy, .result = result, .add = add});
    };
    if constexpr (std::is_same_v<T, float> && G.in.channels % 4 == 0) {
      if (on_vector_boundary(x, dy, result)) return run(std::integral_constant<int, 4>{});
    }
    run(std::integral_constant<int, 1>{});
  }
  template <Function F, class T>
  void map(std::size_t n, const T* a, const T* b, T* y) const {
    launch_map(MapElements<F, T>{.n = n, .a = a, .b = b, .y = y});
  }

  Device device_{};
};

}  // namespace tepui::backend::cuda
