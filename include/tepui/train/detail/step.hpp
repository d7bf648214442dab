#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tepui/backend/backend.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/parameter.hpp"
#include "tepui/core/random.hpp"
#include "tepui/data/loader.hpp"
#include "tepui/nn/basic_model.hpp"
#include "tepui/optim/detail/vector_sums.hpp"
#include "tepui/optim/optimizer.hpp"
#include "tepui/train/detail/step_message.hpp"

namespace tepui::train::detail {

/// What the training loop says of one step.
struct StepSettings {
  StepPlace place{};
  const std::uint8_t* choices = nullptr;  ///< path, or null
  double learning_rate_factor = 1;
  double drop_path = 0;
  double label_smoothing = 0;
  random::Key noise{};  ///< of what is stochastic
};

/// What stands in a pass of a training step.
template <class Pass>
void prepare(Pass& pass, const StepSettings& settings) {
  pass.stochastic = true;
  pass.drop_path = settings.drop_path;
  pass.noise = settings.noise;
}
/// The part of it that changes between the visits of one step.
template <class Pass>
void prepare(Pass& pass, optim::Visit visit) {
  pass.statistics =
      visit == optim::Visit::first ? nn::Statistics::batch_and_track : nn::Statistics::batch;
  pass.noise_users = 0;  // both visits of a step see the same masks
}

/// The tensors of a path, looked up again only where the path is another one.
class PathTensors {
 public:
  template <class Model>
  explicit PathTensors(const Model& model) {
    describe(model, nullptr);
  }
  template <class Model>
  void use(const Model& model, const std::uint8_t* choices) {
    if (choices == nullptr && !on_path_) return;
    describe(model, choices);
  }
  [[nodiscard]] std::span<const ParameterInfo> tensors() const { return description_.parameters; }
  [[nodiscard]] std::span<const ParameterRange> active() const { return active_; }
  /// See nn::Description: which path it is.
  [[nodiscard]] std::span<const std::uint16_t> taken() const { return description_.taken; }

 private:
  template <class Model>
  void describe(const Model& model, const std::uint8_t* choices) {
    model.describe(description_, choices);
    write_ranges(description_.parameters, active_);
    on_path_ = choices != nullptr;
  }
  nn::Description description_;
  std::vector<ParameterRange> active_;
  bool on_path_ = false;
};

/// Takes the steps of a training where the model computes; for devices see tepui/cuda.hpp.
template <class Backend>
struct StepsOn {
  static constexpr bool on_processor = !backend::on_device<Backend>;
  static_assert(on_processor, "training on a device: include tepui/cuda.hpp");

  template <class Model, class Optimizer, Shape S>
  class Of {
    using T = typename Model::Scalar;

   public:
    /// @param undo whether a step that is given up leaves the statistics as they were
    Of(Model& model, const Optimizer& optimizer, data::Loader<T, S>& loader, bool undo)
        : model_(model),
          optimizer_(optimizer),
          loader_(loader),
          undo_(undo),
          state_(optimizer.template start<T>(model.parameters().size())),
          gradient_(model.parameters().size()),
          path_(model) {}

    void start_epoch(std::uint64_t epoch) { loader_.start_epoch(epoch); }
    /// @return samples of the next step, 0 at the end of the epoch
    int next() {
      batch_ = loader_.next();
      return batch_.size;
    }
    /// @return the loss at the weights before the step
    /// @throws DivergenceError if a loss or gradient is not finite; the weights are then as before
    nn::BatchLoss take(const StepSettings& settings) {
      path_.use(model_, settings.choices);
      auto pass = model_.pass(batch_.size, settings.choices);
      prepare(pass, settings);
      nn::BatchLoss first{};
      const auto objective = [&](optim::Visit visit) {
        prepare(pass, visit);
        const nn::BatchLoss loss = model_.loss_and_gradient(pass, batch_.images, batch_.labels,
                                                            gradient_, settings.label_smoothing);
        if (visit == optim::Visit::first) first = loss;
        using optim::detail::StepFault;
        require_finite(loss.loss_sum, StepFault::loss, settings.place);
        require_finite(
            optim::HostVectors::sum(path_.active(), optim::detail::Zeros<T>{gradient_.data()}),
            StepFault::gradient, settings.place);
        return loss.mean_loss();
      };
      const optim::Target<T> target{.weights = model_.parameters(),
                                    .gradient = gradient_,
                                    .tensors = path_.tensors(),
                                    .active = path_.active(),
                                    .learning_rate_factor = settings.learning_rate_factor};
      if (undo_) statistics_.assign(model_.buffers().begin(), model_.buffers().end());
      try {
        optim::take_step(optimizer_, state_, target, objective);
      } catch (const DivergenceError&) {
        if (undo_) std::copy(statistics_.begin(), statistics_.end(), model_.buffers().begin());
        throw;
      }
      return first;
    }

   private:
    static void require_finite(double value, optim::detail::StepFault fault, StepPlace place) {
      if (!std::isfinite(value)) throw DivergenceError(message(fault, value, value, place));
    }

    Model& model_;
    const Optimizer& optimizer_;
    data::Loader<T, S>& loader_;
    bool undo_;
    typename Optimizer::template State<T> state_;
    std::vector<T> gradient_;
    std::vector<T> statistics_;  ///< before the step
    PathTensors path_;
    data::Batch<T> batch_;
  };
};

}  // namespace tepui::train::detail
