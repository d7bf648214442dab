// Dropout and drop path: identity when not asked for, mean preserved, masks a function of the key.
#include "tepui/nn/dropout.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "unit/nn/layer_runner.hpp"

namespace {

using namespace tepui;
using namespace tepui::nn;
using namespace tepui::test;

inline constexpr Shape in{8, 10, 10};

template <class L>
Trips<double> masked(const RunOptions& options) {
  const auto n = static_cast<std::size_t>(options.batch) * in.size();
  const std::vector<double> ones(n, 1.0);
  return run_layer<L, in, double>(ones, {}, {}, ones, options);
}

TEST(Dropout, IsTheIdentityUnlessStochastic) {
  const auto trips = masked<Dropout<40>>({.batch = 4, .drop_path = 0.5});
  EXPECT_EQ(trips.y, std::vector<double>(4 * in.size(), 1.0));
  EXPECT_EQ(trips.dx, trips.y);
  const auto path = masked<DropPath>({.batch = 4, .drop_path = 0.5});
  EXPECT_EQ(path.y, trips.y);
  EXPECT_EQ(path.dx, trips.y);
  EXPECT_EQ((masked<Dropout<0>>({.batch = 4, .stochastic = true}).y), trips.y);
  EXPECT_EQ((masked<DropPath>({.batch = 4, .stochastic = true, .drop_path = 0}).y), trips.y);
}

TEST(Dropout, KeepsTheMeanAndScalesWhatItKeeps) {
  const auto trips = masked<Dropout<25>>({.batch = 20, .stochastic = true});
  double sum = 0;
  for (const double v : trips.y) {
    EXPECT_TRUE(v == 0 || std::abs(v - 4.0 / 3) < 1e-6) << v;
    sum += v;
  }
  // 16,000 draws: the deviation of the mean is 0.0046
  EXPECT_NEAR(sum / static_cast<double>(trips.y.size()), 1, 0.02);
  EXPECT_EQ(trips.dx, trips.y);  // the same mask goes back
}

TEST(DropPath, DropsWholeSamplesAndKeepsTheMean) {
  const int batch = 1000;
  const std::vector<double> ones(batch, 1.0);
  const auto trips = run_layer<DropPath, Shape{1, 1, 1}, double>(
      ones, {}, {}, ones, {.batch = batch, .stochastic = true, .drop_path = 0.2});
  double sum = 0;
  for (const double v : trips.y) sum += v;
  EXPECT_NEAR(sum / batch, 1, 0.08);  // deviation 0.016

  const auto images = masked<DropPath>({.batch = 16, .stochastic = true, .drop_path = 0.5});
  int dropped = 0;
  for (std::size_t n = 0; n < 16; ++n) {
    const double first = images.y[n * in.size()];
    EXPECT_TRUE(first == 0 || first == 2) << first;
    dropped += first == 0;
    for (std::size_t i = 0; i < in.size(); ++i) ASSERT_EQ(images.y[n * in.size() + i], first);
  }
  EXPECT_GT(dropped, 2);
  EXPECT_LT(dropped, 14);
}

TEST(Dropout, TheKeyDecidesTheMask) {
  const RunOptions a{.batch = 3, .stochastic = true};
  RunOptions other_step = a;
  other_step.noise.step = 1;
  RunOptions other_seed = a;
  other_seed.noise.seed = 8;
  const auto mask = masked<Dropout<50>>(a).y;
  EXPECT_EQ(masked<Dropout<50>>(a).y, mask);
  EXPECT_NE(masked<Dropout<50>>(other_step).y, mask);
  EXPECT_NE(masked<Dropout<50>>(other_seed).y, mask);
}

}  // namespace
