#pragma once

#include <cuda_runtime_api.h>

#include "tepui/backend/cuda/block.hpp"

namespace tepui::backend::cuda {

/// @brief Puts a kernel on a stream.
///
/// Defined in cuda/kernels.cu, which nvcc compiles, for every kernel there is; programs that use
/// the backend need no CUDA compiler. (Nor could they use it: nvcc does not compile networks, whose
/// shapes are template arguments.)
/// @throws DeviceError if it could not be launched
template <class Kernel>
void launch(const Kernel& kernel, Grid grid, cudaStream_t stream);

}  // namespace tepui::backend::cuda
