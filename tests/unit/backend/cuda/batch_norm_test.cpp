// Batch normalisation on the CUDA backend: rows in one chunk and in many, whole and cut, channels
// in one tile and in several, against plain sums.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "support/backend/emulated_device.hpp"
#include "support/backend/reference.hpp"
#include "tepui/backend/cuda/operations.hpp"

namespace {

using namespace tepui;
using namespace tepui::test;
using backend::cuda::ChannelGrid;
using Device = EmulatedDevice<Reach::open>;
using Operations = backend::cuda::Operations<Device>;
using Order = backend::cuda::HostBlock::Order;
constexpr double epsilon = 1e-5;

struct Wanted {
  std::vector<double> mean;
  std::vector<double> variance;
  std::vector<double> sum;  ///< of dy
  std::vector<double> dot;  ///< of dy (x - mean)
};

template <class T>
Wanted plain_sums(std::size_t channels, const std::vector<T>& x, const std::vector<T>& dy) {
  const std::vector<double> none(channels, 0.0);
  Wanted w{none, none, none, none};
  const auto rows = static_cast<double>(x.size() / channels);
  for (std::size_t i = 0; i < x.size(); ++i) w.mean[i % channels] += static_cast<double>(x[i]);
  for (double& m : w.mean) m /= rows;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double d = static_cast<double>(x[i]) - w.mean[i % channels];
    w.variance[i % channels] += d * d / rows;
    w.sum[i % channels] += static_cast<double>(dy[i]);
    w.dot[i % channels] += static_cast<double>(dy[i]) * d;
  }
  return w;
}

template <int C>
struct Result {
  std::vector<double> mean = std::vector<double>(C);
  std::vector<double> inv_std = std::vector<double>(C);
  std::vector<double> y;
  std::vector<double> dx;
  std::vector<double> dgamma = std::vector<double>(C, 3.0);
  std::vector<double> dbeta = std::vector<double>(C, 5.0);
  bool operator==(const Result&) const = default;
};

template <int C>
Result<C> through(Order order, std::size_t rows, const std::vector<double>& x,
                  const std::vector<double>& dy, const std::vector<double>& gamma,
                  const std::vector<double>& beta) {
  const Operations ops{Device(order)};
  std::vector<double> scratch(Operations::batch_norm_scratch<C>().at(1));
  Result<C> r;
  r.y = dy;
  r.dx = dy;
  ops.batch_norm_moments<C>(rows, x.data(), epsilon, r.mean.data(), r.inv_std.data(), {},
                            scratch.data());
  ops.batch_norm_apply<C>(rows, x.data(), r.mean.data(), r.inv_std.data(), gamma.data(),
                          beta.data(), r.y.data(), true);
  ops.batch_norm_backward<C>(rows, x.data(), r.dx.data(), r.mean.data(), r.inv_std.data(),
                             gamma.data(), r.dx.data(), r.dgamma.data(), r.dbeta.data(),
                             scratch.data());
  return r;
}

template <int C>
void check(std::size_t rows) {
  SCOPED_TRACE(::testing::Message() << rows << " rows of " << C);
  const auto x = numbers<double>(rows * C, 1);
  const auto dy = numbers<double>(rows * C, 2);
  const auto gamma = numbers<double>(C, 3);
  const auto beta = numbers<double>(C, 4);
  const Wanted wanted = plain_sums(C, x, dy);
  const Result<C> got = through<C>(Order::ascending, rows, x, dy, gamma, beta);
  double worst = 0;
  const auto compare = [&](double a, double b) { worst = std::max(worst, std::abs(a - b)); };
  for (std::size_t c = 0; c < C; ++c) {
    compare(got.mean[c], wanted.mean[c]);
    compare(got.inv_std[c] * std::sqrt(wanted.variance[c] + epsilon), 1.0);
    compare((got.dbeta[c] - 5.0) / static_cast<double>(rows),
            wanted.sum[c] / static_cast<double>(rows));
    compare((got.dgamma[c] - 3.0) / static_cast<double>(rows),
            wanted.dot[c] * got.inv_std[c] / static_cast<double>(rows));
  }
  const auto count = static_cast<double>(rows);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t c = i % C;
    const double scale = got.inv_std[c];
    const double normal = (x[i] - wanted.mean[c]) * scale;
    compare(got.y[i], dy[i] + normal * gamma[c] + beta[c]);
    compare(got.dx[i],
            gamma[c] * scale *
                (dy[i] - wanted.sum[c] / count - normal * wanted.dot[c] * scale / count));
  }
  EXPECT_LT(worst, 1e-11);
  EXPECT_TRUE(through<C>(Order::descending, rows, x, dy, gamma, beta) == got);
}

TEST(CudaBatchNorm, IsThatOfPlainSums) {
  check<1>(2);
  check<3>(5000);
  check<16>(127);
  check<16>(128);
  check<16>(2049);
  check<40>(700);
  check<64>(16500);
  check<150>(333);
  check<300>(9);
}

TEST(CudaBatchNorm, ChunksAreFewAndCoverTheRows) {
  for (const int channels : {1, 7, 16, 64, 65, 1000}) {
    for (const std::size_t rows :
         {std::size_t{1}, std::size_t{300}, std::size_t{262144}, std::size_t{1} << 31}) {
      const ChannelGrid grid = ChannelGrid::of(rows, channels);
      EXPECT_LE(grid.chunks(), ChannelGrid::most_chunks);
      EXPECT_LE(grid.width, ChannelGrid::most_width);
      EXPECT_GE(grid.tiles() * grid.width, channels);
      std::size_t covered = 0;
      for (int k = 0; k < grid.chunks(); ++k) {
        EXPECT_GT(grid.rows_of(k), 0);
        covered += static_cast<std::size_t>(grid.rows_of(k));
      }
      EXPECT_EQ(covered, rows);
    }
  }
}

TEST(CudaBatchNorm, LargeMeansTakeNothingFromTheVariance) {
  constexpr int C = 16;
  constexpr std::size_t rows = 3000;
  auto x = numbers<float>(rows * C, 1);
  for (float& v : x) v = 1000.0F + 0.1F * v;
  const Wanted wanted = plain_sums(C, x, x);
  std::vector<float> scratch(Operations::batch_norm_scratch<C>().at(1));
  std::vector<float> mean(C);
  std::vector<float> inv_std(C);
  Operations{Device()}.batch_norm_moments<C>(rows, x.data(), 0.0, mean.data(), inv_std.data(), {},
                                             scratch.data());
  for (std::size_t c = 0; c < C; ++c) {
    EXPECT_NEAR(static_cast<double>(inv_std[c]) * std::sqrt(wanted.variance[c]), 1.0, 1e-4);
  }
}

}  // namespace
