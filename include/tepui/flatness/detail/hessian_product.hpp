#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tepui/core/landscape.hpp"
#include "tepui/core/range_pass.hpp"
#include "tepui/flatness/detail/perturb.hpp"
#include "tepui/flatness/perturbation.hpp"

namespace tepui::flatness::detail {

/// Products of the loss Hessian, restricted to some tensors, with a direction:
/// H v = (g(w + h v) - g(w - h v)) / (2h). Two gradients each.
template <DifferentiableLandscape L>
class HessianProduct {
 public:
  using T = typename L::Scalar;

  HessianProduct(L& landscape, Filter filter, const char* estimator)
      : landscape_(landscape),
        parts_(parts_of(landscape.tensors(), filter)),
        perturbed_(landscape.weights(), landscape.tensors(), filter, Scale::absolute),
        low_(landscape.weights().size()),
        product_(landscape.weights().size()),
        estimator_(estimator) {}

  [[nodiscard]] std::span<const Part> parts() const { return parts_; }

  /// What the last multiply gave; defined on parts() only.
  [[nodiscard]] std::vector<T>& product() { return product_; }

  /// @param direction direction(first, last, visit) calls visit(i, v_i); the result is product()
  template <class Direction>
  void multiply(double h, const Direction& direction) {
    perturbed_.reset();
    perturbed_.add(h, direction);
    require_finite(landscape_.gradient(perturbed_.weights(), std::span<T>(product_)), estimator_,
                   "the loss one step away");
    perturbed_.reset();
    perturbed_.add(-h, direction);
    require_finite(landscape_.gradient(perturbed_.weights(), std::span<T>(low_)), estimator_,
                   "the loss one step away");
    const double by = 1 / (2 * h);
    for_each_piece(parts(), [&](const Part&, std::size_t offset, std::size_t count) {
      for (std::size_t i = offset; i < offset + count; ++i) {
        const double difference = static_cast<double>(product_[i]) - static_cast<double>(low_[i]);
        product_[i] = static_cast<T>(difference * by);
      }
    });
  }

 private:
  L& landscape_;
  std::vector<Part> parts_;
  Perturbation<T> perturbed_;
  std::vector<T> low_;
  std::vector<T> product_;
  const char* estimator_;
};

/// @return sum of a_i b_i over the parts, in a fixed order
template <class A, class B>
[[nodiscard]] double dot_over(std::span<const Part> parts, const A& a, const B& b) {
  return sum_over_pieces(parts, [&](const Part&, std::size_t offset, std::size_t count) {
    return sum_of_terms(count, [&](std::size_t i) {
      return static_cast<double>(a[offset + i]) * static_cast<double>(b[offset + i]);
    });
  });
}

}  // namespace tepui::flatness::detail
