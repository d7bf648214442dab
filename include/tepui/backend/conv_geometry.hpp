#pragma once

#include "tepui/core/shape.hpp"

namespace tepui::backend {

/// @brief A convolution on a known input; everything a kernel's loops depend on, as one constant.
struct ConvGeometry {
  Shape in;
  int out_channels = 0;
  int kernel = 1;
  int stride = 1;
  int padding = 0;
  int dilation = 1;
  int groups = 1;

  [[nodiscard]] constexpr int extent() const { return dilation * (kernel - 1) + 1; }
  [[nodiscard]] constexpr Shape out() const {
    return {out_channels, (in.height + 2 * padding - extent()) / stride + 1,
            (in.width + 2 * padding - extent()) / stride + 1};
  }
  [[nodiscard]] constexpr int in_per_group() const { return in.channels / groups; }
  [[nodiscard]] constexpr int out_per_group() const { return out_channels / groups; }
  [[nodiscard]] constexpr bool depthwise() const {
    return groups == in.channels && groups == out_channels;
  }
  /// Weights are stored (kernel row, kernel column, input channel within the group, output
  /// channel).
  [[nodiscard]] constexpr std::size_t weights() const {
    return static_cast<std::size_t>(kernel) * static_cast<std::size_t>(kernel) *
           static_cast<std::size_t>(in_per_group()) * static_cast<std::size_t>(out_channels);
  }
  friend constexpr bool operator==(const ConvGeometry&, const ConvGeometry&) = default;
};

/// @brief A pooling window on a known input.
struct PoolGeometry {
  Shape in;
  int kernel = 1;
  int stride = 1;
  int padding = 0;
  bool count_padding = false;  ///< average pooling: padding counts in the divisor

  [[nodiscard]] constexpr Shape out() const {
    return {in.channels, (in.height + 2 * padding - kernel) / stride + 1,
            (in.width + 2 * padding - kernel) / stride + 1};
  }
  friend constexpr bool operator==(const PoolGeometry&, const PoolGeometry&) = default;
};

}  // namespace tepui::backend
