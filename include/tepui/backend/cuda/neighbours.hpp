#pragma once

#include <cstddef>
#include <cstdint>

#include "tepui/backend/cuda/block.hpp"

namespace tepui::backend::cuda {

/// Numbers that lie next to each other, read and written at a time: four of float, or one.
template <class T, int Count>
struct Neighbours {
  static_assert(Count == 1 || (Count == 4 && sizeof(T) == 4), "Neighbours: four of float, or one");
  T value[Count];
};

/// @param from for four: on a boundary of 16 bytes
template <int Count, class T>
TEPUI_KERNEL Neighbours<T, Count> read_neighbours(const T* from) {
  if constexpr (Count == 1) {
    return {{from[0]}};
  } else {
#if defined(__CUDA_ARCH__)
    const float4 four = *reinterpret_cast<const float4*>(from);
    return {{four.x, four.y, four.z, four.w}};
#else
    return {{from[0], from[1], from[2], from[3]}};
#endif
  }
}

/// @param to for four: on a boundary of 16 bytes
template <class T, int Count>
TEPUI_KERNEL void write_neighbours(T* to, const Neighbours<T, Count>& from) {
  const T* const value = from.value;
  if constexpr (Count == 1) {
    to[0] = value[0];
  } else {
#if defined(__CUDA_ARCH__)
    *reinterpret_cast<float4*>(to) = make_float4(value[0], value[1], value[2], value[3]);
#else
    for (int v = 0; v < Count; ++v) to[v] = value[v];
#endif
  }
}

/// Whether all of these may be read or written four at a time; null: not used.
template <class... T>
[[nodiscard]] bool on_vector_boundary(const T*... pointers) {
  return ((reinterpret_cast<std::uintptr_t>(pointers) % 16 == 0) && ...);
}

}  // namespace tepui::backend::cuda
