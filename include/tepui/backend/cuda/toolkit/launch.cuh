#pragma once

#include "tepui/backend/cuda/toolkit/check.hpp"
#include "tepui/backend/cuda/toolkit/launch.hpp"

/// @file
/// How kernels are compiled, for nvcc alone. A kernel of your own becomes known to launch() by one
/// line in a file of your own that nvcc compiles:
///
///     TEPUI_KERNEL(my::Kernel<float>);      // outside of all namespaces
///
/// The function of a layer's for_each is one inside EachIndex, a pass over parameters
/// (optim::HostVectors) inside tepui::cuda::EachElement or SumPieces.

namespace tepui::backend::cuda {
namespace {

template <class Kernel>
__global__ void __launch_bounds__(Kernel::threads) run(const Kernel kernel) {
  __shared__ typename Kernel::Shared shared;
  DeviceBlock block;
  kernel(block, shared);
}

}  // namespace

template <class Kernel>
void launch(const Kernel& kernel, Grid grid, cudaStream_t stream) {
  const dim3 blocks(static_cast<unsigned>(grid.x), static_cast<unsigned>(grid.y),
                    static_cast<unsigned>(grid.z));
  // (not <<<>>>, whose errors are found only with those of everybody else's calls before)
  void* arguments[] = {const_cast<Kernel*>(&kernel)};
  check(cudaLaunchKernel(reinterpret_cast<const void*>(&run<Kernel>), blocks, dim3(Kernel::threads),
                         arguments, 0, stream),
        "launch of a kernel");
}

}  // namespace tepui::backend::cuda

#define TEPUI_KERNEL(...)                                                                    \
  template void tepui::backend::cuda::launch(const __VA_ARGS__&, tepui::backend::cuda::Grid, \
                                             cudaStream_t)
