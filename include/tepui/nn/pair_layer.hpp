#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>

#include "tepui/nn/layer.hpp"

namespace tepui::nn {

/// @brief Where a layer of two inputs finds its data on the way forward; otherwise as Forward.
template <class T>
struct PairForward {
  const T* x0 = nullptr;
  const T* x1 = nullptr;  ///< may be x0
  T* y = nullptr;
  const T* parameters = nullptr;
  T* buffers = nullptr;
  T* saved = nullptr;
  T* scratch = nullptr;
};

/// @brief Where a layer of two inputs finds its data on the way back; otherwise as Backward.
template <class T>
struct PairBackward {
  const T* x0 = nullptr;
  const T* x1 = nullptr;
  const T* dy = nullptr;
  T* dx0 = nullptr;  ///< overwritten; null where nobody needs it
  T* dx1 = nullptr;  ///< likewise
  const T* parameters = nullptr;
  T* gradient = nullptr;  ///< added to
  T* saved = nullptr;
  T* scratch = nullptr;
};

/// @brief A layer of two inputs: the members of Layer, of two shapes instead of one.
///
/// It stands in a PairChain. `forward<In0, In1>` and `backward<In0, In1>` take PairForward and
/// PairBackward, `scratch<In0, In1, Backend>` two shapes; `explain<In0, In1>` is asked if `check`
/// refuses.
template <class L>
concept PairLayer = std::is_empty_v<L> &&
    requires(Shape in, Description& d, const cost::Query& query) {
  { L::check(in, in) } -> std::same_as<Rule>;
  { L::output(in, in) } -> std::same_as<Shape>;
  { L::parameters(in, in) } -> std::same_as<std::size_t>;
  { L::buffers(in, in) } -> std::same_as<std::size_t>;
  { L::saved(in, in) } -> std::same_as<Extent>;
  { L::cost(in, in, query) } -> std::same_as<Cost>;
  L::describe(in, in, d);
};

namespace diagnostics {

/// The message for a layer of two inputs that do not fit: as LayerRefusesItsInput.
template <class Layer, Shape Input0, Shape Input1, Rule Broken, std::size_t Position>
struct LayerRefusesItsInputs {
  static_assert(Broken == Rule::fits,
                "network: a layer of two inputs does not accept the shapes it is given; the type "
                "above names the layer, its inputs (channels, height, width), the broken rule and "
                "its position");
  static constexpr bool explained = true;
};

}  // namespace diagnostics
}  // namespace tepui::nn
