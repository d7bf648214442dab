// Pooling on the CUDA backend, by vectors of channels and one by one, against backend::Cpu.
#include "tepui/backend/cuda/pool.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "support/backend/emulated_device.hpp"
#include "support/backend/reference.hpp"
#include "tepui/backend/cpu.hpp"
#include "tepui/backend/cuda/operations.hpp"

namespace {

using namespace tepui;
using namespace tepui::test;
using backend::PoolGeometry;
using Device = EmulatedDevice<Reach::open>;
using Operations = backend::cuda::Operations<Device>;
using Order = backend::cuda::HostBlock::Order;
constexpr int batch = 3;

/// Numbers with many equal neighbours.
template <class T>
std::vector<T> steps(std::size_t count, std::uint64_t tag) {
  auto values = numbers<T>(count, tag);
  for (T& v : values) v = std::round(v * T(4));
  return values;
}

/// @param apart how far from a boundary of memory arrays begin
template <PoolGeometry G, class T>
void check(Order order, std::size_t apart) {
  SCOPED_TRACE(::testing::Message()
               << to_string(G.in) << " kernel " << G.kernel << " stride " << G.stride << " padding "
               << G.padding << ", " << apart << " elements apart");
  const backend::Cpu cpu;
  const Operations gpu{Device(order)};
  const std::size_t inputs = batch * G.in.size();
  const std::size_t outputs = batch * G.out().size();
  const auto x = steps<T>(apart + inputs, 1);
  const auto dy = numbers<T>(apart + outputs, 2);
  const auto y = numbers<T>(apart + outputs, 3);
  const auto dx = numbers<T>(apart + inputs, 4);
  const auto compare = [&](const std::vector<T>& start, const char* what, const auto& run) {
    auto wanted = start;
    auto got = start;
    run(cpu, wanted.data() + apart);
    run(gpu, got.data() + apart);
    expect_close(got, widened(wanted), tolerance<T>(9), what);
  };
  compare(y, "max", [&](const auto& ops, T* to) {
    ops.template max_pool_forward<G>(batch, x.data() + apart, to);
  });
  compare(dx, "gradient of max", [&](const auto& ops, T* to) {
    ops.template max_pool_backward<G>(batch, x.data() + apart, dy.data() + apart, to);
  });
  compare(y, "average", [&](const auto& ops, T* to) {
    ops.template avg_pool_forward<G>(batch, x.data() + apart, to);
  });
  compare(dx, "gradient of average", [&](const auto& ops, T* to) {
    ops.template avg_pool_backward<G>(batch, dy.data() + apart, to);
  });

  auto once = dx;
  auto added = dx;
  gpu.template avg_pool_backward<G>(batch, dy.data() + apart, once.data() + apart);
  gpu.template avg_pool_backward<G>(batch, dy.data() + apart, added.data() + apart, true);
  for (std::size_t i = apart; i < dx.size(); ++i) ASSERT_EQ(added[i], dx[i] + once[i]);
}

template <PoolGeometry G>
void check_all() {
  for (const Order order : {Order::ascending, Order::descending}) {
    for (const std::size_t apart : {std::size_t{0}, std::size_t{1}}) {
      check<G, float>(order, apart);
      check<G, double>(order, apart);
    }
  }
}

TEST(CudaPool, IsThatOfTheProcessor) {
  check_all<PoolGeometry{{16, 13, 9}, 3, 1, 1}>();
  check_all<PoolGeometry{{5, 8, 7}, 3, 2, 1}>();
  check_all<PoolGeometry{{8, 9, 9}, 3, 2, 1, true}>();
  check_all<PoolGeometry{{12, 6, 8}, 2, 2, 0}>();
  check_all<PoolGeometry{{260, 5, 6}, 5, 1, 2}>();
}

TEST(CudaPool, TheFirstNumberThatIsNoneIsTheMaximum) {
  constexpr PoolGeometry G{{4, 2, 2}, 2, 2, 0};
  const float none = std::numeric_limits<float>::quiet_NaN();
  const float low = -std::numeric_limits<float>::infinity();
  std::vector<float> x{1, 2, none, low, 9, none, none, low, 3, 2, 7, low, 4, 2, 8, low};
  const std::vector<float> dy{1, 2, 4, 8};
  std::vector<float> y(4);
  std::vector<float> dx(16);
  const Operations gpu{Device()};
  gpu.max_pool_forward<G>(1, x.data(), y.data());
  gpu.max_pool_backward<G>(1, x.data(), dy.data(), dx.data());
  EXPECT_EQ(y[0], 9.0F);
  EXPECT_TRUE(std::isnan(y[1]));
  EXPECT_TRUE(std::isnan(y[2]));
  EXPECT_EQ(y[3], low);
  EXPECT_EQ(dx, (std::vector<float>{0, 0, 4, 8, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

}  // namespace
