// The example of docs/concepts/landscape.md.
#include "tepui/core/landscape.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <vector>

#include "tepui/core/parameter.hpp"
#include "tepui/flatness/hessian_trace.hpp"
#include "tepui/flatness/top_eigenvalue.hpp"

namespace {

/// A straight line y = w[0] x + w[1] through three points; half the mean squared error.
class Line {
 public:
  using Scalar = double;

  std::span<const double> weights() const { return w_; }
  std::span<const tepui::ParameterInfo> tensors() const { return tensors_; }

  tepui::Evaluation evaluate(std::span<const double> w) const {
    std::vector<double> unused(w.size());
    const double loss = gradient(w, unused);
    return {.loss = loss, .loss_per_sample = loss, .samples = 3};
  }
  double gradient(std::span<const double> w, std::span<double> g) const {
    g[0] = g[1] = 0;
    double loss = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const double error = w[0] * x_[i] + w[1] - y_[i];
      g[0] += error * x_[i] / 3;
      g[1] += error / 3;
      loss += error * error / 6;
    }
    return loss;
  }

 private:
  double x_[3] = {-3, 0, 3}, y_[3] = {-2, 0, 4};
  std::vector<double> w_{1, 0.5};
  std::vector<tepui::ParameterInfo> tensors_{{.name = "line", .dims = {2}, .count = 2}};
};

static_assert(tepui::DifferentiableLandscape<Line>);

TEST(LandscapePage, ExampleHasTheLossOfAHandCount) {
  Line line;
  // Errors at (1, 0.5): -0.5, 0.5, -0.5.
  EXPECT_DOUBLE_EQ(line.evaluate(line.weights()).loss, 0.75 / 6);
}

TEST(LandscapePage, EstimatorsFindItsCurvature) {
  // The Hessian is diag(mean of x^2, 1) = diag(6, 1).
  Line line;
  const tepui::random::Key key{1, tepui::random::Purpose::noise, 0};
  EXPECT_NEAR(tepui::flatness::HessianTrace{}.measure(line, key).value, 7, 1e-6);
  EXPECT_NEAR(tepui::flatness::TopEigenvalue{}.measure(line, key).value, 6, 0.05);
}

}  // namespace
