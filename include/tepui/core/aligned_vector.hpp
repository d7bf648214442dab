#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace tepui {

/// @brief Allocates on 64-byte boundaries: a cache line, and the widest vector there is.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>& /*other*/) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), alignment));
  }
  void deallocate(T* memory, std::size_t /*count*/) { ::operator delete(memory, alignment); }

  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};

/// @brief A vector whose elements kernels read as fast as those of a model: a copy of its weights
/// that it is run with, for example.
template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace tepui
