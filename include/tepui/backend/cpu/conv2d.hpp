#pragma once

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/conv2d_plain.hpp"
#include "tepui/backend/cpu/vector.hpp"

/// @file
/// Chooses the kernels of a convolution by its geometry.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

template <ConvGeometry G>
using ConvKernels = ConvPlain<G>;

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
