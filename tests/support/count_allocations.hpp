#pragma once

/// @file
/// Counts what a test program takes from operator new. Include in one file of the program only.

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace tepui::test {
inline std::atomic<long> allocations{0};

inline void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) std::abort();
  return memory;
}
// Not inlined, or the compiler sees memory of operator new go to free and warns.
[[gnu::noinline]] inline void release(void* memory) { std::free(memory); }
}  // namespace tepui::test

void* operator new(std::size_t size) { return tepui::test::counted(size, 16); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return tepui::test::counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { tepui::test::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { tepui::test::release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { tepui::test::release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  tepui::test::release(memory);
}
