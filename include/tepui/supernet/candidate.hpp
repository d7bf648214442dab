#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "tepui/core/landscape.hpp"
#include "tepui/cost/cost.hpp"
#include "tepui/flatness/perturbation.hpp"
#include "tepui/nn/model.hpp"
#include "tepui/train/evaluation_set.hpp"

namespace tepui::supernet {

namespace detail {

/// Disturbed weights that stay where the model computes; for devices see tepui/cuda.hpp.
template <class Backend>
struct PerturbationOn {
  static constexpr bool on_processor = !backend::on_device<Backend>;
  static_assert(on_processor, "noise on a device: include tepui/cuda.hpp");
};

}  // namespace detail

/// @brief One architecture with its weights, as metrics see it: a landscape over validation images.
///
/// Weights are those of the whole supernet; only the tensors on the path are listed and matter.
/// Inference mode throughout: running statistics, no dropout.
template <class Model, Shape S>
class Candidate {
 public:
  using Scalar = typename Model::Scalar;

  /// @param choices         the path; null for a static network. Must outlive the candidate
  /// @param initial_weights weights before training, like model.parameters(); may be empty
  Candidate(Model& model, const train::EvaluationSet<Scalar, S>& samples,
            const std::uint8_t* choices, Cost cost, std::span<const Scalar> initial_weights = {})
      : model_(&model),
        samples_(&samples),
        choices_(choices),
        cost_(cost),
        initial_weights_(initial_weights),
        description_(model.describe(choices)) {}

  [[nodiscard]] std::span<const Scalar> weights() const {
    return std::as_const(*model_).parameters();
  }
  [[nodiscard]] std::span<const ParameterInfo> tensors() const { return description_.parameters; }
  [[nodiscard]] Evaluation evaluate(std::span<const Scalar> weights) {
    return train::evaluate(*model_, *samples_, choices_, weights.data());
  }
  /// The weights on the model's device, to be disturbed there; see flatness/detail/perturb.hpp.
  [[nodiscard]] auto perturbation(flatness::Filter filter, flatness::Scale scale)
      const requires backend::on_device<typename backend::BackendOf<Model>::Type> {
    return typename detail::PerturbationOn<typename backend::BackendOf<Model>::Type>::template Of<
        Model>(std::as_const(*model_), tensors(), filter, scale);
  }
  template <class Weights>
  requires requires(const Weights& weights) { weights.there; }
  [[nodiscard]] Evaluation evaluate(const Weights& weights) {
    return train::detail::EvaluationOn<typename backend::BackendOf<Model>::Type>::run_there(
        *model_, *samples_, choices_, weights.there);
  }
  /// Gradient of the mean loss over samples with statistics held fixed.
  double gradient(std::span<const Scalar> weights, std::span<Scalar> gradient) {
    return train::detail::EvaluationOn<typename backend::BackendOf<Model>::Type>::gradient(
        *model_, *samples_, choices_, weights.data(), gradient);
  }

  /// Weights before training; empty if nobody kept them.
  [[nodiscard]] std::span<const Scalar> initial_weights() const { return initial_weights_; }
  /// Entries of the cells' weight vectors that never change.
  [[nodiscard]] const std::vector<nn::Description::Constant>& constants() const {
    return description_.constants;
  }
  /// Whether every cell has a live path from its input to its output.
  [[nodiscard]] bool connected() const { return description_.connected(); }
  [[nodiscard]] Cost cost() const { return cost_; }

 private:
  Model* model_;
  const train::EvaluationSet<Scalar, S>* samples_;
  const std::uint8_t* choices_;
  Cost cost_;
  std::span<const Scalar> initial_weights_;
  nn::Description description_;
};

}  // namespace tepui::supernet
