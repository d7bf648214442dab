#pragma once

/// @file
/// Everything, with networks, training and estimators on a GPU: backend::Cuda in place of
/// backend::Cpu. Programs that include it link tepui::cuda; see docs/cuda.md.

#include "tepui/cuda/batches.hpp"
#include "tepui/cuda/evaluation.hpp"
#include "tepui/cuda/perturbation.hpp"
#include "tepui/backend/cuda/toolkit/gpu.hpp"
#include "tepui/cuda/training_step.hpp"
#include "tepui/tepui.hpp"

namespace tepui::backend {

/// @brief Computes on an NVIDIA GPU.
///
/// Cuda(Gpu(1), Math::tf32): on the second GPU, convolutions on its tensor cores. Made anew, it has
/// a queue of its own on the first one and computes in plain float and double.
using Cuda = cuda::BackendOn<cuda::Gpu>;

}  // namespace tepui::backend
