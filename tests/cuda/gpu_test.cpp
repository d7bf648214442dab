// Kernels and networks on a GPU against backend::Cpu; skipped where there is none.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "support/backend/network_check.hpp"
#include "tepui/backend/cuda/operations.hpp"
#include "tepui/backend/cuda/toolkit/gpu.hpp"

namespace {

using namespace tepui;
using backend::cuda::Math;

/// Memory that both the device and the processor can read.
template <class T>
class SharedBuffer {
 public:
  SharedBuffer() = default;
  explicit SharedBuffer(std::size_t count) : SharedBuffer(uninitialized(count)) {
    for (T& v : span()) v = T{};
  }
  static SharedBuffer uninitialized(std::size_t count) {
    SharedBuffer result;
    if (count != 0) {
      void* memory = nullptr;
      backend::cuda::check(cudaMallocManaged(&memory, count * sizeof(T)), "shared memory");
      result.data_ = static_cast<T*>(memory);
    }
    result.size_ = count;
    return result;
  }
  SharedBuffer(SharedBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  SharedBuffer& operator=(SharedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~SharedBuffer() { cudaFree(data_); }

  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] std::span<T> span() { return {data_, size_}; }
  [[nodiscard]] std::span<const T> span() const { return {data_, size_}; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

struct GpuOnSharedMemory : backend::cuda::Operations<backend::cuda::Gpu> {
  static constexpr std::string_view name = "cuda on shared memory";
  static constexpr std::string_view instructions = "ptx";
  template <class T>
  using Buffer = SharedBuffer<T>;
  using Operations::Operations;
  void wait() const { device().wait(); }
};

class Gpu : public testing::Test {
 protected:
  void SetUp() override {
    if (backend::cuda::device_count() == 0) GTEST_SKIP() << "no CUDA device is visible";
  }
};

TEST_F(Gpu, TrainsAlongPathsAsTheProcessorDoes) {
  test::check_training<GpuOnSharedMemory, double>(1e-11);
  test::check_training<GpuOnSharedMemory, float>(1e-4);
}

TEST_F(Gpu, InfersAsTheProcessorDoes) {
  test::check_inference<GpuOnSharedMemory, double>(1e-11);
  test::check_inference<GpuOnSharedMemory, float>(1e-4);
}

TEST_F(Gpu, RunsHaveTheSameBits) { test::check_repeats<GpuOnSharedMemory, float>(); }

TEST(CudaErrors, SayWhatToDo) {
  using backend::cuda::explain;
  EXPECT_NE(explain(cudaErrorNoDevice).find("backend::Cpu"), std::string::npos);
  EXPECT_NE(explain(cudaErrorInsufficientDriver).find("driver"), std::string::npos);
  EXPECT_NE(explain(cudaErrorMemoryAllocation).find("smaller batch"), std::string::npos);
  if (backend::cuda::device_count() != 0) return;
  try {
    backend::cuda::Gpu gpu;
    FAIL() << "there is no device";
  } catch (const DeviceError& error) {
    EXPECT_EQ(std::string_view(error.what()).substr(0, 6), "cuda: ");
  }
}

}  // namespace
