// Kernels whose threads run ahead of each other until a barrier holds them, as on a GPU, against
// the same kernels phase by phase: a barrier that is missing changes results.
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "support/backend/emulated_device.hpp"
#include "support/backend/fiber_block.hpp"
#include "support/backend/layer_against_cpu.hpp"
#include "tepui/nn/nn.hpp"

namespace {

using namespace tepui;
using backend::cuda::Math;
using test::Turns;
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

template <Math math>
using ByPhase = test::EmulatedCudaIn<math>;
template <Math math>
using ByThread = test::EmulatedCudaIn<math, Turns::by_thread>;

template <Math math, class L, Shape In>
void expect_same_bits(int batch) {
  using Device = typename ByThread<math>::DeviceType;
  constexpr auto statistics = nn::Statistics::batch_and_track;
  const auto wanted = test::layer_trips<L, In, float, ByPhase<math>>(batch, statistics);
  for (const Order order : {Order::ascending, Order::descending}) {
    const auto got =
        test::layer_trips<L, In, float>(batch, statistics, ByThread<math>(Device(order)));
    EXPECT_EQ(got.y, wanted.y);
    EXPECT_EQ(got.dx, wanted.dx);
    EXPECT_EQ(got.gradient, wanted.gradient);
    EXPECT_EQ(got.statistics, wanted.statistics);
  }
}
template <Math math>
constexpr auto same_bits =
    []<class L, Shape In>(int batch) { expect_same_bits<math, L, In>(batch); };

TEST(CudaBarriers, OfConvolutionsAreEnough) {
  test::for_convolutions(same_bits<Math::exact>);
  test::for_convolutions(same_bits<Math::tf32>);
  test::for_convolutions(same_bits<Math::bf16>);
}

TEST(CudaBarriers, OfOtherLayersAreEnough) { test::for_other_layers(same_bits<Math::exact>); }

}  // namespace
