#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "tepui/backend/cpu/vector.hpp"

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

template <int Classes, class T>
void softmax_cross_entropy(int batch, const T* logits, const std::uint16_t* labels,
                           double smoothing, T* dlogits, double* loss_sum, int* correct) {
  constexpr auto classes = static_cast<std::size_t>(Classes);
  const double share = smoothing / static_cast<double>(Classes);
  std::array<double, classes> power;
  double loss = 0;
  int hits = 0;
  for (std::size_t s = 0; s < static_cast<std::size_t>(batch); ++s) {
    const T* row = logits + s * classes;
    const auto label = static_cast<std::size_t>(labels[s]);
    std::size_t best = 0;
    bool comparable = true;
    double total = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      if (row[k] > row[best]) best = k;
      comparable = comparable && row[k] == row[k];
      total += static_cast<double>(row[k]);
    }
    const auto top = static_cast<double>(row[best]);
    double sum = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      power[k] = std::exp(static_cast<double>(row[k]) - top);
      sum += power[k];
    }
    const double log_sum = top + std::log(sum);
    double sample = (1.0 - smoothing) * (log_sum - static_cast<double>(row[label]));
    if (smoothing != 0) sample += share * (static_cast<double>(Classes) * log_sum - total);
    loss += sample;
    if (comparable && best == label) ++hits;
    if (dlogits == nullptr) continue;
    const double scale = 1.0 / static_cast<double>(batch);
    for (std::size_t k = 0; k < classes; ++k) {
      const double target = share + (k == label ? 1.0 - smoothing : 0.0);
      dlogits[s * classes + k] = static_cast<T>(scale * (power[k] / sum - target));
    }
  }
  *loss_sum = loss;
  *correct = hits;
}

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
