#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "tepui/backend/cuda/backend.hpp"
#include "tepui/core/error.hpp"
#include "tepui/cuda/batches.hpp"
#include "tepui/cuda/device_vectors.hpp"
#include "tepui/optim/optimizer.hpp"
#include "tepui/train/detail/step.hpp"

namespace tepui::cuda {

/// @brief Training steps that lie on the device as a whole: augmentation, trips, optimizer.
///
/// All that changes from step to step is written into the device's memory before (place of the
/// batch, learning rate), so a step is the same sequence of kernels each time it takes the same
/// path with the same number of samples. The second time it does, the sequence is recorded, and
/// from then on launched as one. Networks that draw (dropout, drop path) are not recorded: their
/// kernels take other arguments each step. The processor waits once a step, for the loss.
template <class Model, class Optimizer, Shape S>
class ResidentSteps {
  using T = typename Model::Scalar;
  using D = typename Model::BackendType::DeviceType;
  using Vectors = DeviceVectors<D>;
  using StepSettings = train::detail::StepSettings;

 public:
  ResidentSteps(Model& model, const Optimizer& optimizer, data::Loader<T, S>& loader, bool undo)
      : model_(model),
        optimizer_(optimizer),
        batches_(model.backend().device(), loader),
        workspace_(device(), model.parameter_count(), most_tensors(model)),
        vectors_(device(), workspace_),
        factor_(backend::cuda::Memory<double, D>::uninitialized(device(), 1)),
        gradient_(model.backend().template uninitialized<T>(parameters())),
        statistics_(model.backend().template uninitialized<T>(undo ? model.buffer_count() : 0)),
        state_(optimizer.template start<T>(parameters(), vectors_)),
        path_(model),
        draws_(model.has_drop_path()) {}

  ResidentSteps(const ResidentSteps&) = delete;  // passes know the workspace by its address
  ResidentSteps& operator=(const ResidentSteps&) = delete;

  void start_epoch(std::uint64_t epoch) { batches_.start_epoch(epoch); }
  int next() { return batch_ = batches_.next(); }

  nn::BatchLoss take(const StepSettings& settings) {
    device().copy_in(factor_.data(), &settings.learning_rate_factor, sizeof(double));
    // what was written on the processor is brought to the device now, and not while recording
    (void)model_.parameters_there();
    (void)model_.buffers_there();
    Sequence& sequence = sequence_of(settings.choices);
    if (sequence.recording) {
      device().replay(*sequence.recording);
    } else if (sequence.seen && !draws_) {
      sequence.recording.emplace(device().record([&] { launch(settings, sequence); }));
      device().replay(*sequence.recording);
    } else {
      launch(settings, sequence);
      sequence.seen = true;
    }
    StepRecord record;
    device().copy_out(&record, vectors_.record(), sizeof record);
    const nn::BatchLoss first{record.first.loss, record.first.correct, batch_};
    if (record.fault != optim::detail::StepFault::none) {
      throw DivergenceError(
          train::detail::message(record.fault, record.value, first.mean_loss(), settings.place));
    }
    return first;
  }

 private:
  /// Steps along one path with one number of samples.
  struct Sequence {
    std::vector<std::uint16_t> taken;
    int batch = 0;
    PiecesOf<D> tensors;
    PiecesOf<D> active;
    bool seen = false;
    std::optional<typename D::Recording> recording{};
  };
  /// A recording takes about a megabyte; more paths than this are launched kernel by kernel.
  static constexpr std::size_t most_sequences = 256;

  const D& device() const { return model_.backend().device(); }
  std::size_t parameters() const { return model_.parameter_count(); }
  static std::size_t most_tensors(const Model& model) { return model.describe().parameters.size(); }

  /// The sequence that was used last comes first; the one that was not used for longest goes.
  Sequence& sequence_of(const std::uint8_t* choices) {
    path_.use(model_, choices);
    const auto found = std::find_if(sequences_.begin(), sequences_.end(), [&](const Sequence& s) {
      return s.batch == batch_ && std::ranges::equal(s.taken, path_.taken());
    });
    if (found != sequences_.end()) {
      sequences_.splice(sequences_.begin(), sequences_, found);
      return sequences_.front();
    }
    sequences_.push_front(Sequence{.taken = {path_.taken().begin(), path_.taken().end()},
                                   .batch = batch_,
                                   .tensors = {device(), path_.tensors()},
                                   .active = {device(), path_.active()}});
    if (sequences_.size() > most_sequences) sequences_.pop_back();
    return sequences_.front();
  }

  /// The whole step.
  void launch(const StepSettings& settings, Sequence& sequence) {
    using optim::detail::StepFault;
    vectors_.begin();
    batches_.make(batch_);
    if (statistics_.size() != 0) {
      model_.backend().copy(statistics_.size(), static_cast<const T*>(model_.buffers_there()),
                            statistics_.data());
    }
    auto pass = model_.pass(batch_, settings.choices);
    train::detail::prepare(pass, settings);
    const optim::Target<T, Vectors> target{.weights = {model_.parameters_there(), parameters()},
                                           .gradient = {gradient_.data(), parameters()},
                                           .tensors = sequence.tensors.view(),
                                           .active = sequence.active.view(),
                                           .learning_rate_factor = DeviceValue{factor_.data()},
                                           .vectors = vectors_};
    const auto objective = [&](optim::Visit visit) {
      train::detail::prepare(pass, visit);
      StepRecord* const record = vectors_.record();
      auto* const sum = visit == optim::Visit::first ? &record->first : &record->again;
      model_.gradient_there(pass, batches_.images(), batches_.labels(), gradient_.data(),
                            settings.label_smoothing, nullptr, sum);
      const DeviceValue loss{&sum->loss};
      vectors_.require_finite(loss, StepFault::loss, loss);
      const DeviceValue zero =
          vectors_.sum(target.active, optim::detail::Zeros<T>{gradient_.data()});
      vectors_.require_finite(zero, StepFault::gradient, loss);
      return loss;
    };
    optim::take_step(optimizer_, state_, target, objective);
    draws_ = draws_ || pass.noise_users != 0;
    if (statistics_.size() != 0) {
      CopyIfFaulty<T> undo{.record = vectors_.record(),
                           .n = statistics_.size(),
                           .x = statistics_.data(),
                           .y = model_.buffers_there()};
      const backend::cuda::Grid grid = backend::cuda::grid_for(undo.n, undo.threads);
      undo.blocks = grid.x;
      device().launch(undo, grid);
    }
  }

