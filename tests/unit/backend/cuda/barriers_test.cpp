// Kernels whose threads run ahead of each other until a barrier holds them, as on a GPU, against
// the same kernels phase by phase: a barrier that is missing changes results.
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "support/backend/conv_pass.hpp"
#include "support/backend/emulated_device.hpp"
#include "support/backend/fiber_block.hpp"
#include "support/backend/layer_against_cpu.hpp"
#include "support/backend/network_check.hpp"
#include "tepui/nn/nn.hpp"

namespace {

using namespace tepui;
using backend::ConvGeometry;
using backend::cuda::ConvPass;
using backend::cuda::Math;
using Order = test::Fibers::Order;

/// Thread t passes a number to thread t + by through shared memory, several times.
struct PassOn {
  static constexpr int threads = 64;
  struct Shared {
    int number[threads];
  };
  int by = 1;
  bool waits_to_read = true;
  bool waits_to_write = true;
  int* result = nullptr;

  template <class Block>
  void operator()(Block& block, Shared& shared) const {
    for (int round = 0; round < 3; ++round) {
      block.each_alone([&](int thread) {
        shared.number[(thread + by + threads) % threads] = 100 * round + thread;
      });
      if (waits_to_read) block.each([](int) {});
      block.each_alone([&](int thread) { result[thread] += shared.number[thread]; });
      if (waits_to_write) block.each([](int) {});
    }
  }
};

std::vector<int> passed_on(PassOn kernel, Order order) {
  std::vector<int> result(PassOn::threads);
  kernel.result = result.data();
  test::run_on_fibers(kernel, {}, order);
  return result;
}

TEST(Fibers, ShowBarriersThatAreMissing) {
  for (const int by : {1, -1}) {
    const PassOn right{.by = by};
    std::vector<int> wanted(PassOn::threads);
    for (int t = 0; t < PassOn::threads; ++t) {
      wanted[static_cast<std::size_t>(t)] =
          300 + 3 * ((t - by + PassOn::threads) % PassOn::threads);
    }
    EXPECT_EQ(passed_on(right, Order::ascending), wanted);
    EXPECT_EQ(passed_on(right, Order::descending), wanted);
    for (const PassOn wrong :
         {PassOn{.by = by, .waits_to_read = false}, PassOn{.by = by, .waits_to_write = false}}) {
      EXPECT_TRUE(passed_on(wrong, Order::ascending) != wanted ||
                  passed_on(wrong, Order::descending) != wanted);
    }
  }
}

/// Half of the threads wait where the others do not come.
struct WaitApart {
  static constexpr int threads = 64;
  struct Shared {};
  template <class Block>
  void operator()(Block& block, Shared&) const {
    bool waits = false;
    block.each_alone([&](int thread) { waits = thread < 32; });
    if (waits) block.each([](int) {});
  }
};

TEST(Fibers, ShowBarriersThatNotAllReach) {
  EXPECT_THROW(test::run_on_fibers(WaitApart{}, {}, Order::ascending), std::logic_error);
}

/// A product of a warp, whose factors stand where its sums go: as the kernels of convolutions do.
struct MultiplyInPlace {
  static constexpr int threads = 64;
  using Tile = backend::cuda::Tf32Tile;
  struct Shared {
    float number[threads];
  };
  bool waits = true;
  float* result = nullptr;

