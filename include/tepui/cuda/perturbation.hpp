#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "tepui/backend/cuda/backend.hpp"
#include "tepui/core/parameter.hpp"
#include "tepui/cuda/device_vectors.hpp"
#include "tepui/cuda/noise_pass.hpp"
#include "tepui/flatness/detail/perturb.hpp"
#include "tepui/optim/detail/sharpness_passes.hpp"
#include "tepui/supernet/candidate.hpp"

namespace tepui::cuda {

/// @brief A copy of a model's weights on its device that noise is added to there.
template <class Model>
class Perturbation {
  using T = typename Model::Scalar;
  using D = typename Model::BackendType::DeviceType;
  using Vectors = DeviceVectors<D>;

 public:
  /// What a landscape evaluates: a vector in the device's memory.
  struct Weights {
    const T* there = nullptr;
  };

  Perturbation(const Model& model, std::span<const ParameterInfo> tensors, flatness::Filter filter,
               flatness::Scale scale)
      : parts_(flatness::detail::parts_of(tensors, filter)),
        pieces_(model.backend().device(), std::span<const flatness::detail::Part>(parts_)),
        workspace_(std::make_unique<typename Vectors::Workspace>(model.backend().device(), 0, 0)),
        vectors_(model.backend().device(), *workspace_),
        base_(model.parameters_there()),
        copy_(model.backend().template uninitialized<T>(model.parameter_count())),
        scale_(scale) {
    model.backend().copy(copy_.size(), base_, copy_.data());
    if (scale_ == flatness::Scale::filter) {
      const std::vector<double> sizes =
          flatness::detail::filter_sizes<T>(model.parameters(), parts_);
      filters_ = Vectors::template Vector<double>::uninitialized(vectors_.device(), sizes.size());
      vectors_.device().copy_in(filters_.data(), sizes.data(), sizes.size() * sizeof(double));
    }
  }

  [[nodiscard]] Weights weights() { return {copy_.data()}; }

  void reset() { vectors_.each(pieces_.view(), optim::detail::Copy<T>{base_, copy_.data()}); }

  void disturb(double size, const flatness::GaussianNoise& noise, std::size_t draw,
               std::size_t level) {
    vectors_.each(pieces_.view(), NoisePass<T>{.w = copy_.data(),
                                               .base = base_,
                                               .filters = filters_.data(),
                                               .size = size,
                                               .scale = scale_,
                                               .key = noise.stream(draw, level)});
  }

 private:
  std::vector<flatness::detail::Part> parts_;
  PiecesOf<D> pieces_;
  std::unique_ptr<typename Vectors::Workspace> workspace_;
  Vectors vectors_;
  const T* base_;
  typename Vectors::template Vector<T> copy_;
  typename Vectors::template Vector<double> filters_;
  flatness::Scale scale_;
};

}  // namespace tepui::cuda

namespace tepui::supernet::detail {

template <class Backend>
requires backend::on_device<Backend>
struct PerturbationOn<Backend> {
  template <class Model>
  using Of = tepui::cuda::Perturbation<Model>;
};

}  // namespace tepui::supernet::detail
