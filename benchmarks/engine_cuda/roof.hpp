#pragma once

// What the device can do at best: the roofs that the cases are held against.

#include "tepui/backend/cuda/gemm_tile.hpp"

namespace engine_cuda {

/// @return 10^12 floating-point operations a second of multiply-adds in registers alone: of the
/// ordinary units (Math::exact), or of the tensor cores through mma.sync, which our convolutions
/// use (on Hopper that is about two thirds of what wgmma reaches). Measured anew at every call,
/// some milliseconds; the device must be idle.
double measured_teraflops(tepui::backend::cuda::Math math);

/// @return 10^9 bytes a second that are read and written by a copy within the device's memory
double measured_gigabytes();

}  // namespace engine_cuda
