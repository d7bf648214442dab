#pragma once

#include "tepui/backend/backend.hpp"
#include "tepui/core/types.hpp"

namespace tepui::nn {

namespace diagnostics {

/// Of a layer whose pointers would lead into the device's memory while it reads the processor's.
template <class Layer>
struct LayerRunsOnTheProcessorAlone {
  static_assert(
      !sizeof(Layer*),
      "network: a layer that runs on a device computes through pass.backend alone and says "
      "so, `static constexpr bool runs_on_devices = true`; the type above names the layer "
      "that does not (docs/cuda.md, Layers of your own)");
};

}  // namespace diagnostics

namespace detail {

template <class L>
constexpr bool says_that_it_runs_on_devices() {
  if constexpr (requires { L::runs_on_devices; }) {
    return L::runs_on_devices;
  } else {
    return false;
  }
}

template <class L>
struct RequireDeviceLayers;

template <class Parts>
struct RequireDeviceLayersOf;
template <class... L>
struct RequireDeviceLayersOf<types<L...>> {
  static constexpr bool all = (RequireDeviceLayers<L>::all && ...);
};

/// Makes the compiler name the innermost layer that does not run on devices. A container runs where
/// its parts do.
template <class L>
struct RequireDeviceLayers {
  static constexpr bool all = [] {
    if constexpr (requires { typename L::Children; }) {
      return RequireDeviceLayersOf<typename L::Children>::all;
    } else if constexpr (says_that_it_runs_on_devices<L>()) {
      return true;
    } else {
      return sizeof(diagnostics::LayerRunsOnTheProcessorAlone<L>) > 0;  // one error is enough
    }
  }();
};

}  // namespace detail

/// @brief Whether a tree of layers may run where Backend computes: on the processor always, on a
/// device if every layer says so. A layer that does not is a compile error that names it.
template <class L, class Backend>
[[nodiscard]] constexpr bool require_runs_on() {
  if constexpr (backend::on_device<Backend>) {
    return detail::RequireDeviceLayers<L>::all;
  } else {
    return true;
  }
}

}  // namespace tepui::nn
