#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "tepui/backend/backend.hpp"
#include "tepui/backend/cpu.hpp"
#include "tepui/core/error.hpp"
#include "tepui/nn/initialize.hpp"
#include "tepui/nn/network.hpp"

namespace tepui::nn {

/// @brief What one batch cost the network.
struct BatchLoss {
  double loss_sum = 0;  ///< summed over the samples
  int correct = 0;      ///< samples whose largest score is at their label
  int samples = 0;

  [[nodiscard]] double mean_loss() const { return loss_sum / samples; }
};

/// @brief A network with weights, statistics and memory: what runs.
///
/// All memory is taken by the constructor; nothing is allocated afterwards. One trip at a time.
/// @tparam Network an architecture or a space's supernet (nn::Network<...>)
/// @tparam T       float or double
template <class Network, class T = float, class Backend = backend::Cpu>
class Model {
  // As a plain constant, so that the compiler quotes the message and not the concept's insides.
  static constexpr bool is_backend = backend::Backend<Backend>;
  static_assert(
      is_backend,
      "network: the third argument must be a backend, with name, instructions, Buffer<T>, "
      "copy, fill, add and softmax_cross_entropy; see backend/backend.hpp");

 public:
  using Architecture = Network;
  using Scalar = T;
  using BackendType = Backend;
  using PassType = Pass<Backend>;
  static constexpr Shape input = Network::input;
  static constexpr int classes = static_cast<int>(Network::output.size());

  /// @param max_batch largest number of samples in one trip, >= 1
  /// @throws SettingError if max_batch < 1
  explicit Model(int max_batch = 1, Backend backend = {})
      : max_batch_(checked(max_batch)),
        backend_(backend),
        parameters_(Network::parameters),
        buffers_(Network::buffers),
        arena_(Memory::uninitialized(arena_size(max_batch))) {
    initialize_buffers(buffers_.span(), Network::describe());
  }

  [[nodiscard]] int max_batch() const { return max_batch_; }
  /// @return elements of T that all activations, workspaces and scores take together
  [[nodiscard]] static constexpr std::size_t arena_size(int max_batch) {
    return saved.at(max_batch) + scratch.at(max_batch) + 2 * scores.at(max_batch);
  }
  /// The flat parameter vector, in the order of Network::describe().
  [[nodiscard]] std::span<T> parameters() { return parameters_.span(); }
  [[nodiscard]] std::span<const T> parameters() const { return parameters_.span(); }
  /// Running statistics.
  [[nodiscard]] std::span<T> buffers() { return buffers_.span(); }
  [[nodiscard]] std::span<const T> buffers() const { return buffers_.span(); }

  /// @brief Draws new weights and forgets all statistics.
  void initialize(random::Key key, Initialization scheme = Initialization::kaiming_uniform) {
    const Description d = Network::describe();
    initialize_parameters(parameters(), d, key, scheme);
    initialize_buffers(buffers(), d);
  }

  /// @return a pass in inference mode
  [[nodiscard]] PassType pass(int batch, const std::uint8_t* choices = nullptr) {
    return {.backend = backend_, .batch = batch, .keeps = false, .choices = choices};
  }

  /// @brief Scores of a batch: one row of `classes` numbers a sample, valid until the next trip.
  /// @param images  (N, H, W, C), N = pass.batch
  /// @param weights a vector like parameters(), which it replaces for this trip; null: parameters()
  /// @throws SettingError if the batch is not within 1..max_batch
  const T* forward(PassType& pass, const T* images, const T* weights = nullptr) {
    if (pass.batch < 1 || pass.batch > max_batch_) {
      throw SettingError("network: got a batch of " + std::to_string(pass.batch) +
                         " images, but was made for 1 to " + std::to_string(max_batch_));
    }
    return run(pass, images, weights != nullptr ? weights : parameters_.data());
  }

