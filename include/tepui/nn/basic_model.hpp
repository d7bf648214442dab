#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "tepui/backend/backend.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/extent.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/nn/description.hpp"
#include "tepui/nn/detail/staging.hpp"
#include "tepui/nn/initialize.hpp"
#include "tepui/nn/pass.hpp"

namespace tepui::nn {

/// @brief What one batch cost the network.
struct BatchLoss {
  double loss_sum = 0;  ///< summed over the samples
  int correct = 0;      ///< samples whose largest score is at their label
  int samples = 0;

  [[nodiscard]] double mean_loss() const { return loss_sum / samples; }
};

/// @brief What Model and AnyModel have in common: weights, statistics, memory, and what is done
/// with them.
///
/// All memory is taken by the constructor; nothing is allocated afterwards. One trip at a time.
///
/// What callers hand in and get back lies in the processor's memory. On a device that means copies
/// (and memory for them, taken when they are first needed), so the library's own loops keep what
/// they need there and call the functions `..._there`.
/// @tparam Runner which network runs: its numbers, its two trips and its description
template <class Runner, Shape Input, int Classes, class T, class Backend>
class BasicModel {
  // As a plain constant, so that the compiler quotes the message and not the concept's insides.
  static constexpr bool is_backend = backend::Backend<Backend>;
  static_assert(
      is_backend,
      "network: the third argument must be a backend, with name, instructions, Buffer<T>, zeros, "
      "uninitialized, copy, fill, add and softmax_cross_entropy; see backend/backend.hpp");

 public:
  using Scalar = T;
  using BackendType = Backend;
  using PassType = Pass<Backend>;
  static constexpr Shape input = Input;
  static constexpr int classes = Classes;

  [[nodiscard]] int max_batch() const { return max_batch_; }
  [[nodiscard]] const Backend& backend() const { return backend_; }
  /// The flat parameter vector, in the order of describe(). On a device a copy as of this call;
  /// what is written to it counts from the next trip on, so ask again after each trip.
  [[nodiscard]] std::span<T> parameters() { return parameters_.span().first(runner_.parameters()); }
  [[nodiscard]] std::span<const T> parameters() const {
    return parameters_.span().first(runner_.parameters());
  }
  /// Running statistics; as for parameters().
  [[nodiscard]] std::span<T> buffers() { return buffers_.span().first(runner_.buffers()); }
  [[nodiscard]] std::span<const T> buffers() const {
    return buffers_.span().first(runner_.buffers());
  }
  [[nodiscard]] std::size_t parameter_count() const { return runner_.parameters(); }
  [[nodiscard]] std::size_t buffer_count() const { return runner_.buffers(); }
  /// @return the network's tensors in memory order; on a supernet those on the chosen path
  [[nodiscard]] Description describe(const std::uint8_t* choices = nullptr) const {
    Description d;
    describe(d, choices);
    return d;
  }
  /// The same into a description that was used before.
  void describe(Description& d, const std::uint8_t* choices) const { runner_.describe(d, choices); }
  /// Whether the network has a DropPath layer.
  [[nodiscard]] bool has_drop_path() const { return runner_.has_drop_path(); }

  /// @brief Draws new weights and forgets all statistics.
  void initialize(random::Key key, Initialization scheme = Initialization::kaiming_uniform) {
    const Description d = describe();
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
    const T* const scores =
        forward_there(pass, bring_images(images, pass.batch), weights_there(weights));
    return staging_.scores(backend_, scores, row.at(pass.batch));
  }

  /// @brief Forward trip and cross entropy.
  /// @param smoothing label smoothing in [0, 1): the target is (1 - s) on the label plus s /
  /// classes
  BatchLoss loss(PassType& pass, const T* images, const std::uint16_t* labels, double smoothing = 0,
                 const T* weights = nullptr) {
    loss_there(pass, bring_images(images, pass.batch), bring_labels(labels, pass.batch), smoothing,
               weights_there(weights), staging_.loss(backend_));
    return told(pass.batch);
  }

  /// @brief Forward trip, cross entropy and the gradient of its mean over the batch.
  /// @param gradient like parameters(); overwritten
  /// @throws SettingError if the batch is not within 1..max_batch, or the gradient has another
  /// length
  BatchLoss loss_and_gradient(PassType& pass, const T* images, const std::uint16_t* labels,
                              std::span<T> gradient, double smoothing = 0,
                              const T* weights = nullptr) {
    if (gradient.size() != runner_.parameters()) {
      throw SettingError("network: got room for a gradient of " + std::to_string(gradient.size()) +
                         " values, expected one for each of the " +
                         std::to_string(runner_.parameters()) + " parameters");
    }
    gradient_there(pass, bring_images(images, pass.batch), bring_labels(labels, pass.batch),
                   staging_.gradient(backend_, gradient), smoothing, weights_there(weights),
                   staging_.loss(backend_));
    staging_.fetch_gradient(gradient);
    return told(pass.batch);
  }

  /// @brief Scores of one normalised image (H, W, C); no allocation.
  std::span<const T> operator()(std::span<const T> image) {
    if (image.size() != input.size()) {
      throw SettingError("network: got an image of " + std::to_string(image.size()) +
                         " values, expected " + to_string(input) + " = " +
                         std::to_string(input.size()));
    }
    runner_.infer(backend_, data(bring_images(image.data(), 1), weights_or_own(nullptr)));
    return {staging_.scores(backend_, logits(), row.at(1)), static_cast<std::size_t>(classes)};
  }

  // The same where the backend computes: on a device, all pointers are into its memory and nothing
  // is waited for.

  /// What a loss is left in: `loss` summed over the samples, and `correct`.
  using LossSum = detail::LossOf<Backend>;