  template <class Block>
  void operator()(Block& block, Shared& shared) const {
    typename Block::template PerThread<Tile::C[1][1]> sums;
    typename Block::template PerThread<Tile::A[1]> a;
    typename Block::template PerThread<Tile::B[1]> b;
    block.each([&](int thread) {
      shared.number[thread] = static_cast<float>(thread);
      for (float& v : sums[thread][0][0].value) v = 0;
    });
    for (int k = 0; k < 2; ++k) {
      block.each_alone([&](int thread) {
        for (float& v : a[thread][0].value) v = shared.number[threads - 1 - thread];
        for (float& v : b[thread][0].value) v = shared.number[(thread + k) % threads];
      });
      block.multiply(sums, a, b);
    }
    if (waits) block.each([](int) {});
    block.each_alone([&](int thread) { shared.number[thread] = sums[thread][0][0].value[0]; });
    block.each([](int) {});
    block.each_alone([&](int thread) { result[thread] = shared.number[thread]; });
  }
};

TEST(Fibers, ShowBarriersThatAreMissingAroundProducts) {
  const auto multiplied = [](bool waits, Order order) {
    std::vector<float> result(MultiplyInPlace::threads);
    test::run_on_fibers(MultiplyInPlace{waits, result.data()}, {}, order);
    return result;
  };
  std::vector<float> wanted(MultiplyInPlace::threads);
  backend::cuda::run_on_host(MultiplyInPlace{true, wanted.data()}, {});
  for (const Order order : {Order::ascending, Order::descending}) {
    EXPECT_EQ(multiplied(true, order), wanted);
    EXPECT_NE(multiplied(false, order), wanted);
  }
}

/// A kernel that meets a mistake of its own.
struct Throwing {
  static constexpr int threads = 32;
  struct Shared {};
  template <class Block>
  void operator()(Block& block, Shared&) const {
    block.each([](int thread) {
      if (thread == 3) throw std::out_of_range("a test");
    });
  }
};

TEST(Fibers, LetExceptionsThrough) {
  EXPECT_THROW(test::run_on_fibers(Throwing{}, {}, Order::ascending), std::out_of_range);
}

template <ConvPass Pass, Math math, int Rows, int Columns, int Vector, class T>
void expect_same_pass(const ConvGeometry& g, int batch, std::size_t size_a, std::size_t size_b,
                      std::size_t size_out) {
  const std::vector<T> a = test::drawn_numbers<T>(size_a, 1);
  const std::vector<T> b = test::drawn_numbers<T>(size_b, 2);
  const auto result = [&](const auto& launch) {
    std::vector<T> out(size_out, T(0.5));
    const int slices = Pass == ConvPass::weights ? 3 : 1;
    test::run_conv_pass<Pass, math, Rows, Columns, Vector>(g, batch, a.data(), b.data(), out,
                                                           slices, launch);
    return out;
  };
  const auto wanted =
      result([](const auto& kernel, backend::cuda::Grid grid) { run_on_host(kernel, grid); });
  for (const Order order : {Order::ascending, Order::descending}) {
    EXPECT_EQ(result([order](const auto& kernel, backend::cuda::Grid grid) {
                test::run_on_fibers(kernel, grid, order);
              }),
              wanted);
  }
}
template <Math math, int Rows, int Columns, int Vector, class T = float>
void expect_same_passes(const ConvGeometry& g, int batch) {
  const std::size_t x = static_cast<std::size_t>(batch) * g.in.size();
  const std::size_t y = static_cast<std::size_t>(batch) * g.out().size();
  expect_same_pass<ConvPass::forward, math, Rows, Columns, Vector, T>(g, batch, x, g.weights(), y);
  expect_same_pass<ConvPass::data, math, Rows, Columns, Vector, T>(g, batch, y, g.weights(), x);
  if constexpr (Rows == 128) {  // (small tiles are for the other two)
    expect_same_pass<ConvPass::weights, math, Rows, Columns, Vector, T>(g, batch, x, y,
                                                                        g.weights());
  }
}

TEST(CudaBarriers, OfConvolutionsAreEnough) {
  const ConvGeometry odd{.in = {5, 9, 7}, .out_channels = 19, .kernel = 3, .padding = 1};
  const ConvGeometry even{.in = {32, 6, 6}, .out_channels = 64, .kernel = 3, .padding = 1};
  expect_same_passes<Math::exact, 128, 16, 1>(odd, 3);
  expect_same_passes<Math::exact, 128, 64, 4>(even, 2);
  expect_same_passes<Math::exact, 64, 32, 4>(even, 2);
  expect_same_passes<Math::exact, 128, 32, 1, double>(odd, 3);
  expect_same_passes<Math::tf32, 128, 32, 4>(even, 2);
  expect_same_passes<Math::tf32, 64, 64, 4>(even, 2);
  expect_same_passes<Math::bf16, 128, 16, 1>(odd, 3);
  expect_same_passes<Math::bf16, 128, 64, 4>(even, 2);
  expect_same_passes<Math::bf16, 64, 32, 4>(even, 2);
}

template <class L, Shape In>
void expect_same_layer(int batch) {
  using ByPhase = test::EmulatedCuda;
  using ByThread = test::EmulatedCudaIn<Math::exact, test::Turns::by_thread>;
  constexpr auto statistics = nn::Statistics::batch_and_track;
  const auto wanted = test::layer_trips<L, In, float, ByPhase>(batch, statistics);
  for (const Order order : {Order::ascending, Order::descending}) {
    const auto got =
        test::layer_trips<L, In, float>(batch, statistics, ByThread(ByThread::DeviceType(order)));
    EXPECT_EQ(got.y, wanted.y);
    EXPECT_EQ(got.dx, wanted.dx);
    EXPECT_EQ(got.gradient, wanted.gradient);
    EXPECT_EQ(got.statistics, wanted.statistics);
  }
}

TEST(CudaBarriers, OfOtherLayersAreEnough) {
  test::for_other_layers([]<class L, Shape In>(int batch) { expect_same_layer<L, In>(batch); });
}

}  // namespace
