#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/backend/conv_geometry.hpp"
#include "tepui/backend/cpu/conv2d.hpp"
#include "tepui/backend/cpu/vector.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// y = x w + b; x (N, In), w (In, Out), y (N, Out): a pointwise convolution whose pixels are
/// samples, in rows of eight, then the rest one by one.
template <int In, int Out>
struct LinearKernels {
  static constexpr int row = 8;
  using Rows = ConvKernels<ConvGeometry{{In, 1, row}, Out}>;
  using Singles = ConvKernels<ConvGeometry{{In, 1, 1}, Out}>;

  static constexpr std::size_t scratch() { return std::max(Rows::scratch(), Singles::scratch()); }

  template <class T>
  static void forward(int batch, const T* x, const T* w, const T* bias, T* y, T* scratch) {
    const int rows = batch / row;
    if (rows > 0) Rows::Forward::run(rows, x, w, bias, y, scratch);
    if (batch % row == 0) return;
    Singles::Forward::run(batch % row, x + rows * row * In, w, bias, y + rows * row * Out, scratch);
  }

  template <class T>
  static void backward_data(int batch, const T* dy, const T* w, T* dx, T* scratch) {
    const T* const no_bias = nullptr;
    const int rows = batch / row;
    if (rows > 0) Rows::BackwardData::run(rows, dy, w, no_bias, dx, scratch);
    if (batch % row == 0) return;
    Singles::BackwardData::run(batch % row, dy + rows * row * Out, w, no_bias, dx + rows * row * In,
                               scratch);
  }

  template <class T>
  static void backward_weights(int batch, const T* x, const T* dy, T* dw, T* dbias, T* scratch) {
    const int rows = batch / row;
    if (rows > 0) Rows::BackwardWeights::run(rows, x, dy, dw, dbias, scratch);
    if (batch % row == 0) return;
    Singles::BackwardWeights::run(batch % row, x + rows * row * In, dy + rows * row * Out, dw,
                                  dbias, scratch);
  }
};

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
