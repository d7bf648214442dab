#include "tepui/backend/cpu/batch_norm.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

#include "gtest/gtest.h"
#include "support/backend/reference.hpp"
#include "tepui/backend/cpu.hpp"

namespace {

using tepui::backend::Cpu;
using namespace tepui::test;

struct Reference {
  std::vector<double> mean, variance, y, dx, dx_fixed, dgamma, dbeta;
};

Reference reference(std::size_t rows, std::size_t channels, const std::vector<double>& x,
                    const std::vector<double>& dy, const std::vector<double>& gamma,
                    const std::vector<double>& beta, double epsilon) {
  Reference r;
  r.y.resize(x.size());
  r.dx.resize(x.size());
  r.dx_fixed.resize(x.size());
  const auto count = static_cast<double>(rows);
  for (std::size_t c = 0; c < channels; ++c) {
    double mean = 0, variance = 0, sum = 0, dot = 0;
    for (std::size_t i = c; i < x.size(); i += channels) mean += x[i] / count;
    for (std::size_t i = c; i < x.size(); i += channels) {
      variance += (x[i] - mean) * (x[i] - mean) / count;
    }
    const double inv_std = 1.0 / std::sqrt(variance + epsilon);
    for (std::size_t i = c; i < x.size(); i += channels) {
      sum += dy[i];
      dot += dy[i] * (x[i] - mean) * inv_std;
      r.y[i] = (x[i] - mean) * inv_std * gamma[c] + beta[c];
    }
    for (std::size_t i = c; i < x.size(); i += channels) {
      r.dx_fixed[i] = gamma[c] * inv_std * dy[i];
      r.dx[i] = gamma[c] * inv_std * (dy[i] - sum / count - (x[i] - mean) * inv_std * dot / count);
    }
    r.mean.push_back(mean);
    r.variance.push_back(variance);
    r.dgamma.push_back(dot);
    r.dbeta.push_back(sum);
  }
  return r;
}

template <int C, class T>
struct Norm {
  static constexpr double epsilon = 1e-3;
  std::size_t rows;
  std::vector<T> x, dy, gamma, beta, scratch;
  std::vector<T> mean = std::vector<T>(C), variance = std::vector<T>(C);

  explicit Norm(std::size_t count)
      : rows(count),
        x(numbers<T>(count * C, 1)),
        dy(numbers<T>(count * C, 2)),
        gamma(numbers<T>(C, 3)),
        beta(numbers<T>(C, 4)),
        scratch(Cpu::batch_norm_scratch<C>().at(1)) {}

