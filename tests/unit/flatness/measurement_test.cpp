#include "tepui/flatness/measurement.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "laws/flatness_laws.hpp"
#include "support/quadratic.hpp"
#include "tepui/core/error.hpp"

// The example of docs/flatness.md, "Your own estimator".
namespace mine {

/// How much the loss changes between the weights and the same weights shrunk by `by`.
struct Shrinkage {
  double by = 0.1;

  static constexpr bool larger_is_better = false;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("by", self.by);
  }

  template <tepui::Landscape L>
  tepui::flatness::Measurement measure(L& landscape, tepui::random::Key) const {
    using T = typename L::Scalar;
    const std::span<const T> w = landscape.weights();
    std::vector<T> smaller(w.begin(), w.end());
    for (const auto& tensor : landscape.tensors()) {
      for (std::size_t i = tensor.offset; i < tensor.offset + tensor.count; ++i) {
        smaller[i] = static_cast<T>(static_cast<double>(w[i]) * (1 - by));
      }
    }
    const double before = landscape.evaluate(w).loss;
    const double after = landscape.evaluate(std::span<const T>(smaller)).loss;
    if (!std::isfinite(before) || !std::isfinite(after)) {
      throw tepui::DivergenceError("Shrinkage: the loss is not finite");
    }
    tepui::flatness::Measurement result;
    result.value = std::abs(after - before);
    result.parts = {{"before", before}, {"after", after}};
    result.larger_is_better = larger_is_better;
    return result;
  }
};

static_assert(tepui::flatness::check_estimator<Shrinkage>());

}  // namespace mine

namespace {

using tepui::flatness::Measurement;

TEST(Measurement, PartsAreFoundByName) {
  const Measurement found{.value = 1, .parts = {{"a", 2}, {"b", 3}}};
  EXPECT_EQ(found.part("b"), 3);
  EXPECT_TRUE(std::isnan(found.part("c")));
  EXPECT_TRUE(std::isnan(found.standard_error));
}

TEST(Measurement, ScoreIsLargerForFlatter) {
  EXPECT_EQ((Measurement{.value = 2, .larger_is_better = true}.score()), 2);
  EXPECT_EQ((Measurement{.value = 2, .larger_is_better = false}.score()), -2);
}

TEST(OwnEstimator, ByHand) {
  tepui::support::Quadratic<double> landscape({2}, {4});
  EXPECT_NEAR(mine::Shrinkage{.by = 0.5}.measure(landscape, {}).value, 6, 1e-12);
}

TEST(OwnEstimator, MeetsTheLaws) { tepui::laws::check_estimator(mine::Shrinkage{}); }

}  // namespace
