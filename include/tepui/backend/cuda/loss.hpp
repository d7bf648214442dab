#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "tepui/backend/cuda/block.hpp"

namespace tepui::backend::cuda {

/// What a batch cost, where the kernel leaves it.
struct LossSum {
  double loss = 0;
  int correct = 0;
};

/// @brief Cross entropy of the softmax, its gradient by the scores and the sums over the batch, in
/// double and in a fixed order: one block, whose threads take every 256th sample.
/// @source C. Szegedy et al., Rethinking the Inception Architecture, CVPR 2016, section 7
template <class T>
struct SoftmaxCrossEntropy {
  static constexpr int threads = 256;
  struct Shared {
    double loss[threads];
    int correct[threads];
  };
  int batch = 1;
  int classes = 1;
  const T* logits = nullptr;
  const std::uint16_t* labels = nullptr;
  double smoothing = 0;
  T* dlogits = nullptr;  ///< null: not wanted
  LossSum* sum = nullptr;

  template <class Block>
  TEPUI_KERNEL void operator()(Block& block, Shared& shared) const {
    block.each([&](int thread) {
      double loss = 0;
      int correct = 0;
      for (int s = thread; s < batch; s += threads) sample(s, loss, correct);
      shared.loss[thread] = loss;
      shared.correct[thread] = correct;
    });
    for (int half = threads / 2; half > 0; half /= 2) {
      block.each([&](int thread) {
        if (thread >= half) return;
        shared.loss[thread] += shared.loss[thread + half];
        shared.correct[thread] += shared.correct[thread + half];
      });
    }
    block.each_alone([&](int thread) {
      if (thread == 0) *sum = {shared.loss[0], shared.correct[0]};
    });
  }

 private:
  TEPUI_KERNEL void sample(int s, double& loss, int& correct) const {
    const T* const row = logits + wide(s) * wide(classes);
    const int label = labels[s];
    const double share = smoothing / classes;
    int best = 0;
    bool comparable = true;
    double total = 0;
    for (int k = 0; k < classes; ++k) {
      if (row[k] > row[best]) best = k;
      comparable = comparable && row[k] == row[k];
      total += static_cast<double>(row[k]);
    }
    const double top = static_cast<double>(row[best]);
    double power = 0;
    for (int k = 0; k < classes; ++k) power += std::exp(static_cast<double>(row[k]) - top);
    const double log_sum = top + std::log(power);
    loss += (1.0 - smoothing) * (log_sum - static_cast<double>(row[label]));
    if (smoothing != 0) loss += share * (classes * log_sum - total);
    if (comparable && best == label) ++correct;
    if (dlogits == nullptr) return;
    for (int k = 0; k < classes; ++k) {
      const double target = share + (k == label ? 1.0 - smoothing : 0.0);
      const double p = std::exp(static_cast<double>(row[k]) - top) / power;
      dlogits[wide(s) * wide(classes) + wide(k)] =
          static_cast<T>((p - target) / static_cast<double>(batch));
    }
  }
};

}  // namespace tepui::backend::cuda
