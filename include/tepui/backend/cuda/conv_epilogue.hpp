#pragma once

#include <cstddef>

#include "tepui/backend/activation.hpp"
#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/elementwise.hpp"

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

  TEPUI_KERNEL void write(T* y, std::ptrdiff_t at, int column, T sum) const {
    if (scale != nullptr) sum *= scale[column];
    if (shift != nullptr) sum += shift[column];
    if (gate != nullptr) sum *= activation_slope(activation, gate[at]);
    y[at] = add ? y[at] + sum : sum;
  }
};

}  // namespace tepui::backend::cuda
