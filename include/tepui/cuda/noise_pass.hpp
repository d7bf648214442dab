#pragma once

#include <cstddef>

#include "tepui/core/device_function.hpp"
#include "tepui/core/random.hpp"
#include "tepui/flatness/detail/moved.hpp"
#include "tepui/flatness/perturbation.hpp"

namespace tepui::cuda {

/// w_i += size * scale_i * z_i with z from a stream of normal numbers: to the bit what
/// flatness::detail::Perturbation does on the processor.
template <class T>
struct NoisePass {
  T* w = nullptr;
  const T* base = nullptr;          ///< the undisturbed weights
  const double* filters = nullptr;  ///< their sizes, for Scale::filter
  double size = 0;
  flatness::Scale scale = flatness::Scale::absolute;
  random::Key key{};

  template <class Part>
  TEPUI_HOST_DEVICE auto operator()(const Part& part) const {
    return [pass = *this, part](std::size_t i) {
      double sigma = pass.size;
      if (pass.scale == flatness::Scale::relative) sigma *= static_cast<double>(pass.base[i]);
      if (pass.scale == flatness::Scale::filter) {
        sigma *= pass.filters[part.first_scale + (i - part.offset) % part.filters];
      }
      pass.w[i] = flatness::detail::moved(pass.w[i], sigma, random::normal_at(pass.key, i));
    };
  }
};

}  // namespace tepui::cuda