  Model& model_;
  const Optimizer& optimizer_;
  BatchMaker<D, T, S> batches_;
  typename Vectors::Workspace workspace_;
  Vectors vectors_;
  backend::cuda::Memory<double, D> factor_;
  backend::cuda::Memory<T, D> gradient_;
  backend::cuda::Memory<T, D> statistics_;  ///< before the step, where it can be undone
  typename Optimizer::template State<T, Vectors> state_;
  train::detail::PathTensors path_;
  std::list<Sequence> sequences_;
  bool draws_;  ///< something is drawn in a trip, or will be: drop path begins with probability 0
  int batch_ = 0;
};

/// @brief Steps of an optimizer that knows the processor alone: trips run on the device, gradients
/// are fetched, and the rule changes weights in the processor's memory.
template <class Model, class Optimizer, Shape S>
class FetchingSteps {
  using T = typename Model::Scalar;
  using D = typename Model::BackendType::DeviceType;
  using StepSettings = train::detail::StepSettings;

 public:
  FetchingSteps(Model& model, const Optimizer& optimizer, data::Loader<T, S>& loader, bool undo)
      : model_(model),
        optimizer_(optimizer),
        batches_(model.backend().device(), loader),
        there_(model.backend().template uninitialized<T>(model.parameter_count())),
        sum_(model.backend().template uninitialized<LossSum>(1)),
        gradient_(there_.size()),
        state_(optimizer.template start<T>(there_.size())),
        path_(model),
        undo_(undo) {}

  void start_epoch(std::uint64_t epoch) { batches_.start_epoch(epoch); }
  int next() { return batch_ = batches_.next(); }

  nn::BatchLoss take(const StepSettings& settings) {
    using optim::detail::StepFault;
    path_.use(model_, settings.choices);
    batches_.make(batch_);
    if (undo_) {
      const auto statistics = std::as_const(model_).buffers();
      statistics_.assign(statistics.begin(), statistics.end());
    }
    auto pass = model_.pass(batch_, settings.choices);
    train::detail::prepare(pass, settings);
    nn::BatchLoss first{};
    const auto objective = [&](optim::Visit visit) {
      train::detail::prepare(pass, visit);
      (void)model_.parameters();  // the rule may have written to them
      model_.gradient_there(pass, batches_.images(), batches_.labels(), there_.data(),
                            settings.label_smoothing, nullptr, sum_.data());
      const auto fetched = std::as_const(there_).span();
      std::copy(fetched.begin(), fetched.end(), gradient_.begin());
      const LossSum sum = std::as_const(sum_).span().front();
      const nn::BatchLoss loss{sum.loss, sum.correct, batch_};
      if (visit == optim::Visit::first) first = loss;
      require_finite(loss.loss_sum, StepFault::loss, settings);
      require_finite(
          optim::HostVectors::sum(path_.active(), optim::detail::Zeros<T>{gradient_.data()}),
          StepFault::gradient, settings);
      return loss.mean_loss();
    };
    const optim::Target<T> target{.weights = model_.parameters(),
                                  .gradient = gradient_,
                                  .tensors = path_.tensors(),
                                  .active = path_.active(),
                                  .learning_rate_factor = settings.learning_rate_factor};
    // (asking for the parameters says that the rule has written to them)
    try {
      optim::take_step(optimizer_, state_, target, objective);
    } catch (const DivergenceError&) {
      (void)model_.parameters();
      if (undo_) std::copy(statistics_.begin(), statistics_.end(), model_.buffers().begin());
      throw;
    }
    (void)model_.parameters();
    return first;
  }

 private:
  using LossSum = backend::cuda::LossSum;

  static void require_finite(double value, optim::detail::StepFault fault,
                             const StepSettings& settings) {
    if (std::isfinite(value)) return;
    throw DivergenceError(train::detail::message(fault, value, value, settings.place));
  }

  Model& model_;
  const Optimizer& optimizer_;
  BatchMaker<D, T, S> batches_;
  backend::cuda::Memory<T, D> there_;  ///< the gradient
  backend::cuda::Memory<LossSum, D> sum_;
  std::vector<T> gradient_;
  typename Optimizer::template State<T> state_;
  train::detail::PathTensors path_;
  std::vector<T> statistics_;
  bool undo_;
  int batch_ = 0;
};

}  // namespace tepui::cuda

namespace tepui::train::detail {

template <class Backend>
requires backend::on_device<Backend>
struct StepsOn<Backend> {
  template <class Model, class Optimizer, Shape S>
  using Of =
      std::conditional_t<optim::RunsOn<Optimizer, typename Model::Scalar,
                                       tepui::cuda::DeviceVectors<typename Backend::DeviceType>>,
                         tepui::cuda::ResidentSteps<Model, Optimizer, S>,
                         tepui::cuda::FetchingSteps<Model, Optimizer, S>>;
};

}  // namespace tepui::train::detail
