#pragma once

/// @file
/// Marks a function that runs on the processor and inside kernels on a GPU.
///
/// Without nvcc it is an ordinary inline function. constexpr functions need no mark: with
/// --expt-relaxed-constexpr nvcc lets kernels call them.

#if defined(__CUDACC__)
#define TEPUI_HOST_DEVICE __host__ __device__ __forceinline__
#else
#define TEPUI_HOST_DEVICE inline
#endif
