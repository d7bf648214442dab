#pragma once

#include <cuda_runtime_api.h>

#include <string>

#include "tepui/core/error.hpp"

namespace tepui::backend::cuda {

/// Where there is no driver at all, CUDA complains of one that is too old.
[[nodiscard]] inline bool has_driver() {
  int version = 0;
  return cudaDriverGetVersion(&version) == cudaSuccess && version != 0;
}

/// @return what a failed call means, in words that say what to do
[[nodiscard]] inline std::string explain(cudaError_t error) {
  switch (error) {
    case cudaErrorNoDevice:
      return "this machine has no CUDA device; use backend::Cpu";
    case cudaErrorInsufficientDriver:
    case cudaErrorUnsupportedPtxVersion:
      if (!has_driver()) return "this machine has no NVIDIA driver; use backend::Cpu";
      return "the installed driver is too old for CUDA " + std::to_string(CUDART_VERSION / 1000) +
             "." + std::to_string(CUDART_VERSION % 1000 / 10) +
             ", with which this program was built; install a newer driver";
    case cudaErrorMemoryAllocation:
      return "the device has not enough free memory; use a smaller batch or fewer candidates at "
             "once";
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorInvalidDeviceFunction:
      return "the program was not built for this kind of device; add its number to "
             "CMAKE_CUDA_ARCHITECTURES";
    default:
      return std::string(cudaGetErrorString(error)) + " (" + cudaGetErrorName(error) + ")";
  }
}

/// @throws DeviceError that says what was tried, unless the call worked
inline void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  (void)cudaGetLastError();  // later calls should not report it again
  throw DeviceError(std::string("cuda: ") + what + ": " + explain(error));
}

/// @return CUDA devices that this program can use; 0 where there is no driver
[[nodiscard]] inline int device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  (void)cudaGetLastError();
  return 0;
}

}  // namespace tepui::backend::cuda
