// What the CUDA backend does to every element, and to every pixel of a sample, against
// backend::Cpu: sizes that fill blocks and sizes that do not.
#include "tepui/backend/cuda/elementwise.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "support/backend/emulated_device.hpp"
#include "support/backend/reference.hpp"
#include "tepui/backend/cpu.hpp"
#include "tepui/backend/cuda/operations.hpp"

namespace {

using namespace tepui;
using namespace tepui::test;
using Device = EmulatedDevice<Reach::open>;
using Operations = backend::cuda::Operations<Device>;
using Order = backend::cuda::HostBlock::Order;
using Numbers = std::vector<double>;

/// Runs run(backend, y) on both from the same y.
template <class Run>
void compare(const Numbers& y, const char* what, Run&& run) {
  Numbers wanted = y;
  run(backend::Cpu{}, wanted.data());
  for (const Order order : {Order::ascending, Order::descending}) {
    Numbers got = y;
    run(Operations{Device(order)}, got.data());
    expect_close(got, wanted, 1e-14, what);
  }
}

TEST(CudaElementwise, MapsAreThoseOfTheProcessor) {
  for (const std::size_t n :
       {std::size_t{1}, std::size_t{255}, std::size_t{1024}, std::size_t{5003}}) {
    SCOPED_TRACE(n);
    auto a = numbers<double>(n, 1);
    for (double& v : a) v *= 5;
    const auto b = numbers<double>(n, 2);
    const auto y = numbers<double>(n, 3);
    compare(y, "relu", [&](const auto& ops, double* to) { ops.relu_forward(n, a.data(), to); });
    compare(y, "gradient of relu",
            [&](const auto& ops, double* to) { ops.relu_backward(n, a.data(), b.data(), to); });
    compare(y, "hard swish",
            [&](const auto& ops, double* to) { ops.hard_swish_forward(n, a.data(), to); });
    compare(y, "gradient of hard swish", [&](const auto& ops, double* to) {
      ops.hard_swish_backward(n, a.data(), b.data(), to);
    });
    compare(y, "hard sigmoid",
            [&](const auto& ops, double* to) { ops.hard_sigmoid_forward(n, a.data(), to); });
    compare(y, "gradient of hard sigmoid", [&](const auto& ops, double* to) {
      ops.hard_sigmoid_backward(n, a.data(), b.data(), to);
    });
    compare(y, "sum", [&](const auto& ops, double* to) { ops.add(n, a.data(), to); });
    compare(y, "product",
            [&](const auto& ops, double* to) { ops.multiply(n, a.data(), b.data(), to); });
    compare(a, "in place", [&](const auto& ops, double* to) { ops.hard_swish_forward(n, to, to); });
    compare(y, "constant", [&](const auto& ops, double* to) { ops.fill(n, 2.5, to); });
  }
}

/// y_i += i
struct AddIndex {
  double* y;
  TEPUI_HOST_DEVICE void operator()(std::size_t i) const { y[i] += static_cast<double>(i); }
};

TEST(CudaElementwise, FunctionsOfUsersAreCalledOnceForEachIndex) {
  for (const std::size_t n : {0, 1, 100'003, 3'000'000}) {  // the last is more than all threads
    SCOPED_TRACE(n);
    const Numbers y(n + 1, 0.5);
    Numbers wanted = y;
    for (std::size_t i = 0; i < n; ++i) wanted[i] += static_cast<double>(i);
    const auto called = [&](const auto& ops) {
      Numbers got = y;
      ops.for_each(n, AddIndex{got.data()});
      return got;
    };
    EXPECT_EQ(called(backend::Cpu{}), wanted);
    EXPECT_EQ(called(Operations{Device(Order::ascending)}), wanted);
    EXPECT_EQ(called(Operations{Device(Order::descending)}), wanted);
  }
}

TEST(CudaElementwise, RowsAreCopiedBetweenOthers) {
  const auto x = numbers<double>(40000, 1);
  const auto y = numbers<double>(40000, 2);
  const auto check = [&](std::size_t rows, std::size_t width, std::size_t from, std::size_t to) {
    SCOPED_TRACE(::testing::Message() << rows << " rows of " << width);
    compare(y, "rows", [&](const auto& ops, double* into) {
      ops.copy_rows(rows, width, x.data() + 3, from, into + 5, to);
    });
  };
  check(1, 1, 1, 1);
  check(700, 7, 9, 50);
  check(600, 64, 64, 65);
  check(33, 300, 500, 1000);
}

template <Shape S>
void check_samples() {
  SCOPED_TRACE(to_string(S));
  constexpr int batch = 3;
  const std::size_t gates = batch * static_cast<std::size_t>(S.channels);
  const auto x = numbers<double>(batch * S.size(), 1);
  const auto dy = numbers<double>(batch * S.size(), 2);
  const auto gate = numbers<double>(gates, 3);
  const Numbers none(batch * S.size(), 7.0);
  const Numbers none_of_gates(gates, 7.0);
  compare(none_of_gates, "mean", [&](const auto& ops, double* to) {
    ops.template global_avg_pool_forward<S>(batch, x.data(), to);
  });
  compare(none, "gradient of the mean", [&](const auto& ops, double* to) {
    ops.template global_avg_pool_backward<S>(batch, gate.data(), to);
  });
  compare(none, "gates", [&](const auto& ops, double* to) {
    ops.template scale_channels_forward<S>(batch, x.data(), gate.data(), to);
  });
  compare(none_of_gates, "gradient by gates", [&](const auto& ops, double* to) {
    Numbers dx(batch * S.size());
    ops.template scale_channels_backward<S>(batch, x.data(), gate.data(), dy.data(), dx.data(), to);
  });
}

TEST(CudaElementwise, SamplesArePooledAndGatedByThemselves) {
  check_samples<Shape{1, 1, 1}>();
  check_samples<Shape{5, 13, 9}>();
  check_samples<Shape{64, 8, 8}>();
  check_samples<Shape{150, 5, 4}>();
}

}  // namespace
