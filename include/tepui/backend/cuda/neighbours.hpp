#pragma once

#include <cstddef>
#include <cstdint>

#include "tepui/backend/cuda/block.hpp"

namespace tepui::backend::cuda {

/// Neighbours in as few trips to memory as there can be; four lie on a boundary of 16 bytes.
template <class T, int Count>
TEPUI_HOST_DEVICE void read_neighbours(const T* from, T (&values)[Count]) {
#if defined(__CUDA_ARCH__)
  if constexpr (Count != 4) {
    for (int v = 0; v < Count; ++v) values[v] = from[v];
  } else if constexpr (sizeof(T) == 4) {
    const float4 four = *reinterpret_cast<const float4*>(from);
    values[0] = four.x, values[1] = four.y, values[2] = four.z, values[3] = four.w;
  } else {
    const auto* const pairs = reinterpret_cast<const double2*>(from);
    const double2 low = pairs[0], high = pairs[1];
    values[0] = low.x, values[1] = low.y, values[2] = high.x, values[3] = high.y;
  }
#else
  for (int v = 0; v < Count; ++v) values[v] = from[v];
#endif
}
template <class T, int Count>
TEPUI_HOST_DEVICE void write_neighbours(const T (&values)[Count], T* to) {
#if defined(__CUDA_ARCH__)
  if constexpr (Count != 4) {
    for (int v = 0; v < Count; ++v) to[v] = values[v];
  } else if constexpr (sizeof(T) == 4) {
    *reinterpret_cast<float4*>(to) = make_float4(values[0], values[1], values[2], values[3]);
  } else {
    auto* const pairs = reinterpret_cast<double2*>(to);
    pairs[0] = make_double2(values[0], values[1]);
    pairs[1] = make_double2(values[2], values[3]);
  }
#else
  for (int v = 0; v < Count; ++v) to[v] = values[v];
#endif
}

/// Numbers that lie next to each other, read and written at a time: four of float, or one.
template <class T, int Count>
struct Neighbours {
  static_assert(Count == 1 || (Count == 4 && sizeof(T) == 4), "Neighbours: four of float, or one");
  T value[Count];
};

/// @param from for four: on a boundary of 16 bytes
template <int Count, class T>
TEPUI_HOST_DEVICE Neighbours<T, Count> read_neighbours(const T* from) {
  Neighbours<T, Count> read;
  read_neighbours(from, read.value);
  return read;
}
/// @param to for four: on a boundary of 16 bytes
template <class T, int Count>
TEPUI_HOST_DEVICE void write_neighbours(const Neighbours<T, Count>& from, T* to) {
  write_neighbours(from.value, to);
}

/// Whether all of these may be read or written four at a time; null: not used.
template <class... T>
[[nodiscard]] bool on_vector_boundary(const T*... pointers) {
  return ((reinterpret_cast<std::uintptr_t>(pointers) % 16 == 0) && ...);
}

}  // namespace tepui::backend::cuda
