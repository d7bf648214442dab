#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/quadratic.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/core/random.hpp"
#include "tepui/flatness/measurement.hpp"

/// @file
/// What every flatness estimator promises, whatever it measures.

namespace tepui::laws {

namespace detail {

/// A quadratic that also has an accuracy: one that falls as the loss rises.
template <class T>
class Judged : public support::Quadratic<T> {
 public:
  using support::Quadratic<T>::Quadratic;

  Evaluation evaluate(std::span<const T> w) {
    Evaluation result = support::Quadratic<T>::evaluate(w);
    result.accuracy = 1 / (1 + result.loss);
    return result;
  }
};

template <class T>
Judged<T> judged_bowl(std::size_t n) {
  const random::Key key{12, random::Purpose::user, 0};
  std::vector<T> at(n);
  for (std::size_t i = 0; i < n; ++i) at[i] = static_cast<T>(random::normal_at(key, i));
  Judged<T> result(std::move(at), std::vector<double>(n, 0.5), {}, 1.0);
  result.set_tensors(support::tensors_of(
      n, {ParameterKind::weight, ParameterKind::norm_weight, ParameterKind::bias}));
  return result;
}

inline random::Key key() { return {7, random::Purpose::user, 3}; }

inline bool same_bits(const flatness::Measurement& a, const flatness::Measurement& b) {
  const auto same = [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  };
  bool equal = same(a.value, b.value) && same(a.standard_error, b.standard_error) &&
               a.parts.size() == b.parts.size();
  for (std::size_t i = 0; equal && i < a.parts.size(); ++i) {
    equal = a.parts[i].first == b.parts[i].first && same(a.parts[i].second, b.parts[i].second);
  }
  return equal;
}

}  // namespace detail

/// The landscape's weights are the same to the bit after a measurement.
template <class E>
void leaves_the_weights_alone(const E& estimator) {
  auto landscape = detail::judged_bowl<float>(1000);
  const std::vector<float> before(landscape.weights().begin(), landscape.weights().end());
  (void)estimator.measure(landscape, detail::key());
  for (std::size_t i = 0; i < before.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(landscape.weights()[i]),
              std::bit_cast<std::uint32_t>(before[i]));
  }
}

/// Same key, same bits: when asked again, and on one thread or two.
template <class E>
void repeats_itself(const E& estimator) {
  const auto run = [&](int threads) {
    ThreadLimit limit(threads);
    return limit.run([&] {
      auto landscape = detail::judged_bowl<float>(100'003);
      return estimator.measure(landscape, detail::key());
    });
  };
  const flatness::Measurement one = run(1);
  EXPECT_TRUE(std::isfinite(one.value));
  EXPECT_TRUE(detail::same_bits(one, run(2)));
  EXPECT_TRUE(detail::same_bits(one, run(2)));
}

/// A landscape that is not finite is a failure of the candidate, not a value.
template <class E>
void refuses_what_is_not_finite(const E& estimator) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  detail::Judged<double> broken({1, 2}, {1, 1}, {}, nan);
  EXPECT_THROW((void)estimator.measure(broken, detail::key()), DivergenceError);
}

/// Weights of tensors that are not alive play no part: they may hold NaN.
template <class E>
void ignores_dead_tensors(const E& estimator) {
  struct Partial : detail::Judged<double> {
    using detail::Judged<double>::Judged;
    Evaluation evaluate(std::span<const double> w) {
      const std::vector<double> alive{w[0], w[1], 0};
      return detail::Judged<double>::evaluate(alive);
    }
    double gradient(std::span<const double> w, std::span<double> g) {
      const std::vector<double> alive{w[0], w[1], 0};
      const double loss = detail::Judged<double>::gradient(alive, g);
      g[2] = std::numeric_limits<double>::quiet_NaN();
      return loss;
    }
  };
  Partial partial({1, 2, std::numeric_limits<double>::quiet_NaN()}, {1, 1, 1}, {}, 1);
  partial.set_tensors(support::tensors_of(2, {ParameterKind::weight}));
  detail::Judged<double> whole({1, 2}, {1, 1}, {}, 1);
  EXPECT_TRUE(detail::same_bits(estimator.measure(partial, detail::key()),
                                estimator.measure(whole, detail::key())));
}

/// The score turns the value so that larger is flatter.
template <class E>
void knows_its_direction(const E& estimator) {
  auto landscape = detail::judged_bowl<double>(20);
  const flatness::Measurement found = estimator.measure(landscape, detail::key());
  EXPECT_EQ(found.larger_is_better, E::larger_is_better);
  EXPECT_EQ(found.score(), E::larger_is_better ? found.value : -found.value);
}

template <class E>
void check_estimator(const E& estimator) {
  static_assert(flatness::FlatnessEstimator<E>);
  leaves_the_weights_alone(estimator);
  repeats_itself(estimator);
  refuses_what_is_not_finite(estimator);
  ignores_dead_tensors(estimator);
  knows_its_direction(estimator);
}

}  // namespace tepui::laws
