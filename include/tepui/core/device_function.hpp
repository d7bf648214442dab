#pragma once

/// @file
/// Functions that run in kernels of a GPU as well as on the processor are marked with this. A
/// constexpr function needs no mark: the kernels are compiled with leave to call it.

#if defined(__CUDACC__)
#define TEPUI_KERNEL __host__ __device__ __forceinline__
#else
#define TEPUI_KERNEL inline
#endif
