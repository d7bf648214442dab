#pragma once

#include <cstddef>
#include <cstdint>

#include "tepui/backend/cuda/backend.hpp"
#include "tepui/train/evaluation_set.hpp"

namespace tepui::train::detail {

/// On a device: the images are copied there once for each model, all batches are put into its queue,
/// and the losses are waited for at the end.
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
    const auto& device = model.backend().device();
    const auto images =
        device.kept(2 * set.id(), set.images().data(), set.images().size_bytes());
    const auto labels =
        device.kept(2 * set.id() + 1, set.labels().data(), set.labels().size_bytes());
    const auto batch = static_cast<std::size_t>(set.batch());
    const std::size_t batches = (set.size() + batch - 1) / batch;
    auto* to = model.losses_there(batches);
    set.for_each_batch_of(static_cast<const T*>(images.get()),
                          static_cast<const std::uint16_t*>(labels.get()),
                          [&](const T* some, const std::uint16_t* their_labels, int count) {
                            auto pass = model.pass(count, choices);
                            model.loss_there(pass, some, their_labels, 0, weights, to++);
                          });
    EvaluationSums sums;
    const auto losses = model.fetch_losses();
    for (std::size_t b = 0; b < batches; ++b) {
      const std::size_t left = set.size() - b * batch;
      sums.add({losses[b].loss, losses[b].correct, static_cast<int>(left < batch ? left : batch)});
    }
    return sums.means();
  }
};

}  // namespace tepui::train::detail
