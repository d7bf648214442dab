#pragma once

#include <cstddef>

#include "tepui/backend/running_statistics.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn {

/// @brief Batch normalisation over (N, H, W) for every channel, epsilon 1e-5.
///
/// Which statistics are used, and whether the running ones move, is the pass's business
/// (Statistics). The running variance takes the unbiased batch variance, the normalisation the
/// biased one.
/// @tparam Affine learns a scale (starts at 1) and a shift (starts at 0) per channel
/// @source S. Ioffe, C. Szegedy, Batch Normalization, ICML 2015
template <bool Affine = true>
struct BatchNorm2d : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static constexpr bool in_place = true;
  static constexpr double epsilon = 1e-5;

  static constexpr std::size_t parameters(Shape in) {
    return Affine ? 2 * static_cast<std::size_t>(in.channels) : 0;
  }
  static constexpr std::size_t buffers(Shape in) {
    return 2 * static_cast<std::size_t>(in.channels);
  }
  static constexpr Extent saved(Shape in) {
    return {0, 2 * static_cast<std::size_t>(in.channels)};  // mean, 1 / standard deviation
  }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return Backend::template batch_norm_scratch<In.channels>();
  }
  static constexpr Cost cost(Shape in, const cost::Query& query) {
    const auto n = static_cast<std::int64_t>(in.size());
    return {.params = static_cast<std::int64_t>(parameters(in)),
            .macs = query.rule == cost::Rule::older ? 2 * n : 0,
            .activations = n};
  }
  static void describe(Shape in, Description& d) {
    if (Affine) {
      d.parameter("weight", ParameterKind::norm_weight, {in.channels}, 0);
      d.parameter("bias", ParameterKind::norm_bias, {in.channels}, 0);
    }
    d.buffer("running_mean", static_cast<std::size_t>(in.channels), 0);
    d.buffer("running_var", static_cast<std::size_t>(in.channels), 1);
  }

  /// @return what a pass moves: the running statistics, or nothing
  template <Shape In, class Backend, class T>
  static backend::RunningStatistics<T> moved(const Pass<Backend>& pass, T* buffers) {
    if (pass.statistics != Statistics::batch_and_track) return {};
    const std::size_t rows = rows_of<In>(pass.batch);
    return {.mean = buffers,
            .variance = buffers + In.channels,
            .keep = static_cast<T>(1 - pass.statistics_momentum),
            .take = static_cast<T>(pass.statistics_momentum),
            .unbiased = rows > 1 ? static_cast<T>(rows) / static_cast<T>(rows - 1) : T{1}};
  }

  /// N * H * W
  template <Shape In>
  static std::size_t rows_of(int batch) {
    return static_cast<std::size_t>(batch) * static_cast<std::size_t>(In.pixels());
  }

  /// @brief Means and reciprocal deviations to normalise x with, by the pass's rule; moves the
  /// running ones where it says so.
  /// @param saved (2 channels), overwritten
  template <Shape In, class Backend, class T>
  static void normalizers(const Pass<Backend>& pass, const T* x, T* buffers, T* saved, T* scratch) {
    constexpr auto channels = static_cast<std::size_t>(In.channels);
    if (pass.statistics == Statistics::running) {
      pass.backend.template batch_norm_running<In.channels>(buffers, buffers + channels, epsilon,
                                                            saved, saved + channels);
    } else if constexpr (!detail::only_infers<Backend>) {
      pass.backend.template batch_norm_moments<In.channels>(rows_of<In>(pass.batch), x, epsilon,
                                                            saved, saved + channels,
                                                            moved<In>(pass, buffers), scratch);
    }
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    constexpr auto channels = static_cast<std::size_t>(In.channels);
    const std::size_t rows = rows_of<In>(pass.batch);
    normalizers<In>(pass, at.x, at.buffers, at.saved, at.scratch);
    pass.backend.template batch_norm_apply<In.channels>(
        rows, at.x, at.saved, at.saved + channels, Affine ? at.parameters : nullptr,
        Affine ? at.parameters + channels : nullptr, at.y);
  }

  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    constexpr auto channels = static_cast<std::size_t>(In.channels);
    const std::size_t rows = rows_of<In>(pass.batch);
    const T* mean = at.saved;
    const T* inv_std = at.saved + channels;
    const T* gamma = Affine ? at.parameters : nullptr;
    T* dgamma = Affine ? at.gradient : nullptr;
    T* dbeta = Affine ? at.gradient + channels : nullptr;
    if (pass.statistics == Statistics::running) {
      pass.backend.template batch_norm_backward_fixed<In.channels>(
          rows, at.x, at.dy, mean, inv_std, gamma, at.dx, dgamma, dbeta, at.scratch);
    } else {
      pass.backend.template batch_norm_backward<In.channels>(
          rows, at.x, at.dy, mean, inv_std, gamma, at.dx, dgamma, dbeta, at.scratch);
    }
  }
};

}  // namespace tepui::nn
