#pragma once

#include <array>
#include <cstddef>
#include <numeric>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/vector.hpp"
#include "tepui/core/shape.hpp"

/// @file
/// The two forward-looking passes of a convolution as one: every target pixel gathers from source
/// pixels. Forward gathers outputs from inputs; the gradient by the input gathers input gradients
/// from output gradients, one residue class (modulo the stride) of pixels at a time.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Along one axis, target `first + j * spacing` (j = 0..targets-1) sums over taps
/// t = 0..taps-1: source pixel `j * step + offset + t * offset_step`, where it exists, times the
/// kernel element `tap + t * tap_step`.
struct GatherAxis {
  int targets = 0, first = 0, spacing = 1;
  int source_size = 0, step = 1;
  int taps = 0, tap = 0, tap_step = 1;
  int offset = 0, offset_step = 1;

  [[nodiscard]] constexpr int source(int j, int t) const {
    return j * step + offset + t * offset_step;
  }
  [[nodiscard]] constexpr bool real(int j, int t) const {
    return source(j, t) >= 0 && source(j, t) < source_size;
  }
  [[nodiscard]] constexpr int kernel_index(int t) const { return tap + t * tap_step; }
  /// Of targets begin..end-1, those with a source for tap t are neighbours: the first of them, and
  /// (end_real) the one after the last.
  [[nodiscard]] constexpr int first_real(int t, int begin, int end) const {
    while (begin < end && !real(begin, t)) ++begin;
    return begin;
  }
  [[nodiscard]] constexpr int end_real(int t, int begin, int end) const {
    while (end > begin && !real(end - 1, t)) --end;
    return end;
  }
  /// Whether no tap of targets begin..end-1 falls outside the source.
  [[nodiscard]] constexpr bool interior(int begin, int end) const {
    for (int t = 0; t < taps; ++t) {
      if (!real(begin, t) || !real(end - 1, t)) return false;
    }
    return true;
  }
  friend constexpr bool operator==(const GatherAxis&, const GatherAxis&) = default;
};

[[nodiscard]] constexpr GatherAxis forward_axis(int in, int out, ConvGeometry g) {
  return {out, 0, 1, in, g.stride, g.kernel, 0, 1, -g.padding, g.dilation};
}

/// Targets are the input pixels that are `residue` modulo the stride.
[[nodiscard]] constexpr GatherAxis backward_axis(int in, int out, ConvGeometry g, int residue) {
  const int tap_step = g.stride / std::gcd(g.stride, g.dilation);
  GatherAxis axis{
      (in - residue + g.stride - 1) / g.stride, residue, g.stride, out, 1, 0, 0, tap_step, 0,
      -(tap_step * g.dilation) / g.stride};
  for (int t = g.kernel - 1; t >= 0; --t) {
    const int distance = residue + g.padding - t * g.dilation;
    if (distance % g.stride != 0) continue;
    ++axis.taps;
    axis.tap = t;
    axis.offset = distance / g.stride;
  }
  return axis;
}

/// A gathering pass: channels per group, pixels of both sides, and both axes.
struct GatherPlan {
  ConvGeometry geometry;
  bool backward = false;
  Shape source, target;  ///< channels of all groups
  int inputs = 0;        ///< source channels per group
  int outputs = 0;       ///< target channels per group

  /// Residue classes per axis.
  [[nodiscard]] constexpr int classes() const { return backward ? geometry.stride : 1; }
  [[nodiscard]] constexpr GatherAxis columns(int residue) const {
    return backward ? backward_axis(target.width, source.width, geometry, residue)
                    : forward_axis(source.width, target.width, geometry);
  }
  [[nodiscard]] constexpr GatherAxis rows(int residue) const {
    return backward ? backward_axis(target.height, source.height, geometry, residue)
                    : forward_axis(source.height, target.height, geometry);
  }
  /// Multiply-adds of one row of targets.
  [[nodiscard]] constexpr std::size_t row_work() const {
    return geometry.weights() * static_cast<std::size_t>(geometry.out().width);
  }
  friend constexpr bool operator==(const GatherPlan&, const GatherPlan&) = default;
};

/// A pointwise convolution does not care how its pixels are arranged: short rows become one row.
[[nodiscard]] constexpr ConvGeometry with_long_rows(ConvGeometry g) {
  if (g.kernel == 1 && g.stride == 1 && g.padding == 0 && g.in.width < 16) {
    g.in.width *= g.in.height;
    g.in.height = 1;
  }
  return g;
}

[[nodiscard]] constexpr GatherPlan forward_plan(ConvGeometry geometry) {
  const ConvGeometry g = with_long_rows(geometry);
  return {g, false, g.in, g.out(), g.in_per_group(), g.out_per_group()};
}
[[nodiscard]] constexpr GatherPlan backward_plan(ConvGeometry geometry) {
  const ConvGeometry g = with_long_rows(geometry);
  return {g, true, g.out(), g.in, g.out_per_group(), g.in_per_group()};
}

/// One kernel row that meets a real source row: the source row and that row's weights.
template <class T>
struct GatherRow {
  const T* x;
  const T* w;
};

/// Lists the kernel rows that target row `target` of a sample gathers from.
/// @param sample    source sample
/// @param row_pitch weights between kernel rows
/// @return how many were written to `found`
template <GatherPlan P, class T>
int gather_rows(int target, const T* sample, const T* w, std::size_t row_pitch,
                std::array<GatherRow<T>, static_cast<std::size_t>(P.geometry.kernel)>& found) {
  const GatherAxis axis = P.rows(target % P.classes());
  const int j = target / P.classes();
  std::size_t count = 0;
  for (int t = 0; t < axis.taps; ++t) {
    if (!axis.real(j, t)) continue;
    found[count++] = {
        sample + static_cast<std::size_t>(axis.source(j, t) * P.source.width * P.source.channels),
        w + static_cast<std::size_t>(axis.kernel_index(t)) * row_pitch};
  }
  return static_cast<int>(count);
}

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
