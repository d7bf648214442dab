#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/conv2d_axis.hpp"
#include "tepui/backend/cpu/conv2d_dense.hpp"
#include "tepui/backend/cpu/conv2d_plain.hpp"
#include "tepui/backend/cpu/vector.hpp"

/// @file
/// Chooses the kernels of a convolution by its geometry.

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

template <ConvGeometry G>
struct ConvKernels {
  using Forward = DenseGather<forward_plan(G)>;
  using BackwardData = DenseGather<backward_plan(G)>;

  static constexpr std::size_t scratch() {
    return std::max({Forward::scratch(), BackwardData::scratch(), ConvPlain<G>::scratch()});
  }
  template <class T>
  static void forward(int batch, const T* x, const T* w, const T* bias, T* y, T* scratch) {
    Forward::run(batch, x, w, bias, y, scratch);
  }
  template <class T>
  static void backward_data(int batch, const T* dy, const T* w, T* dx, T* scratch) {
    BackwardData::run(batch, dy, w, static_cast<const T*>(nullptr), dx, scratch);
  }
  template <class T>
  static void backward_weights(int batch, const T* x, const T* dy, T* dw, T* dbias, T* scratch) {
    ConvPlain<G>::backward_weights(batch, x, dy, dw, dbias, scratch);
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
