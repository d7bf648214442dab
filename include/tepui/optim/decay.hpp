#pragma once

#include "tepui/core/device_function.hpp"
#include "tepui/core/parameter_kind.hpp"

namespace tepui::optim {

/// Which tensors weight decay pulls towards zero.
enum class Decay {
  all,           ///< every tensor, normalisations and biases included (GeNAS, FlatNAS)
  weights_only,  ///< convolution and linear weights
};

namespace detail {

/// Ranges have no kind: they are passed over where all tensors decay.
template <class Part>
TEPUI_HOST_DEVICE bool decays(Decay decay, const Part& part) {
  if constexpr (requires { part.kind; }) {
    return decay == Decay::all || part.kind == ParameterKind::weight;
  } else {
    return true;
  }
}

}  // namespace detail
}  // namespace tepui::optim
