#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/id.hpp"
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
  /// (size, height, width, channels)
  [[nodiscard]] std::span<const T> images() const { return pixels_; }
  [[nodiscard]] std::span<const std::uint16_t> labels() const { return labels_; }
  /// Another number for every set that was ever made; copies share it.
  [[nodiscard]] std::uint64_t id() const { return id_; }

  /// Calls visit(images, labels, count) for every batch in order.
  template <class Visit>
  void for_each_batch(Visit&& visit) const {
    for_each_batch_of(pixels_.data(), labels_.data(), visit);
  }
  /// The same with images and labels that lie elsewhere.
  template <class Visit>
  void for_each_batch_of(const T* images, const std::uint16_t* labels, Visit&& visit) const {
    for (std::size_t first = 0; first < size(); first += static_cast<std::size_t>(batch_)) {
      const auto count = std::min(static_cast<std::size_t>(batch_), size() - first);
      visit(images + first * S.size(), labels + first, static_cast<int>(count));
    }
  }

 private:
  std::vector<T> pixels_;
  std::vector<std::uint16_t> labels_;
  int batch_;
  std::uint64_t id_ = next_id();
};

namespace detail {

/// Adds up what the batches of an evaluation cost.
class EvaluationSums {
 public:
  void add(const nn::BatchLoss& loss) {
    loss_ += loss.mean_loss();
    loss_sum_ += loss.loss_sum;
    correct_ += loss.correct;
    samples_ += loss.samples;
    batches_ += 1;
  }
  [[nodiscard]] Evaluation means() const {
    Evaluation result;
    result.loss = loss_ / batches_;
    result.loss_per_sample = loss_sum_ / samples_;
    result.accuracy = correct_ / samples_;
    result.samples = static_cast<std::size_t>(samples_);
    return result;
  }

 private:
  double loss_ = 0, loss_sum_ = 0, correct_ = 0, samples_ = 0, batches_ = 0;
};

/// An evaluation where the model computes; for devices see tepui/cuda.hpp.
template <class Backend>
struct EvaluationOn {
  static constexpr bool on_processor = !backend::on_device<Backend>;
  static_assert(on_processor, "evaluation on a device: include tepui/cuda.hpp");

  template <class Model, class T, Shape S>
  static Evaluation run(Model& model, const EvaluationSet<T, S>& set, const std::uint8_t* choices,
                        const T* weights) {
    EvaluationSums sums;
    set.for_each_batch([&](const T* images, const std::uint16_t* labels, int count) {
      auto pass = model.pass(count, choices);
      sums.add(model.loss(pass, images, labels, 0, weights));
    });
    return sums.means();
  }
  /// The mean loss over the samples and its gradient, statistics held fixed.
  template <class Model, class T, Shape S>
  static double gradient(Model& model, const EvaluationSet<T, S>& set, const std::uint8_t* choices,
                         const T* weights, std::span<T> gradient) {
    std::vector<T> of_a_batch(gradient.size());
    std::fill(gradient.begin(), gradient.end(), T{0});
    double loss_sum = 0;
    set.for_each_batch([&](const T* images, const std::uint16_t* labels, int count) {
      auto pass = model.pass(count, choices);
      loss_sum += model.loss_and_gradient(pass, images, labels, of_a_batch, 0, weights).loss_sum;
      const auto part =
          static_cast<T>(static_cast<double>(count) / static_cast<double>(set.size()));
      for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += part * of_a_batch[i];
    });
    return loss_sum / static_cast<double>(set.size());
  }
};

}  // namespace detail

/// @brief Loss and accuracy of a model in inference mode.
/// @param choices path on a supernet, or null
/// @param weights instead of the model's own, or null
template <class Model, class T, Shape S>
[[nodiscard]] Evaluation evaluate(Model& model, const EvaluationSet<T, S>& set,
                                  const std::uint8_t* choices = nullptr,
                                  const T* weights = nullptr) {
  using Backend = typename backend::BackendOf<Model>::Type;
  return detail::EvaluationOn<Backend>::run(model, set, choices, weights);
}

}  // namespace tepui::train
