#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "support/quadratic.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/core/random.hpp"
#include "tepui/optim/optimizer.hpp"

/// @file
/// What every optimizer promises, whatever it computes. Give it a learning rate of at most 0.1.

namespace tepui::laws {

namespace detail {

inline std::vector<ParameterKind> every_kind() {
  return {ParameterKind::weight, ParameterKind::bias, ParameterKind::norm_weight,
          ParameterKind::norm_bias, ParameterKind::weight};
}

/// A convex bowl with curvatures 0.5 .. 2 in n dimensions, away from its bottom.
template <class T>
support::Quadratic<T> bowl(std::size_t n) {
  const random::Key key{11, random::Purpose::user, 0};
  std::vector<T> at(n);
  std::vector<double> curvature(n);
  for (std::size_t i = 0; i < n; ++i) {
    at[i] = static_cast<T>(1 + 0.25 * random::normal_at(key, i));
    curvature[i] = 0.5 + 1.5 * static_cast<double>(i % 7) / 6;
  }
  support::Quadratic<T> result(std::move(at), std::move(curvature));
  result.set_tensors(support::tensors_of(n, every_kind()));
  return result;
}

}  // namespace detail

/// The loss of a convex quadratic falls to a tenth within 400 steps.
template <class O>
void decreases_a_convex_quadratic(const O& optimizer) {
  support::Descent descent(optimizer, detail::bowl<double>(37));
  const double first = descent.step();
  double last = first;
  for (int i = 0; i < 400; ++i) last = descent.step();
  EXPECT_LT(last, 0.1 * first);
}

/// What is not active is neither written nor used: it may hold NaN.
template <class O>
void leaves_inactive_ranges_alone(const O& optimizer) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::size_t n = 50;
  support::Quadratic<float> landscape = detail::bowl<float>(n);
  std::vector<ParameterInfo> tensors(landscape.tensors().begin(), landscape.tensors().end());
  tensors.erase(tensors.begin() + 1);
  tensors.pop_back();  // active: 0..9 and 20..39
  const auto inactive = [](std::size_t i) { return (i >= 10 && i < 20) || i >= 40; };

  std::vector<float> w(landscape.weights().begin(), landscape.weights().end());
  for (std::size_t i = 0; i < n; ++i) {
    if (inactive(i)) w[i] = nan;
  }
  std::vector<float> g(n);
  const std::vector<ParameterRange> active = ranges_of(tensors);
  auto state = optimizer.template start<float>(n);
  for (int step = 0; step < 3; ++step) {
    optim::take_step(optimizer, state, optim::Target<float>{w, g, tensors, active},
                     [&](optim::Visit) {
                       for (std::size_t i = 0; i < n; ++i) g[i] = inactive(i) ? nan : w[i];
                       return 1.0;
                     });
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (inactive(i)) {
      EXPECT_NE(w[i], w[i]) << i;
    } else {
      EXPECT_EQ(w[i], w[i]) << i;
      EXPECT_NE(w[i], landscape.weights()[i]) << i;
    }
  }
}

/// Same bits on one thread and on two, on a vector long enough to be split.
template <class O>
void is_deterministic(const O& optimizer) {
  const auto run = [&](int threads) {
    ThreadLimit limit(threads);
    return limit.run([&] {
      support::Descent descent(optimizer, detail::bowl<float>(100'003));
      for (int i = 0; i < 3; ++i) descent.step();
      return descent.weights();
    });
  };
  const std::vector<float> one = run(1);
  EXPECT_EQ(one, run(2));
  EXPECT_EQ(one, run(2));
}

/// A learning-rate factor of 0 moves no weight; the loss returned is that at the weights before.
template <class O>
void follows_the_schedule(const O& optimizer) {
  support::Descent descent(optimizer, detail::bowl<double>(11));
  const std::vector<double> before = descent.weights();
  const double loss = descent.landscape.evaluate(before).loss;
  EXPECT_EQ(descent.step(0), loss);
  EXPECT_EQ(descent.weights(), before);
  ASSERT_FALSE(descent.visits.empty());
  EXPECT_EQ(descent.visits.front(), optim::Visit::first);
  for (std::size_t i = 1; i < descent.visits.size(); ++i) {
    EXPECT_EQ(descent.visits[i], optim::Visit::again);
  }
}

/// Options can be listed by name, read and written.
template <class O>
void lists_its_options(const O& optimizer) {
  int read = 0;
  int written = 0;
  const O& constant = optimizer;
  O::visit(constant, [&](const char*, const auto&) { ++read; });
  O changeable = optimizer;
  O::visit(changeable, [&](const char*, auto& value) {
    value = {};
    ++written;
  });
  EXPECT_GT(read, 0);
  EXPECT_EQ(read, written);
}

template <class O>
void check_optimizer(const O& optimizer) {
  static_assert(optim::Optimizer<O, float> && optim::Optimizer<O, double>);
  decreases_a_convex_quadratic(optimizer);
  leaves_inactive_ranges_alone(optimizer);
  is_deterministic(optimizer);
  follows_the_schedule(optimizer);
  lists_its_options(optimizer);
}

}  // namespace tepui::laws
