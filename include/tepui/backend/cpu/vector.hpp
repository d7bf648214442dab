#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

/// @file
/// Instruction set of the translation unit, its namespace, and the vector types of the kernels.
///
/// Kernels differ with the compiler's target flags, so everything that depends on them lives in an
/// inline namespace named after the instruction set: objects built with different flags can be
/// linked together without sharing a function that only one of them may run.

#if defined(__AVX512F__)
#define TEPUI_CPU_ISA avx512
#define TEPUI_CPU_ISA_NAME "avx512"
#define TEPUI_CPU_VECTOR_BYTES 64
#elif defined(__AVX2__) && defined(__FMA__)
#define TEPUI_CPU_ISA avx2
#define TEPUI_CPU_ISA_NAME "avx2"
#define TEPUI_CPU_VECTOR_BYTES 32
#else
#define TEPUI_CPU_ISA generic
#define TEPUI_CPU_ISA_NAME "generic"
#define TEPUI_CPU_VECTOR_BYTES 16
#endif

// Clang would otherwise split 512-bit arithmetic in two; the attribute spreads to where a function
// is inlined.
#if defined(__clang__) && defined(__AVX512F__)
#define TEPUI_CPU_INLINE inline __attribute__((always_inline, min_vector_width(512)))
#else
#define TEPUI_CPU_INLINE inline __attribute__((always_inline))
#endif

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
TEPUI_CPU_INLINE Vector<T, N> load(const T* p) {
  Vector<T, N> v;
  __builtin_memcpy(&v, p, sizeof(v));
  return v;
}

/// Writes all lanes to an address of any alignment.
template <class T, class V>
TEPUI_CPU_INLINE void store(T* p, const V& v) {
  __builtin_memcpy(p, &v, sizeof(v));
}

/// @return the first Count of N elements, zeros after them; reads nothing beyond
template <int N, int Count, class T>
TEPUI_CPU_INLINE Vector<T, N> load_first(const T* p) {
  if constexpr (Count == N) {
    return load<N>(p);
  } else {
#if defined(__AVX512F__)
    if constexpr (N == lanes<T> && std::is_same_v<T, float>) {
      return (Vector<T, N>)_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << Count) - 1u), p);
    } else if constexpr (N == lanes<T> && std::is_same_v<T, double>) {
      return (Vector<T, N>)_mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << Count) - 1u), p);
    } else
#endif
    {
      Vector<T, N> v{};
      for (int i = 0; i < Count; ++i) v[i] = p[i];
      return v;
    }
  }
}

/// Writes the first Count lanes and nothing beyond.
template <int Count, class T, class V>
TEPUI_CPU_INLINE void store_first(T* p, const V& v) {
  __builtin_memcpy(p, &v, static_cast<std::size_t>(Count) * sizeof(T));
}

/// How a run of channels is held in vectors: `count` vectors of `width` lanes, of which the last
/// uses `tail`.
struct ChannelVectors {
  int width = 1;
  int count = 1;
  int tail = 1;
  [[nodiscard]] constexpr int padded() const { return width * count; }
};
template <class T>
[[nodiscard]] constexpr ChannelVectors channel_vectors(int channels) {
  int width = 16 / static_cast<int>(sizeof(T));
  while (width < lanes<T> && width < channels) width *= 2;
  const int count = (channels + width - 1) / width;
  return {width, count, channels - (count - 1) * width};
}

/// An integer as a type, to hand to a generic lambda.
template <int N>
using Number = std::integral_constant<int, N>;

/// Calls `body(Number<0>)` ... `body(Number<Count - 1>)`.
template <int Count, class Body>
TEPUI_CPU_INLINE void unrolled(Body&& body) {
  [&]<int... Index>(std::integer_sequence<int, Index...>) __attribute__((always_inline)) {
    (body(Number<Index>{}), ...);
  }
  (std::make_integer_sequence<int, Count>{});
}

}  // namespace detail
}  // namespace TEPUI_CPU_ISA
}  // namespace tepui::backend
