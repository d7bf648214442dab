#pragma once

#include <cstddef>

#include "tepui/backend/activation.hpp"
#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/elementwise.hpp"
#include "tepui/backend/cuda/gemm_tile.hpp"

namespace tepui::backend::cuda {

/// What is done to a sum before it is written: y = or += scale * sum + shift, times the slope of an
/// activation where `gate` has its input.
template <class T>
struct ConvEpilogue {
  const T* scale = nullptr;  ///< one for each column of the product over all groups; null: 1
  const T* shift = nullptr;  ///< likewise; null: 0
  const T* gate = nullptr;   ///< like the product; null: no activation
  Activation activation = Activation::none;
  bool add = false;

  TEPUI_HOST_DEVICE void write(T* y, std::ptrdiff_t at, int column, T sum) const {
    T sums[1] = {sum};
    write(y, at, column, sums);
  }
  /// @param sums neighbours, the first of which goes to y[at] and is of `column`
  template <int Count>
  TEPUI_HOST_DEVICE void write(T* y, std::ptrdiff_t at, int column, T (&sums)[Count]) const {
    if (scale != nullptr) {
      TEPUI_UNROLL
      for (int v = 0; v < Count; ++v) sums[v] *= scale[column + v];
    }
    if (shift != nullptr) {
      TEPUI_UNROLL
      for (int v = 0; v < Count; ++v) sums[v] += shift[column + v];
    }
    if (gate != nullptr) {
      T inputs[Count];
      read_neighbours(gate + at, inputs);
      TEPUI_UNROLL
      for (int v = 0; v < Count; ++v) sums[v] *= activation_slope(activation, inputs[v]);
    }
    if (add) {
      T before[Count];
      read_neighbours(y + at, before);
      TEPUI_UNROLL
      for (int v = 0; v < Count; ++v) sums[v] += before[v];
    }
    write_neighbours(sums, y + at);
  }
};

}  // namespace tepui::backend::cuda
