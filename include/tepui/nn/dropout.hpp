#pragma once

#include "tepui/nn/layer.hpp"

namespace tepui::nn {

namespace detail {

/// Multiplies by a random mask while a pass is stochastic; `group` neighbours share one draw.
template <class Derived>
struct RandomMask : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static constexpr bool in_place = true;

  static constexpr Extent saved(Shape in) { return {in.size(), 0}; }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    const std::size_t n = In.size() * static_cast<std::size_t>(pass.batch);
    const double drop = Derived::probability(pass);
    if (drop <= 0) {
      pass.backend.copy(n, at.x, at.y);
      return;
    }
    pass.backend.dropout_mask(n, Derived::group(In), drop, pass.next_noise(), at.saved);
    pass.backend.multiply(n, at.x, at.saved, at.y);
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    if (at.dx == nullptr) return;
    const std::size_t n = In.size() * static_cast<std::size_t>(pass.batch);
    if (Derived::probability(pass) <= 0) {
      pass.backend.copy(n, at.dy, at.dx);
    } else {
      pass.backend.multiply(n, at.dy, at.saved, at.dx);
    }
  }
};

}  // namespace detail

/// @brief Sets each element to zero with probability Percent / 100 and scales the others up, while
/// a
///        pass is stochastic; otherwise the identity.
template <int Percent>
struct Dropout : detail::RandomMask<Dropout<Percent>> {
  static_assert(Percent >= 0 && Percent < 100, "Dropout: the percentage must be 0 to 99");

  template <class Backend>
  static double probability(const Pass<Backend>& pass) {
    return pass.stochastic ? Percent / 100.0 : 0.0;
  }
  static constexpr std::size_t group(Shape) { return 1; }
};

/// @brief Sets a whole sample to zero with the pass's drop_path probability and scales the others
/// up.
///
/// The probability is a value of the pass because schedules raise it during training.
/// @source G. Larsson et al., FractalNet, ICLR 2017; per sample as in DARTS
struct DropPath : detail::RandomMask<DropPath> {
  template <class Backend>
  static double probability(const Pass<Backend>& pass) {
    return pass.stochastic ? pass.drop_path : 0.0;
  }
  static constexpr std::size_t group(Shape in) { return in.size(); }
};

}  // namespace tepui::nn
