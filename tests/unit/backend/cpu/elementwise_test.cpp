#include "tepui/backend/cpu/elementwise.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "gtest/gtest.h"
#include "support/backend/reference.hpp"
#include "tepui/backend/cpu.hpp"

namespace {

using tepui::backend::Cpu;
using namespace tepui::test;

/// Runs a function of n, inputs and one output on a vector.
template <class T, class Call>
std::vector<T> result_of(std::size_t n, Call&& call) {
  std::vector<T> y(n, T(99));
  call(y.data());
  return y;
}

template <class T>
void check(std::size_t n) {
  SCOPED_TRACE(n);
  Cpu cpu;
  auto x = numbers<T>(n, 1);
  for (auto& v : x) v *= T(5);
  const auto dy = numbers<T>(n, 2);
  struct Expected {
    std::vector<double> y, dx;
  };
  const auto expected = [&](auto value, auto slope) {
    Expected e;
    for (std::size_t i = 0; i < n; ++i) {
      e.y.push_back(value(static_cast<double>(x[i])));
      e.dx.push_back(slope(static_cast<double>(x[i])) * static_cast<double>(dy[i]));
    }
    return e;
  };
  const double near = tolerance<T>(1);
  const auto relu = expected([](double v) { return std::max(v, 0.0); },
                             [](double v) { return v > 0 ? 1.0 : 0.0; });
  const auto sigmoid = expected([](double v) { return std::clamp(v + 3, 0.0, 6.0) / 6; },
                                [](double v) { return std::abs(v) < 3 ? 1.0 / 6 : 0.0; });
  const auto swish = expected([](double v) { return v * std::clamp(v + 3, 0.0, 6.0) / 6; },
                              [](double v) {
                                if (v < -3) return 0.0;
                                return v < 3 ? v / 3 + 0.5 : 1.0;
                              });
  const T* a = x.data();
  const T* d = dy.data();
  expect_close(result_of<T>(n, [&](T* y) { cpu.relu_forward(n, a, y); }), relu.y, near, "relu");
  expect_close(result_of<T>(n, [&](T* y) { cpu.relu_backward(n, a, d, y); }), relu.dx, near,
               "relu dx");
  expect_close(result_of<T>(n, [&](T* y) { cpu.hard_sigmoid_forward(n, a, y); }), sigmoid.y, near,
               "hard sigmoid");
  expect_close(result_of<T>(n, [&](T* y) { cpu.hard_sigmoid_backward(n, a, d, y); }), sigmoid.dx,
               near, "hard sigmoid dx");
  expect_close(result_of<T>(n, [&](T* y) { cpu.hard_swish_forward(n, a, y); }), swish.y, near,
               "hard swish");
  expect_close(result_of<T>(n, [&](T* y) { cpu.hard_swish_backward(n, a, d, y); }), swish.dx, near,
               "hard swish dx");
  std::vector<double> sum, product;
  for (std::size_t i = 0; i < n; ++i) {
    sum.push_back(99.0 + static_cast<double>(x[i]));
    product.push_back(static_cast<double>(x[i]) * static_cast<double>(dy[i]));
  }
  expect_close(result_of<T>(n, [&](T* y) { cpu.add(n, a, y); }), sum, near, "add");
  expect_close(result_of<T>(n, [&](T* y) { cpu.multiply(n, a, d, y); }), product, near, "multiply");
  EXPECT_EQ(result_of<T>(n, [&](T* y) { cpu.copy(n, a, y); }), x);
  EXPECT_EQ(result_of<T>(n, [&](T* y) { cpu.fill(n, 2, y); }), std::vector<T>(n, T(2)));
}

TEST(CpuElementwise, MatchesTheReferenceAtAnyLength) {
  for (const std::size_t n : {0, 1, 7, 16, 37, 60000}) {
    check<float>(n);
    check<double>(n);
  }
}

TEST(CpuElementwise, DerivativesAtTheKinks) {
  const std::vector<float> x{-3, 0, 3};
  const std::vector<float> one{1, 1, 1};
  std::vector<float> dx(3);
  Cpu{}.relu_backward(3, x.data(), one.data(), dx.data());
  EXPECT_EQ(dx, (std::vector<float>{0, 0, 1}));
  Cpu{}.hard_sigmoid_backward(3, x.data(), one.data(), dx.data());
  EXPECT_EQ(dx, (std::vector<float>{0, 1.0F / 6, 0}));
  Cpu{}.hard_swish_backward(3, x.data(), one.data(), dx.data());
  EXPECT_EQ(dx, (std::vector<float>{-0.5F, 0.5F, 1.0F}));
}

TEST(CpuElementwise, ReluKeepsNotANumber) {
  std::vector<float> x{std::nanf(""), -1, 2};
  Cpu{}.relu_forward(3, x.data(), x.data());
  EXPECT_TRUE(std::isnan(x[0]));
  EXPECT_EQ(x[1], 0.0F);
  EXPECT_EQ(x[2], 2.0F);
}

TEST(CpuElementwise, CopiesRowsThatLieApart) {
  const std::vector<float> x{1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<float> y(8, 0.0f);
  Cpu::copy_rows(3, 2, x.data() + 1, 3, y.data(), 3);
  EXPECT_EQ(y, (std::vector<float>{2, 3, 0, 5, 6, 0, 8, 9}));
  // more rows than a chunk holds
  const auto many = numbers<float>(180'000, 7);
  std::vector<float> first(60'000), expected(60'000);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = many[3 * i];
  Cpu::copy_rows(60'000, 1, many.data(), 3, first.data(), 1);
  EXPECT_EQ(first, expected);
}

TEST(CpuElementwise, ThreadCountDoesNotChangeABit) {
  constexpr std::size_t n = 300'001;
  const auto x = numbers<float>(n, 1);
  const auto dy = numbers<float>(n, 2);
  expect_same_bits_on_any_thread_count(
      [&] {
        std::vector<float> y(n);
        Cpu{}.hard_swish_backward(n, x.data(), dy.data(), y.data());
        Cpu{}.add(n, x.data(), y.data());
        return y;
      },
      "elementwise");
}

}  // namespace
