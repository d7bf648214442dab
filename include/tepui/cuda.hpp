#pragma once

#if defined(__has_include)
#if !__has_include(<cuda_runtime_api.h>)
#error "tepui/cuda.hpp needs the CUDA toolkit's headers: link tepui::cuda (see docs/cuda.md)"
#endif
#endif

/// @file
/// Everything, with networks, training and estimators on a GPU: backend::Cuda in place of
/// backend::Cpu. Programs that include it link tepui::cuda; see docs/cuda.md.

#include "tepui/backend/cuda/toolkit/gpu.hpp"
#include "tepui/cuda/batches.hpp"
#include "tepui/cuda/evaluation.hpp"
#include "tepui/cuda/perturbation.hpp"
#include "tepui/cuda/training_step.hpp"
#include "tepui/tepui.hpp"

namespace tepui::backend {

/// @brief Computes on an NVIDIA GPU, in plain float and double.
///
/// Made anew, it has a queue of its own on the first GPU that the program sees (the environment's
/// CUDA_VISIBLE_DEVICES says which that is); Cuda(cuda::Gpu(1)) is on the second.
using Cuda = cuda::BackendOn<cuda::Gpu>;
/// Convolutions and linear maps of float on tensor cores, factors rounded to 10 bits of mantissa.
using CudaTf32 = cuda::BackendOn<cuda::Gpu, cuda::Math::tf32>;
/// The same, rounded to 7 bits.
using CudaBf16 = cuda::BackendOn<cuda::Gpu, cuda::Math::bf16>;

}  // namespace tepui::backend
