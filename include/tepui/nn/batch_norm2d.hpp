#pragma once

#include <algorithm>
#include <cmath>

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

  /// @brief Means and reciprocal deviations to normalise with, by the pass's rule; moves the
  /// running ones where it says so.
  /// @param saved   (2 channels), overwritten
  /// @param measure called with (mean, variance) to fill with the batch's, if they are used
  template <Shape In, class Backend, class T, class Measure>
  static void normalizers(const Pass<Backend>& pass, T* buffers, T* saved, Measure&& measure) {
    constexpr auto channels = static_cast<std::size_t>(In.channels);
    const std::size_t rows = rows_of<In>(pass.batch);
    T* running_mean = buffers;
    T* running_var = buffers + channels;
    T* mean = saved;
    T* inv_std = saved + channels;
    if (pass.statistics == Statistics::running) {
      std::copy_n(running_mean, channels, mean);
      std::copy_n(running_var, channels, inv_std);
    } else if constexpr (!detail::only_infers<Backend>) {
      measure(mean, inv_std);
      if (pass.statistics == Statistics::batch_and_track) {
        const T keep = static_cast<T>(1 - pass.statistics_momentum);
        const T take = static_cast<T>(pass.statistics_momentum);
        const T unbiased = rows > 1 ? static_cast<T>(rows) / static_cast<T>(rows - 1) : T{1};
        for (std::size_t c = 0; c < channels; ++c) {
          running_mean[c] = keep * running_mean[c] + take * mean[c];
          running_var[c] = keep * running_var[c] + take * unbiased * inv_std[c];
        }
      }
    }
    for (std::size_t c = 0; c < channels; ++c) {
      inv_std[c] = T{1} / std::sqrt(inv_std[c] + static_cast<T>(epsilon));
    }
  }

  /// N * H * W
  template <Shape In>
  static std::size_t rows_of(int batch) {
    return static_cast<std::size_t>(batch) * static_cast<std::size_t>(In.pixels());
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    const std::size_t rows = rows_of<In>(pass.batch);
    normalizers<In>(pass, at.buffers, at.saved, [&](T* mean, T* variance) {
      pass.backend.template batch_norm_statistics<In.channels>(rows, at.x, mean, variance,
                                                               at.scratch);
    });
    constexpr auto channels = static_cast<std::size_t>(In.channels);
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
