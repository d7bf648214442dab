#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/conv2d_axis.hpp"
#include "tepui/backend/cpu/conv2d_dense.hpp"
#include "tepui/backend/cpu/conv2d_depthwise.hpp"
#include "tepui/backend/cpu/conv2d_weights.hpp"
#include "tepui/backend/cpu/vector.hpp"

/// @file
/// Chooses the kernels of a convolution by its geometry.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

template <ConvGeometry G>
struct ConvKernels {
  template <GatherPlan P>
  using Gather = std::conditional_t<G.depthwise(), DepthwiseGather<P>, DenseGather<P>>;
  using Forward = Gather<forward_plan(G)>;
  using BackwardData = Gather<backward_plan(G)>;
  using BackwardWeights = WeightGradientPass<G>;

  static constexpr std::size_t scratch() {
    return std::max({Forward::scratch(), BackwardData::scratch(), BackwardWeights::scratch()});
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