  /// @brief Forward trip and cross entropy.
  /// @param smoothing label smoothing in [0, 1): the target is (1 - s) on the label plus s /
  /// classes
  BatchLoss loss(PassType& pass, const T* images, const std::uint16_t* labels, double smoothing = 0,
                 const T* weights = nullptr) {
    return score(pass, forward(pass, images, weights), labels, smoothing, nullptr);
  }

  /// @brief Forward trip, cross entropy and the gradient of its mean over the batch.
  /// @param gradient like parameters(); overwritten
  /// @throws SettingError if the batch is not within 1..max_batch, or the gradient has another
  /// length
  BatchLoss loss_and_gradient(PassType& pass, const T* images, const std::uint16_t* labels,
                              std::span<T> gradient, double smoothing = 0,
                              const T* weights = nullptr) {
    if (gradient.size() != Network::parameters) {
      throw SettingError("network: got room for a gradient of " + std::to_string(gradient.size()) +
                         " values, expected one for each of the " +
                         std::to_string(Network::parameters) + " parameters");
    }
    const bool kept = std::exchange(pass.keeps, true);
    const T* scores = forward(pass, images, weights);
    pass.keeps = kept;
    T* const dlogits = logits() + Model::scores.at(max_batch_);
    const BatchLoss result = score(pass, scores, labels, smoothing, dlogits);
    backend_.fill(gradient.size(), T{0}, gradient.data());
    Body::template backward<input>(
        pass, Backward<T>{.x = images,
                          .dy = dlogits,
                          .dx = nullptr,
                          .parameters = weights != nullptr ? weights : parameters_.data(),
                          .gradient = gradient.data(),
                          .saved = arena_.data(),
                          .scratch = arena_.data() + saved.at(max_batch_)});
    return result;
  }

  /// @brief Scores of one normalised image (H, W, C); no allocation.
  std::span<const T> operator()(std::span<const T> image) {
    if (image.size() != input.size()) {
      throw SettingError("network: got an image of " + std::to_string(image.size()) +
                         " values, expected " + to_string(input) + " = " +
                         std::to_string(input.size()));
    }
    InferenceOnly<Backend> backend(backend_);
    Pass<InferenceOnly<Backend>> one{.backend = backend, .keeps = false};
    return {run(one, image.data(), parameters_.data()), static_cast<std::size_t>(classes)};
  }

 private:
  using Body = typename Network::Body;
  using Memory = typename Backend::template Buffer<T>;
  static constexpr Extent saved = Body::saved(input);
  static constexpr Extent scratch = Body::template scratch<input, Backend>();
  static constexpr Extent scores{Network::output.size(), 0};

  template <class AnyPass>
  const T* run(AnyPass& pass, const T* images, const T* weights) {
    Body::template forward<input>(pass,
                                  Forward<T>{.x = images,
                                             .y = logits(),
                                             .parameters = weights,
                                             .buffers = buffers_.data(),
                                             .saved = arena_.data(),
                                             .scratch = arena_.data() + saved.at(max_batch_)});
    return logits();
  }
  T* logits() { return arena_.data() + saved.at(max_batch_) + scratch.at(max_batch_); }

  static int checked(int max_batch) {
    if (max_batch < 1) {
      throw SettingError("network: got a batch size of " + std::to_string(max_batch) +
                         ", expected at least 1");
    }
    return max_batch;
  }
  BatchLoss score(PassType& pass, const T* scores, const std::uint16_t* labels, double smoothing,
                  T* dlogits) {
    BatchLoss result{.samples = pass.batch};
    backend_.template softmax_cross_entropy<classes>(pass.batch, scores, labels, smoothing, dlogits,
                                                     &result.loss_sum, &result.correct);
    return result;
  }

  int max_batch_;
  Backend backend_;
  Memory parameters_;
  Memory buffers_;
  Memory arena_;  ///< saved, scratch, scores and the gradient by the scores
};

}  // namespace tepui::nn
