// expect-error: flatness estimator: it needs a gradient; add double gradient
#include <span>

#include "tepui/flatness/hessian_trace.hpp"

namespace {

struct Plane {
  using Scalar = double;
  [[nodiscard]] std::span<const double> weights() const { return {}; }
  [[nodiscard]] std::span<const tepui::ParameterInfo> tensors() const { return {}; }
  static tepui::Evaluation evaluate(std::span<const double>) { return {}; }
#ifndef EXPECT_ERROR
  static double gradient(std::span<const double>, std::span<double>) { return 0; }
#endif
};

}  // namespace

static_assert(tepui::flatness::check_estimator<tepui::flatness::HessianTrace, Plane>());
