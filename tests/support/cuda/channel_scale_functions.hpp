#pragma once

#include <cstddef>

#include "tepui/core/device_function.hpp"

/// @file
/// What a user's layer does to an element, in a header without networks: nvcc compiles it, too.

namespace my {

/// to_i = scale_c from_i; pixels of `channels` elements.
template <class T>
struct ScaleChannels {
  std::size_t channels;
  const T* scale;
  const T* from;
  T* to;
  TEPUI_HOST_DEVICE void operator()(std::size_t i) const { to[i] = scale[i % channels] * from[i]; }
};

/// gradient_c += sum of dy x over all pixels.
template <class T>
struct AddScaleGradient {
  std::size_t channels;
  std::size_t pixels;
  const T* x;
  const T* dy;
  T* gradient;
  TEPUI_HOST_DEVICE void operator()(std::size_t c) const {
    T sum = 0;
    for (std::size_t i = c; i < pixels * channels; i += channels) sum += dy[i] * x[i];
    gradient[c] += sum;
  }
};

}  // namespace my
