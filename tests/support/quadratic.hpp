#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/landscape.hpp"
#include "tepui/core/parameter.hpp"
#include "tepui/optim/optimizer.hpp"

namespace tepui::support {

/// @return tensors that cover n parameters: `kinds.size()` of them, as equal as they can be
inline std::vector<ParameterInfo> tensors_of(std::size_t n, std::vector<ParameterKind> kinds) {
  std::vector<ParameterInfo> tensors;
  std::size_t offset = 0;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const std::size_t count = n * (i + 1) / kinds.size() - offset;
    tensors.push_back({.name = "tensor" + std::to_string(i),
                       .kind = kinds[i],
                       .dims = {static_cast<int>(count)},
                       .offset = offset,
                       .count = count});
    offset += count;
  }
  return tensors;
}

/// @brief L(w) = base + b . w + w' H w / 2 with a symmetric H: a landscape whose every quantity is
/// known. A diagonal H is given as n numbers, a full one as n * n.
template <class T>
class Quadratic {
 public:
  using Scalar = T;

  Quadratic(std::vector<T> at, std::vector<double> hessian, std::vector<double> slope = {},
            double base = 0)
      : w_(std::move(at)), h_(std::move(hessian)), b_(std::move(slope)), base_(base) {
    b_.resize(w_.size());
    tensors_ = tensors_of(w_.size(), {ParameterKind::weight});
  }

  [[nodiscard]] std::span<const T> weights() const { return w_; }
  [[nodiscard]] std::span<T> weights() { return w_; }
  [[nodiscard]] std::span<const ParameterInfo> tensors() const { return tensors_; }
  void set_tensors(std::vector<ParameterInfo> tensors) { tensors_ = std::move(tensors); }

  Evaluation evaluate(std::span<const T> w) {
    ++evaluations;
    const double loss = value(w);
    return {.loss = loss, .loss_per_sample = loss, .accuracy = 0, .samples = 1};
  }
  double gradient(std::span<const T> w, std::span<T> g) {
    ++gradients;
    for (std::size_t i = 0; i < w.size(); ++i) {
      g[i] = static_cast<T>(b_[i] + row_times(i, w));
    }
    return value(w);
  }

  int evaluations = 0;
  int gradients = 0;

 private:
  [[nodiscard]] double row_times(std::size_t i, std::span<const T> w) const {
    const std::size_t n = w.size();
    if (h_.size() == n) return h_[i] * static_cast<double>(w[i]);
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += h_[i * n + j] * static_cast<double>(w[j]);
    return sum;
  }
  [[nodiscard]] double value(std::span<const T> w) const {
    double sum = base_;
    for (std::size_t i = 0; i < w.size(); ++i) {
      sum += static_cast<double>(w[i]) * (b_[i] + row_times(i, w) / 2);
    }
    return sum;
  }

  std::vector<T> w_;
  std::vector<double> h_;
  std::vector<double> b_;
  double base_;
  std::vector<ParameterInfo> tensors_;
};

/// @brief Takes steps of an optimizer on a landscape with writable weights; holds what a trainer
/// would hold.
template <class O, class L>
class Descent {
 public:
  using T = typename L::Scalar;

  Descent(O optimizer, L landscape)
      : optimizer(std::move(optimizer)),
        landscape(std::move(landscape)),
        gradient(this->landscape.weights().size()),
        state(this->optimizer.template start<T>(gradient.size())) {}

  /// One step on the landscape's own tensors. @return the loss before it
  double step(double learning_rate_factor = 1) {
    const std::span<const ParameterInfo> tensors = landscape.tensors();
    return step_on({tensors.begin(), tensors.end()}, learning_rate_factor);
  }
  double step_on(std::vector<ParameterInfo> tensors, double learning_rate_factor = 1) {
    const std::vector<ParameterRange> active = ranges_of(tensors);
    const optim::Target<T> target{landscape.weights(), gradient, tensors, active,
                                  learning_rate_factor};
    return optim::take_step(optimizer, state, target, [&](optim::Visit visit) {
      visits.push_back(visit);
      seen.assign(landscape.weights().begin(), landscape.weights().end());
      return landscape.gradient(landscape.weights(), gradient);
    });
  }
  [[nodiscard]] std::vector<T> weights() {
    return {landscape.weights().begin(), landscape.weights().end()};
  }

  O optimizer;
  L landscape;
  std::vector<T> gradient;
  typename O::template State<T> state;
  std::vector<optim::Visit> visits;
  std::vector<T> seen;  ///< weights at the latest visit
};

}  // namespace tepui::support
