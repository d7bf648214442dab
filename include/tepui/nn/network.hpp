#pragma once

#include "tepui/nn/sequential.hpp"

namespace tepui::nn {

/// @brief An architecture: an input shape and a list of layers. A type without values.
///
/// All sizes are constant expressions; a list that does not fit together does not compile, and the
/// message names the layer, its input and the rule.
template <Shape Input, class... L>
struct Network {
  static_assert(Input.channels > 0 && Input.height > 0 && Input.width > 0,
                "Network: the input needs at least one channel, row and column");

  using Body = Sequential<L...>;
  static constexpr Shape input = Input;

  static constexpr bool fits() {
    if constexpr (Body::check(Input) != Rule::fits) {
      using Explained [[maybe_unused]] = decltype(explain_layer<Body, Input, 0>());
      return false;
    } else {
      return true;
    }
  }
  static_assert(fits(), "network: the layers do not fit together; see the first error");

  static constexpr Shape output = Body::output(Input);
  static constexpr std::size_t parameters = Body::parameters(Input);
  static constexpr std::size_t buffers = Body::buffers(Input);

  /// @return what the network costs for one image
  static constexpr Cost cost(const cost::Query& query = {}) { return Body::cost(Input, query); }
  /// @return layers that multiply on the longest way through; on a supernet along the chosen path
  static constexpr int depth(const std::uint8_t* choices = nullptr) {
    return depth_of<Body, Input>(choices);
  }
  /// @return elements in memory at once when one image runs through, layer by layer; see peak_of
  static constexpr std::size_t peak_activations(const std::uint8_t* choices = nullptr) {
    return peak_of<Body, Input>(choices, false);
  }
  /// @return its tensors in memory order; on a supernet those on the chosen path
  static Description describe(const std::uint8_t* choices = nullptr) {
    Description d;
    describe(d, choices);
    return d;
  }
  /// The same into a description that was used before.
  static void describe(Description& d, const std::uint8_t* choices) {
    d.restart(choices);
    Body::describe(Input, d);
  }
};

}  // namespace tepui::nn
