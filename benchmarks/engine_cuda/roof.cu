#include "roof.hpp"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tepui/backend/cuda/toolkit/check.hpp"

namespace engine_cuda {
namespace {

using tepui::backend::cuda::check;
using tepui::backend::cuda::Math;

constexpr int threads = 256;
constexpr int rounds = 4096;
constexpr int chains = 8;  // independent sums, so that no unit waits for its own result

__global__ void __launch_bounds__(threads) multiply_add(float* out, float a, float b) {
  float sums[chains];
  for (int i = 0; i < chains; ++i) sums[i] = static_cast<float>(threadIdx.x + i);
  for (int r = 0; r < rounds; ++r) {
#pragma unroll
    for (int i = 0; i < chains; ++i) sums[i] = fmaf(sums[i], a, b);
  }
  float total = 0;
  for (int i = 0; i < chains; ++i) total += sums[i];
  if (total == 12345.0f) out[threadIdx.x] = total;  // never, but the compiler does not know
}

template <Math math>
__global__ void __launch_bounds__(threads)
    tensor_cores(float* out, std::uint32_t a, std::uint32_t b) {
  float sums[chains][4] = {};
  for (int r = 0; r < rounds; ++r) {
#pragma unroll
    for (int i = 0; i < chains; ++i) {
      if constexpr (math == Math::bf16) {
        asm volatile(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%4,%4,%4}, "
            "{%5,%5}, {%0,%1,%2,%3};"
            : "+f"(sums[i][0]), "+f"(sums[i][1]), "+f"(sums[i][2]), "+f"(sums[i][3])
            : "r"(a), "r"(b));
      } else {
        asm volatile(
            "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%4,%4,%4}, "
            "{%5,%5}, {%0,%1,%2,%3};"
            : "+f"(sums[i][0]), "+f"(sums[i][1]), "+f"(sums[i][2]), "+f"(sums[i][3])
            : "r"(a), "r"(b));
      }
    }
  }
  float total = 0;
  for (int i = 0; i < chains; ++i) total += sums[i][0] + sums[i][1] + sums[i][2] + sums[i][3];
  if (total == 12345.0f) out[threadIdx.x] = total;
}

/// Seconds that the fastest of some launches takes.
template <class Launch>
double best_seconds(Launch&& launch) {
  cudaEvent_t begin = nullptr;
  cudaEvent_t end = nullptr;
  check(cudaEventCreate(&begin), "event");
  check(cudaEventCreate(&end), "event");
  float best = 1e30f;
  for (int i = 0; i < 6; ++i) {
    check(cudaEventRecord(begin), "event");
    launch();
    check(cudaEventRecord(end), "event");
    check(cudaEventSynchronize(end), "measurement of a roof");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin, end), "event");
    best = std::min(best, milliseconds);
  }
  check(cudaEventDestroy(begin), "event");
  check(cudaEventDestroy(end), "event");
  return best * 1e-3;
}

}  // namespace

double measured_teraflops(Math math) {
  int device = 0;
  int multiprocessors = 0;
  check(cudaGetDevice(&device), "device");
  check(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device), "device");
  void* out = nullptr;
  check(cudaMalloc(&out, threads * sizeof(float)), "memory");
  auto* const to = static_cast<float*>(out);
  const int blocks = multiprocessors * 8;
  const double seconds = best_seconds([&] {
    if (math == Math::exact) {
      multiply_add<<<blocks, threads>>>(to, 0.999f, 0.001f);
    } else if (math == Math::tf32) {
      tensor_cores<Math::tf32><<<blocks, threads>>>(to, 0, 0);
    } else {
      tensor_cores<Math::bf16><<<blocks, threads>>>(to, 0, 0);
    }
    check(cudaGetLastError(), "launch");
  });
  check(cudaFree(out), "memory");
  const double threads_in_all = static_cast<double>(blocks) * threads;
  const double of_a_thread = math == Math::exact  ? 2.0
                             : math == Math::tf32 ? 2.0 * 16 * 8 * 8 / 32
                                                  : 2.0 * 16 * 8 * 16 / 32;
  return threads_in_all * rounds * chains * of_a_thread / seconds * 1e-12;
}

double measured_gigabytes() {
  constexpr std::size_t bytes = std::size_t{1} << 30;
  void* from = nullptr;
  void* to = nullptr;
  check(cudaMalloc(&from, bytes), "memory");
  check(cudaMalloc(&to, bytes), "memory");
  const double seconds = best_seconds(
      [&] { check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice), "copy"); });
  check(cudaFree(from), "memory");
  check(cudaFree(to), "memory");
  return 2.0 * static_cast<double>(bytes) / seconds * 1e-9;
}

}  // namespace engine_cuda
