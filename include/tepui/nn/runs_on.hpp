#pragma once

#include <type_traits>

#include "tepui/backend/backend.hpp"
#include "tepui/core/types.hpp"

namespace tepui::nn {

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
constexpr auto processor_layer();

constexpr auto processor_layer_among(types<>) { return std::type_identity<void>{}; }
template <class First, class... Rest>
constexpr auto processor_layer_among(types<First, Rest...>) {
  using Found = decltype(processor_layer<First>());
  if constexpr (std::is_void_v<typename Found::type>) {
    return processor_layer_among(types<Rest...>{});
  } else {
    return Found{};
  }
}

template <class L>
constexpr auto parts_of() {
  if constexpr (requires { typename L::Children; }) {
    return typename L::Children{};
  } else {
    return types<>{};
  }
}

/// The first and innermost layer of a tree that runs on the processor alone; void: none.
template <class L>
constexpr auto processor_layer() {
  using Part = typename decltype(processor_layer_among(parts_of<L>()))::type;
  using Self = std::conditional_t<says_that_it_runs_on_devices<L>(), void, L>;
  return std::type_identity<std::conditional_t<std::is_void_v<Part>, Self, Part>>{};
}

}  // namespace detail

namespace diagnostics {

/// The message for a network on a device with a layer whose trips read the processor's memory.
template <class Layer>
struct LayerRunsOnTheProcessorAlone {
  static_assert(
      std::is_void_v<Layer>,
      "network: a layer that runs on a device computes through pass.backend alone and says "
      "so, `static constexpr bool runs_on_devices = true`; the type above names the layer "
      "that does not (docs/cuda.md, Layers of your own)");
  static constexpr bool explained = true;
};

}  // namespace diagnostics

/// @brief Whether a tree of layers may run where Backend computes: on the processor always, on a
/// device if every layer says so. A layer that does not is a compile error that names it.
template <class L, class Backend>
[[nodiscard]] constexpr bool require_runs_on() {
  if constexpr (backend::on_device<Backend>) {
    using Found = decltype(detail::processor_layer<L>());
    return diagnostics::LayerRunsOnTheProcessorAlone<typename Found::type>::explained;
  } else {
    return true;
  }
}

}  // namespace tepui::nn