  [[nodiscard]] const T* parameters_there() const { return parameters_.data(); }
  /// To be written to.
  [[nodiscard]] T* parameters_there() { return parameters_.data(); }
  [[nodiscard]] T* buffers_there() { return buffers_.data(); }
  /// @return weights of the processor's memory (null: null) for trips, until the next call
  [[nodiscard]] const T* weights_there(const T* weights) {
    return staging_.weights(backend_, weights, runner_.parameters());
  }
  /// Room for the losses of some batches; fetch_losses() waits for them and brings them.
  [[nodiscard]] LossSum* losses_there(std::size_t batches) {
    return staging_.loss(backend_, batches);
  }
  [[nodiscard]] std::span<const LossSum> fetch_losses() const { return staging_.fetch_losses(); }
  /// @throws SettingError if the batch is not within 1..max_batch
  const T* forward_there(PassType& pass, const T* images, const T* weights) {
    check_batch(pass.batch);
    runner_.forward(pass, data(images, weights_or_own(weights)));
    return logits();
  }
  void loss_there(PassType& pass, const T* images, const std::uint16_t* labels, double smoothing,
                  const T* weights, LossSum* to) {
    score(pass, forward_there(pass, images, weights), labels, smoothing, nullptr, to);
  }
  void gradient_there(PassType& pass, const T* images, const std::uint16_t* labels, T* gradient,
                      double smoothing, const T* weights, LossSum* to) {
    const bool kept = std::exchange(pass.keeps, true);
    const T* const scores = forward_there(pass, images, weights);
    pass.keeps = kept;
    T* const dlogits = logits() + row.at(max_batch_);
    score(pass, scores, labels, smoothing, dlogits, to);
    backend_.fill(runner_.parameters(), T{0}, gradient);
    runner_.backward(pass, Backward<T>{.x = images,
                                       .dy = dlogits,
                                       .dx = nullptr,
                                       .parameters = weights_or_own(weights),
                                       .gradient = gradient,
                                       .saved = arena_.data(),
                                       .scratch = arena_.data() + runner_.saved().at(max_batch_)});
  }

 protected:
  BasicModel(Runner runner, int max_batch, Backend backend)
      : runner_(runner),
        max_batch_(checked(max_batch)),
        backend_(backend),
        parameters_(backend_.template zeros<T>(runner.parameters())),
        buffers_(backend_.template zeros<T>(runner.buffers())),
        arena_(backend_.template uninitialized<T>(elements(runner, max_batch))) {
    initialize_buffers(buffers(), describe());
  }
  /// @return of the arena
  static constexpr std::size_t elements(const Runner& runner, int max_batch) {
    return runner.saved().at(max_batch) + runner.scratch().at(max_batch) + 2 * row.at(max_batch);
  }
  /// Runs another network from now on, in a state as if this were new; takes memory only where what
  /// there is does not do.
  void run_with(Runner runner) {
    runner_ = runner;
    make_room(parameters_, runner.parameters());
    make_room(buffers_, runner.buffers());
    const std::size_t size = elements(runner, max_batch_);
    if (arena_.size() < size) arena_ = backend_.template uninitialized<T>(size);
    backend_.fill(runner.parameters(), T{0}, parameters_.data());
    initialize_buffers(buffers(), describe());
  }

 private:
  using Memory = typename Backend::template Buffer<T>;
  static constexpr Extent row{static_cast<std::size_t>(Classes), 0};

  Forward<T> data(const T* images, const T* weights) {
    return {.x = images,
            .y = logits(),
            .parameters = weights,
            .buffers = buffers_.data(),
            .saved = arena_.data(),
            .scratch = arena_.data() + runner_.saved().at(max_batch_)};
  }
  T* logits() {
    return arena_.data() + runner_.saved().at(max_batch_) + runner_.scratch().at(max_batch_);
  }
  void make_room(Memory& memory, std::size_t size) {
    if (memory.size() < size) memory = backend_.template zeros<T>(size);
  }
  const T* weights_or_own(const T* weights) const {
    return weights != nullptr ? weights : parameters_.data();
  }
  const T* bring_images(const T* images, int count) {
    return staging_.images(backend_, images, static_cast<std::size_t>(count) * input.size());
  }
  const std::uint16_t* bring_labels(const std::uint16_t* labels, int count) {
    return staging_.labels(backend_, labels, static_cast<std::size_t>(count));
  }
  BatchLoss told(int samples) const {
    const LossSum sum = staging_.fetch_loss();
    return {.loss_sum = sum.loss, .correct = sum.correct, .samples = samples};
  }
  static int checked(int max_batch) {
    if (max_batch < 1) {
      throw SettingError("network: got a batch size of " + std::to_string(max_batch) +
                         ", expected at least 1");
    }
    return max_batch;
  }
  void check_batch(int batch) const {
    if (batch >= 1 && batch <= max_batch_) return;
    throw SettingError("network: got a batch of " + std::to_string(batch) +
                       " images, but was made for 1 to " + std::to_string(max_batch_));
  }
  void score(PassType& pass, const T* scores, const std::uint16_t* labels, double smoothing,
             T* dlogits, LossSum* to) {
    if constexpr (backend::on_device<Backend>) {
      backend_.template softmax_cross_entropy_to<classes>(to, pass.batch, scores, labels, smoothing,
                                                          dlogits);
    } else {
      backend_.template softmax_cross_entropy<classes>(pass.batch, scores, labels, smoothing,
                                                       dlogits, &to->loss, &to->correct);
    }
  }

  [[no_unique_address]] Runner runner_;
  int max_batch_;
  Backend backend_;
  Memory parameters_;
  Memory buffers_;
  Memory arena_;  ///< saved, scratch, scores and the gradient by the scores
  detail::Staging<T, Backend> staging_;
};

}  // namespace tepui::nn
