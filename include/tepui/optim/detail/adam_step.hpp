#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "tepui/core/device_function.hpp"
#include "tepui/optim/decay.hpp"

namespace tepui::optim::detail {

enum class AdamDecay { coupled, decoupled };

/// Counts the steps of a tensor, at its first element: on a supernet it is not in every path.
struct CountStep {
  std::uint32_t* steps;
  template <class Part>
  TEPUI_HOST_DEVICE auto operator()(const Part& tensor) const {
    return [steps = steps, first = tensor.offset](std::size_t i) {
      if (i == first) ++steps[i];
    };
  }
};

/// One step of Adam and AdamW.
template <AdamDecay kind, class T, class Value>
struct AdamStep {
  T* w;
  const T* g;
  T* m;
  T* v;
  T* largest;  ///< null: no amsgrad
  const std::uint32_t* steps;
  Value learning_rate_factor;
  double learning_rate;
  double beta1;
  double beta2;
  double epsilon;
  double weight_decay;
  Decay decay;

  template <class Part>
  TEPUI_HOST_DEVICE auto operator()(const Part& tensor) const {
    const double rate = learning_rate * static_cast<double>(learning_rate_factor);
    const double strength = decays(decay, tensor) ? weight_decay : 0.0;
    const double step = steps[tensor.offset];
    const T pull = static_cast<T>(kind == AdamDecay::coupled ? strength : 0.0);
    const T shrink = static_cast<T>(kind == AdamDecay::decoupled ? 1 - rate * strength : 1.0);
    const T size = static_cast<T>(rate / (1 - std::pow(beta1, step)));
    const T root = static_cast<T>(std::sqrt(1 - std::pow(beta2, step)));
    const T keep1 = static_cast<T>(beta1);
    const T take1 = static_cast<T>(1 - beta1);
    const T keep2 = static_cast<T>(beta2);
    const T take2 = static_cast<T>(1 - beta2);
    const T tiny = static_cast<T>(epsilon);
    return [=, w = w, g = g, m = m, v = v, most = largest](std::size_t i) {
      const T d = g[i] + pull * w[i];
      m[i] = keep1 * m[i] + take1 * d;
      v[i] = keep2 * v[i] + take2 * d * d;
      T second = v[i];
      if (most != nullptr) {
        most[i] = most[i] > second ? most[i] : second;
        second = most[i];
      }
      w[i] = shrink * w[i] - size * (m[i] / (std::sqrt(second) / root + tiny));
    };
  }
};

}  // namespace tepui::optim::detail
