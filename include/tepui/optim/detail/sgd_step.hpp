#pragma once

#include <cstddef>

#include "tepui/core/device_function.hpp"
#include "tepui/optim/decay.hpp"

namespace tepui::optim::detail {

/// One step of Sgd.
template <class T, class Value>
struct SgdStep {
  T* w;
  const T* g;
  T* v;  ///< null: no momentum
  Value learning_rate_factor;
  double learning_rate;
  double momentum;
  double weight_decay;
  bool nesterov;
  Decay decay;

  template <class Part>
  TEPUI_HOST_DEVICE auto operator()(const Part& part) const {
    const T rate = static_cast<T>(learning_rate * static_cast<double>(learning_rate_factor));
    const T keep = static_cast<T>(momentum);
    const T pull = decays(decay, part) ? static_cast<T>(weight_decay) : T(0);
    return [=, w = w, g = g, v = v, ahead = nesterov](std::size_t i) {
      const T d = g[i] + pull * w[i];
      if (v == nullptr) {
        w[i] -= rate * d;
        return;
      }
      const T velocity = keep * v[i] + d;
      v[i] = velocity;
      w[i] -= rate * (ahead ? d + keep * velocity : velocity);
    };
  }
};

}  // namespace tepui::optim::detail
