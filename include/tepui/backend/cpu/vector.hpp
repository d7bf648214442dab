#pragma once

#include <cstddef>

/// @file
/// Instruction set of the translation unit, its namespace, and the vector types of the kernels.
///
/// Kernels differ with the compiler's target flags, so everything that depends on them lives in an
/// inline namespace named after the instruction set: objects built with different flags can be
/// linked together without sharing a function that only one of them may run.

#if defined(__AVX512F__)
#define TEPUI_CPU_ISA avx512
#define TEPUI_CPU_VECTOR_BYTES 64
#elif defined(__AVX2__) && defined(__FMA__)
#define TEPUI_CPU_ISA avx2
#define TEPUI_CPU_VECTOR_BYTES 32
#else
#define TEPUI_CPU_ISA generic
#define TEPUI_CPU_VECTOR_BYTES 16
#endif

#define TEPUI_INLINE inline __attribute__((always_inline))

namespace tepui::backend {
inline namespace TEPUI_CPU_ISA {
namespace detail {

/// Bytes of one vector register.
inline constexpr int vector_bytes = TEPUI_CPU_VECTOR_BYTES;
/// Vector registers of the instruction set.
inline constexpr int vector_registers = vector_bytes == 64 ? 32 : 16;

/// Elements of T in one vector register.
template <class T>
inline constexpr int lanes = vector_bytes / static_cast<int>(sizeof(T));

template <class T, int N>
struct VectorOf {
  typedef T type __attribute__((vector_size(static_cast<std::size_t>(N) * sizeof(T))));
};
/// N (a power of two) elements of T that are added and multiplied lane by lane.
template <class T, int N>
using Vector = typename VectorOf<T, N>::type;

/// @return N elements from an address of any alignment
template <int N, class T>
TEPUI_INLINE Vector<T, N> load(const T* p) {
  Vector<T, N> v;
  __builtin_memcpy(&v, p, sizeof(v));
  return v;
}

/// Writes all lanes to an address of any alignment.
template <class V, class T>
TEPUI_INLINE void store(T* p, const V& v) {
  __builtin_memcpy(p, &v, sizeof(v));
}

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
