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
/// double and in a fixed order: one block, whose threads take a few classes each of some samples,
/// then of the next.
/// @source C. Szegedy et al., Rethinking the Inception Architecture, CVPR 2016, section 7
template <class T>
struct SoftmaxCrossEntropy {
  static constexpr int threads = 512;
  /// What a thread knows of its classes of a sample.
  struct Part {
    double top = 0;    ///< the largest score
    double total = 0;  ///< of the scores
    int best = 0;      ///< the first class that has it
    bool comparable = true;
  };
  struct Shared {
    Part part[threads];
    double power[threads];
    double of_label[threads];  ///< score of the label, one for each sample
    LossSum sum[threads];
  };
  int batch = 1;
  int classes = 1;
  const T* logits = nullptr;
  const std::uint16_t* labels = nullptr;
  double smoothing = 0;
  T* dlogits = nullptr;  ///< null: not wanted; may be logits
  LossSum* sum = nullptr;

  template <class Block>
  TEPUI_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
    const int width = threads_of_sample();
    const int at_once = threads / width;
    block.each([&](int thread) { shared.sum[thread] = {}; });
    for (int first = 0; first < batch; first += at_once) {
      const auto with_sample = [&](auto&& step) {
        block.each([&](int thread) {
          const int place = thread / width;
          if (first + place < batch) step(thread, first + place, place);
        });
      };
      with_sample([&](int thread, int s, int place) {
        shared.part[thread] = scores(s, thread % width, width);
        const int label = labels[s];
        if (label % width != thread % width) return;
        shared.of_label[place] = static_cast<double>(logits[at(s, label)]);
      });
      with_sample([&](int thread, int s, int place) {
        const Part all = joined(shared.part + place * width, width);
        shared.power[thread] = powers(s, thread % width, width, all.top);
      });
      with_sample([&](int thread, int s, int place) {
        double power = 0;
        for (int k = 0; k < width; ++k) power += shared.power[place * width + k];
        if (dlogits != nullptr) gradients(s, thread % width, width, power);
        if (thread % width != 0) return;
        const Part all = joined(shared.part + place * width, width);
        const double log_sum = all.top + std::log(power);
        LossSum& own = shared.sum[thread];
        own.loss += (1.0 - smoothing) * (log_sum - shared.of_label[place]);
        if (smoothing != 0) own.loss += share() * (classes * log_sum - all.total);
        if (all.comparable && all.best == labels[s]) ++own.correct;
      });
    }
    for (int half = threads / 2; half > 0; half /= 2) {
      block.each([&](int thread) {
        if (thread >= half) return;
        shared.sum[thread].loss += shared.sum[thread + half].loss;
        shared.sum[thread].correct += shared.sum[thread + half].correct;
      });
    }
    block.each_alone([&](int thread) {
      if (thread == 0) *sum = shared.sum[0];
    });
  }

 private:
  /// A power of two, such that each has four classes or, beyond a warp, more.
  TEPUI_HOST_DEVICE int threads_of_sample() const {
    int width = 1;
    while (width < warp_size && 4 * width < classes) width *= 2;
    return width;
  }
  TEPUI_HOST_DEVICE std::size_t at(int s, int k) const { return wide(s) * wide(classes) + wide(k); }
  TEPUI_HOST_DEVICE double share() const { return smoothing / classes; }

  TEPUI_HOST_DEVICE Part scores(int s, int lane, int width) const {
    Part part{static_cast<double>(logits[at(s, lane)]), 0.0, lane};
    for (int k = lane; k < classes; k += width) {
      const auto score = static_cast<double>(logits[at(s, k)]);
      part.comparable = part.comparable && score == score;
      part.total += score;
      if (score > part.top) {
        part.top = score;
        part.best = k;
      }
    }
    return part;
  }
  static TEPUI_HOST_DEVICE Part joined(const Part* parts, int width) {
    Part all = parts[0];
    for (int k = 1; k < width; ++k) {
      const Part& part = parts[k];
      all.comparable = all.comparable && part.comparable;
      all.total += part.total;
      if (part.top > all.top || (part.top == all.top && part.best < all.best)) {
        all.top = part.top;
        all.best = part.best;
      }
    }
    return all;
  }
  /// Leaves each power where its gradient will be.
  TEPUI_HOST_DEVICE double powers(int s, int lane, int width, double top) const {
    double sum = 0;
    for (int k = lane; k < classes; k += width) {
      const double power = std::exp(static_cast<double>(logits[at(s, k)]) - top);
      sum += power;
      if (dlogits != nullptr) dlogits[at(s, k)] = static_cast<T>(power);
    }
    return sum;
  }
  TEPUI_HOST_DEVICE void gradients(int s, int lane, int width, double power) const {
    const double norm = 1.0 / power;
    const double mean = 1.0 / static_cast<double>(batch);
    for (int k = lane; k < classes; k += width) {
      T& place = dlogits[at(s, k)];
      const double target = share() + (k == labels[s] ? 1.0 - smoothing : 0.0);
      place = static_cast<T>((static_cast<double>(place) * norm - target) * mean);
    }
  }
};

}  // namespace tepui::backend::cuda
