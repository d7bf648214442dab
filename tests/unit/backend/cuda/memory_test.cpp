// An array of a device and its copy on the processor are brought up to date by whoever asks.
#include "tepui/backend/cuda/memory.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "support/backend/emulated_device.hpp"
#include "tepui/cuda/passes.hpp"

namespace {

using namespace tepui;
using Cuda = test::EmulatedCuda;
using Memory = Cuda::Buffer<float>;

std::vector<float> seen(const Memory& memory) {
  const std::span<const float> span = memory.span();
  return {span.begin(), span.end()};
}

TEST(CudaMemory, BeginsWithZeros) {
  const Cuda cuda;
  EXPECT_EQ(seen(cuda.zeros<float>(3)), (std::vector<float>{0, 0, 0}));
  EXPECT_EQ(cuda.zeros<float>(0).size(), 0u);
  EXPECT_TRUE(seen(cuda.zeros<float>(0)).empty());
  EXPECT_TRUE(seen(Memory{}).empty());
}

TEST(CudaMemory, WhatEitherSideWritesTheOtherSees) {
  const Cuda cuda;
  Memory memory = cuda.zeros<float>(3);
  memory.span()[1] = 5;
  cuda.add_scaled(3, 2, std::as_const(memory).data(), memory.data());  // x += 2 x
  EXPECT_EQ(seen(memory), (std::vector<float>{0, 15, 0}));
  memory.span()[0] = 1;
  cuda.add_scaled(3, 1, std::as_const(memory).data(), memory.data());
  EXPECT_EQ(seen(memory), (std::vector<float>{2, 30, 0}));
}

TEST(CudaMemory, ASpanShowsWhatWasThereWhenItWasAskedFor) {
  const Cuda cuda;
  Memory memory = cuda.zeros<float>(1);
  const std::span<const float> before = std::as_const(memory).span();
  cuda.fill(1, 7, memory.data());
  EXPECT_EQ(before[0], 0);
  EXPECT_EQ(std::as_const(memory).span()[0], 7);
  EXPECT_EQ(before[0], 7);  // the same copy, brought up to date
}

TEST(CudaMemory, MovesWithItsCopy) {
  const Cuda cuda;
  Memory memory = cuda.zeros<float>(2);
  memory.span()[0] = 4;
  Memory other = std::move(memory);
  EXPECT_EQ(seen(other), (std::vector<float>{4, 0}));
  cuda.fill(2, 1, other.data());
  memory = std::move(other);
  EXPECT_EQ(seen(memory), (std::vector<float>{1, 1}));
}

TEST(EmulatedDevice, WaitsWithKernelsUntilSomebodyLooks) {
  const Cuda cuda;
  Memory memory = cuda.zeros<float>(1);
  cuda.fill(1, 2, memory.data());
  const test::EmulatedDevice<test::Reach::guarded>& device = cuda.device();
  EXPECT_EQ(device.waiting(), 3u);  // memory that makes no number, zeros, the kernel
  EXPECT_EQ(seen(memory), std::vector<float>{2});
  EXPECT_EQ(device.waiting(), 0u);
}

TEST(EmulatedDevice, FindsWhatNobodyWrote) {
  const Cuda cuda;
  Memory memory = cuda.uninitialized<float>(2);
  cuda.fill(1, 2, memory.data());
  const std::vector<float> numbers = seen(memory);
  EXPECT_EQ(numbers[0], 2);
  EXPECT_TRUE(std::isnan(numbers[1]));
}

TEST(EmulatedDevice, RefusesLaunchesThatAGpuRefuses) {
  const test::EmulatedDevice<test::Reach::guarded> device;
  EXPECT_THROW(device.launch(tepui::cuda::BeginStep{}, {0, 1, 1}), std::logic_error);
  EXPECT_THROW(device.launch(tepui::cuda::BeginStep{}, {1, 65536, 1}), std::logic_error);
}

TEST(EmulatedDevice, FindsWhatIsWrittenBehindTheEnd) {
  const Cuda cuda;
  const Memory witness = cuda.zeros<float>(1);
  {
    Memory memory = cuda.zeros<float>(70);
    cuda.fill(71, 2, memory.data());
  }
  EXPECT_THROW(seen(witness), std::logic_error);
  {
    const Memory from = cuda.zeros<float>(70);
    Memory to = cuda.zeros<float>(70);
    cuda.copy(71, from.data(), to.data());  // what stands behind the end of the one
  }
  EXPECT_THROW(seen(witness), std::logic_error);
}

TEST(EmulatedDevice, FindsWhatIsWrittenAfterTheEnd) {
  const Cuda cuda;
  float* late = nullptr;
  {
    Memory memory = cuda.zeros<float>(70);
    late = memory.data();
  }
  cuda.fill(1, 2, late);
  const Memory next = cuda.zeros<float>(70);
  EXPECT_THROW(seen(next), std::logic_error);
}

}  // namespace
