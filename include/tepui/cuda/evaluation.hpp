#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "tepui/backend/cuda/backend.hpp"
#include "tepui/train/evaluation_set.hpp"

namespace tepui::train::detail {

/// On a device: the images are copied there once for each model, all batches are put into its
/// queue, and the losses are waited for at the end.
template <class Backend>
requires backend::on_device<Backend>
struct EvaluationOn<Backend> {
  /// @param weights in the processor's memory, or null
  template <class Model, class T, Shape S>
  static Evaluation run(Model& model, const EvaluationSet<T, S>& set, const std::uint8_t* choices,
                        const T* weights) {
    return run_there(model, set, choices, model.weights_there(weights));
  }
  /// @param weights on the device, or null
  template <class Model, class T, Shape S>
  static Evaluation run_there(Model& model, const EvaluationSet<T, S>& set,
                              const std::uint8_t* choices, const T* weights) {
    const auto losses = for_each_batch(model, set, [&](const auto& batch, auto* to) {
      auto pass = model.pass(batch.size, choices);
      model.loss_there(pass, batch.images, batch.labels, 0, weights, to);
    });
    EvaluationSums sums;
    for (const nn::BatchLoss& loss : losses) sums.add(loss);
    return sums.means();
  }
  /// The gradient is added up on the device and fetched at the end.
  template <class Model, class T, Shape S>
  static double gradient(Model& model, const EvaluationSet<T, S>& set, const std::uint8_t* choices,
                         const T* weights, std::span<T> gradient) {
    const auto& backend = model.backend();
    auto sum = backend.template zeros<T>(gradient.size());
    auto of_a_batch = backend.template uninitialized<T>(gradient.size());
    const T* const there = model.weights_there(weights);
    const auto losses = for_each_batch(model, set, [&](const auto& batch, auto* to) {
      auto pass = model.pass(batch.size, choices);
      model.gradient_there(pass, batch.images, batch.labels, of_a_batch.data(), 0, there, to);
      const auto part =
          static_cast<T>(static_cast<double>(batch.size) / static_cast<double>(set.size()));
      backend.add_scaled(gradient.size(), part, of_a_batch.data(), sum.data());
    });
    double loss_sum = 0;
    for (const nn::BatchLoss& loss : losses) loss_sum += loss.loss_sum;
    const auto fetched = std::as_const(sum).span();
    std::copy(fetched.begin(), fetched.end(), gradient.begin());
    return loss_sum / static_cast<double>(set.size());
  }

 private:
  /// launch(batch, to) for every batch, all of it on the device.
  /// @return what they left at `to`
  template <class Model, class T, Shape S, class Launch>
  static std::vector<nn::BatchLoss> for_each_batch(Model& model, const EvaluationSet<T, S>& set,
                                                   Launch&& launch) {
    const auto& device = model.backend().device();
    const auto images = device.kept(2 * set.id(), set.images().data(), set.images().size_bytes());
    const auto labels =
        device.kept(2 * set.id() + 1, set.labels().data(), set.labels().size_bytes());
    const auto batch = static_cast<std::size_t>(set.batch());
    std::vector<nn::BatchLoss> losses((set.size() + batch - 1) / batch);
    auto* const to = model.losses_there(losses.size());
    std::size_t next = 0;
    set.for_each_batch_of(
        static_cast<const T*>(images.get()), static_cast<const std::uint16_t*>(labels.get()),
        [&](const T* some, const std::uint16_t* their_labels, int count) {
          launch(data::Batch<T>{.images = some, .labels = their_labels, .size = count}, to + next);
          losses[next++].samples = count;
        });
    const auto sums = model.fetch_losses();
    for (std::size_t b = 0; b < losses.size(); ++b) {
      losses[b].loss_sum = sums[b].loss;
      losses[b].correct = sums[b].correct;
    }
    return losses;
  }
};

}  // namespace tepui::train::detail