  void statistics() {
    tepui::backend::detail::BatchNormKernels<C>::statistics(rows, x.data(), mean.data(),
                                                            variance.data(), scratch.data());
  }
  std::vector<T> inv_std() const {
    std::vector<T> result;
    for (const T v : variance) result.push_back(T(1) / std::sqrt(v + static_cast<T>(epsilon)));
    return result;
  }
  std::vector<T> forward(bool affine) {
    std::vector<T> y(x.size());
    const auto inverse = inv_std();
    Cpu{}.batch_norm_apply<C>(rows, x.data(), mean.data(), inverse.data(),
                              affine ? gamma.data() : nullptr, affine ? beta.data() : nullptr,
                              y.data());
    return y;
  }
  /// dx, then what was added to dgamma and dbeta, which start at 2.
  std::vector<T> backward(bool affine, bool fixed) {
    std::vector<T> result(x.size() + 2 * C, T(2));
    T* const dgamma = result.data() + x.size();
    const auto inverse = inv_std();
    const T* const g = affine ? gamma.data() : nullptr;
    if (fixed) {
      Cpu{}.batch_norm_backward_fixed<C>(rows, x.data(), dy.data(), mean.data(), inverse.data(), g,
                                         result.data(), dgamma, dgamma + C, scratch.data());
    } else {
      Cpu{}.batch_norm_backward<C>(rows, x.data(), dy.data(), mean.data(), inverse.data(), g,
                                   result.data(), dgamma, dgamma + C, scratch.data());
    }
    return result;
  }
};

template <int C, class T>
void check(std::size_t rows) {
  SCOPED_TRACE(::testing::Message() << C << " channels, " << rows << " rows, bytes " << sizeof(T));
  Norm<C, T> norm(rows);
  norm.statistics();
  for (const bool affine : {true, false}) {
    auto gamma = widened(norm.gamma);
    auto beta = widened(norm.beta);
    if (!affine) {
      gamma.assign(C, 1.0);
      beta.assign(C, 0.0);
    }
    const auto wanted =
        reference(rows, C, widened(norm.x), widened(norm.dy), gamma, beta, norm.epsilon);
    const double near = tolerance<T>(rows);
    expect_close(norm.mean, wanted.mean, tolerance<T>(1), "mean");
    expect_close(norm.variance, wanted.variance, tolerance<T>(1), "variance");
    // one row has variance 0, where the inverse deviation magnifies rounding
    expect_close(norm.forward(affine), wanted.y, 40 * tolerance<T>(1), "y");
    for (const bool fixed : {false, true}) {
      auto gradient = fixed ? wanted.dx_fixed : wanted.dx;
      for (const double v : wanted.dgamma) gradient.push_back(2 + v);
      for (const double v : wanted.dbeta) gradient.push_back(2 + v);
      expect_close(norm.backward(affine, fixed), gradient, 40 * near, "dx, dgamma, dbeta");
    }
  }
}

template <int... C>
void check_all(std::size_t rows) {
  (check<C, float>(rows), ...);
  (check<C, double>(rows), ...);
}

TEST(CpuBatchNorm, MatchesTheReferenceBelowAtAndAboveTheVectorWidth) {
  check_all<1, 3, 8, 10, 16, 17, 24, 64, 72, 160>(1);
  check_all<1, 3, 8, 10, 16, 17, 24, 64, 72, 160>(147);
  check_all<1, 8, 16, 24, 40>(4099);
}

TEST(CpuBatchNorm, ALargeMeanDoesNotSpoilTheVariance) {
  // values 4096 and 4097 in turn: mean 4096.5, variance 1/4, exactly representable
  constexpr std::size_t rows = 6000;
  std::vector<float> x(rows * 16);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 4096.0F + static_cast<float>(i / 16 % 2);
  std::vector<float> mean(16), variance(16), scratch(Cpu::batch_norm_scratch<16>().at(1));
  tepui::backend::detail::BatchNormKernels<16>::statistics(rows, x.data(), mean.data(),
                                                           variance.data(), scratch.data());
  for (int c = 0; c < 16; ++c) {
    EXPECT_NEAR(mean[static_cast<std::size_t>(c)], 4096.5F, 1e-3F);
    EXPECT_NEAR(variance[static_cast<std::size_t>(c)], 0.25F, 1e-5F);
  }
}

TEST(CpuBatchNorm, GradientsThatNobodyWantsMayBeNull) {
  Norm<10, float> norm(50);
  norm.statistics();
  const auto inverse = norm.inv_std();
  const auto both = norm.backward(true, false);
  std::vector<float> dx(norm.x.size());
  float* const none = nullptr;
  Cpu{}.batch_norm_backward<10>(norm.rows, norm.x.data(), norm.dy.data(), norm.mean.data(),
                                inverse.data(), norm.gamma.data(), dx.data(), none, none,
                                norm.scratch.data());
  EXPECT_TRUE(std::equal(dx.begin(), dx.end(), both.begin()));
  std::vector<float> dgamma(10, 2.0F);
  Cpu{}.batch_norm_backward_fixed<10>(norm.rows, norm.x.data(), norm.dy.data(), norm.mean.data(),
                                      inverse.data(), norm.gamma.data(), none, dgamma.data(), none,
                                      norm.scratch.data());
  EXPECT_TRUE(std::equal(dgamma.begin(), dgamma.end(), both.begin() + 500));
}

TEST(CpuBatchNorm, ThreadCountDoesNotChangeABit) {
  Norm<24, float> norm(20001);
  expect_same_bits_on_any_thread_count(
      [&] {
        norm.statistics();
        auto all = norm.variance;
        all.insert(all.end(), norm.mean.begin(), norm.mean.end());
        return all;
      },
      "statistics");
  expect_same_bits_on_any_thread_count([&] { return norm.forward(true); }, "apply");
  expect_same_bits_on_any_thread_count([&] { return norm.backward(true, false); }, "backward");
  expect_same_bits_on_any_thread_count([&] { return norm.backward(true, true); }, "fixed");
}

}  // namespace
