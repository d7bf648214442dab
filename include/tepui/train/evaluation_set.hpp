#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/landscape.hpp"
#include "tepui/data/loader.hpp"
#include "tepui/nn/model.hpp"

namespace tepui::train {

/// @brief Normalised images in a fixed order, kept in memory: what models are measured on.
///
/// Every evaluation sees the same samples in the same batches.
template <class T, Shape S>
class EvaluationSet {
 public:
  /// @param indices positions in `images`; all of them are used, in this order
  /// @param batch   samples of one trip, >= 1; the last batch may be smaller
  /// @throws SettingError if there are no samples or the batch is not positive
  EvaluationSet(const data::Images<S>& images, std::span<const std::uint32_t> indices,
                const data::Normalization<S.channels>& normalization, int batch)
      : pixels_(indices.size() * S.size()), labels_(indices.size()), batch_(batch) {
    if (indices.empty() || batch < 1) {
      throw SettingError("evaluation: got " + std::to_string(indices.size()) +
                         " images in batches of " + std::to_string(batch) +
                         ", expected at least 1 of each");
    }
    const data::PixelTable<T, S.channels> table(normalization);
    data::fill_batch(images, indices, table, pixels_.data(), labels_.data());
  }

  [[nodiscard]] std::size_t size() const { return labels_.size(); }
  [[nodiscard]] int batch() const { return batch_; }

  /// Calls visit(images, labels, count) for every batch in order.
  template <class Visit>
  void for_each_batch(Visit&& visit) const {
    for (std::size_t first = 0; first < size(); first += static_cast<std::size_t>(batch_)) {
      const auto count = std::min(static_cast<std::size_t>(batch_), size() - first);
      visit(pixels_.data() + first * S.size(), labels_.data() + first, static_cast<int>(count));
    }
  }

 private:
  std::vector<T> pixels_;
  std::vector<std::uint16_t> labels_;
  int batch_;
};

/// @brief Loss and accuracy of a model in inference mode.
/// @param choices path on a supernet, or null
/// @param weights instead of the model's own, or null
template <class Model, class T, Shape S>
[[nodiscard]] Evaluation evaluate(Model& model, const EvaluationSet<T, S>& set,
                                  const std::uint8_t* choices = nullptr,
                                  const T* weights = nullptr) {
  Evaluation result;
  double batches = 0;
  double correct = 0;
  set.for_each_batch([&](const T* images, const std::uint16_t* labels, int count) {
    auto pass = model.pass(count, choices);
    const nn::BatchLoss loss = model.loss(pass, images, labels, 0, weights);
    result.loss += loss.mean_loss();
    result.loss_per_sample += loss.loss_sum;
    correct += loss.correct;
    batches += 1;
  });
  const auto samples = static_cast<double>(set.size());
  result.loss /= batches;
  result.loss_per_sample /= samples;
  result.accuracy = correct / samples;
  result.samples = set.size();
  return result;
}

}  // namespace tepui::train
