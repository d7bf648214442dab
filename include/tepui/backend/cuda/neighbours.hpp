#pragma once

#include <cstddef>
#include <cstdint>

#include "tepui/backend/cuda/block.hpp"

namespace tepui::backend::cuda {

/// Numbers that lie next to each other, read and written at a time.
template <class T, int Count>
struct Neighbours {
  static_assert(Count == 1 || Count == 4, "Neighbours: one or four");
  T value[Count];
};

/// @param from for four: on a boundary of 16 bytes
template <int Count, class T>
TEPUI_KERNEL Neighbours<T, Count> read_neighbours(const T* from) {
#if defined(__CUDA_ARCH__)
  if constexpr (Count == 4 && sizeof(T) == 4) {
    const float4 four = *reinterpret_cast<const float4*>(from);
    return {{four.x, four.y, four.z, four.w}};
  } else if constexpr (Count == 4) {
    const double2* const pairs = reinterpret_cast<const double2*>(from);
    const double2 low = pairs[0];
    const double2 high = pairs[1];
    return {{low.x, low.y, high.x, high.y}};
  }
#endif
  Neighbours<T, Count> result;
  TEPUI_UNROLL
  for (int v = 0; v < Count; ++v) result.value[v] = from[v];
  return result;
}

/// @param to for four: on a boundary of 16 bytes
template <class T, int Count>
TEPUI_KERNEL void write_neighbours(T* to, const Neighbours<T, Count>& from) {
#if defined(__CUDA_ARCH__)
  if constexpr (Count == 4 && sizeof(T) == 4) {
    *reinterpret_cast<float4*>(to) =
        make_float4(from.value[0], from.value[1], from.value[2], from.value[3]);
    return;
  } else if constexpr (Count == 4) {
    double2* const pairs = reinterpret_cast<double2*>(to);
    pairs[0] = make_double2(from.value[0], from.value[1]);
    pairs[1] = make_double2(from.value[2], from.value[3]);
    return;
  }
#endif
  TEPUI_UNROLL
  for (int v = 0; v < Count; ++v) to[v] = from.value[v];
}

/// Whether all of these may be read or written four at a time; null: not used.
template <class... T>
[[nodiscard]] bool on_vector_boundary(const T*... pointers) {
  return ((reinterpret_cast<std::uintptr_t>(pointers) % 16 == 0) && ...);
}

}  // namespace tepui::backend::cuda
