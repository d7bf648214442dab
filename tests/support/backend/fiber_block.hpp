#pragma once

#include <ucontext.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "tepui/backend/cuda/block.hpp"

/// @file
/// Kernels whose threads run ahead of each other on the processor, as far as barriers let them.

namespace tepui::test {

/// @brief The threads of a block, each with a stack of its own: one after the other runs until it
/// meets a barrier or ends, and all that met it go on when the last has come.
///
/// As on a GPU a thread executes the whole kernel, and nothing but barriers holds it back. A thread
/// that comes first reads what the others have not written, and overwrites what they have not read,
/// so a barrier that is missing shows in the results, in one of the two orders for every pair.
class Fibers {
 public:
  using Order = backend::cuda::HostBlock::Order;

  /// Calls body(thread) in `threads` fibers.
  /// @throws std::logic_error if some threads end while others wait
  template <class Body>
  void run(int threads, Order order, const Body& body) {
    call_ = [](const void* at, int thread) { (*static_cast<const Body*>(at))(thread); };
    body_ = &body;
    threads_ = threads;
    if (fibers_.size() < static_cast<std::size_t>(threads)) {
      fibers_ = std::vector<Fiber>(static_cast<std::size_t>(threads));
    }
    for (int t = 0; t < threads; ++t) start(t);
    for (;;) {
      for (int k = 0; k < threads; ++k) {
        const int t = order == Order::ascending ? k : threads - 1 - k;
        if (at(t).state == State::ready) resume(t);
      }
      if (!open_warps() && !open_block()) return;
    }
  }

  /// Called by a thread: waits for all of the block, or of its warp.
  void wait_for_block() { wait(State::at_block); }
  void wait_for_warp() { wait(State::at_warp); }
  /// Of the thread that runs.
  [[nodiscard]] int thread() const { return running_; }
  [[nodiscard]] int warp_begin() const {
    return running_ / backend::cuda::warp_size * backend::cuda::warp_size;
  }
  /// What a thread shows to its warp.
  struct Shown {
    void* sums;
    const void* a;
    const void* b;
  };
  [[nodiscard]] Shown& shown(int thread) { return at(thread).shown; }

 private:
  enum class State { ready, at_block, at_warp, over };
  static constexpr std::size_t stack_size = std::size_t{128} << 10;

  struct Fiber {
    ucontext_t context;
    std::unique_ptr<std::byte[]> stack;
    State state;
    Shown shown;
  };

  Fiber& at(int thread) { return fibers_[static_cast<std::size_t>(thread)]; }

  void start(int thread) {
    Fiber& fiber = at(thread);
    if (fiber.stack == nullptr)
      fiber.stack = std::make_unique_for_overwrite<std::byte[]>(stack_size);
    ::getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = stack_size;
    fiber.context.uc_link = &home_;
    const auto self = reinterpret_cast<std::uintptr_t>(this);
    ::makecontext(&fiber.context, reinterpret_cast<void (*)()>(&Fibers::begin), 2,
                  static_cast<unsigned>(self >> 32), static_cast<unsigned>(self));
    fiber.state = State::ready;
  }
  static void begin(unsigned high, unsigned low) {
    auto* const self = reinterpret_cast<Fibers*>(static_cast<std::uintptr_t>(high) << 32 | low);
    self->call_(self->body_, self->running_);
    self->at(self->running_).state = State::over;
  }
  void resume(int thread) {
    running_ = thread;
    ::swapcontext(&home_, &at(thread).context);
  }
  void wait(State where) {
    Fiber& self = at(running_);
    self.state = where;
    ::swapcontext(&self.context, &home_);
  }

  /// Lets go on who waits in a warp that is all there.
  bool open_warps() {
    bool any = false;
    for (int first = 0; first < threads_; first += backend::cuda::warp_size) {
      const int last = std::min(first + backend::cuda::warp_size, threads_);
      any |= open(first, last, State::at_warp);
    }
    return any;
  }
  bool open_block() {
    if (open(0, threads_, State::at_block)) return true;
    for (int t = 0; t < threads_; ++t) {
      if (at(t).state != State::over) throw std::logic_error("threads wait at different barriers");
    }
    return false;
  }
  bool open(int first, int last, State where) {
    for (int t = first; t < last; ++t) {
      if (at(t).state != where) return false;
    }
    for (int t = first; t < last; ++t) at(t).state = State::ready;
    return true;
  }

  std::vector<Fiber> fibers_;
  ucontext_t home_;
  void (*call_)(const void*, int) = nullptr;
  const void* body_ = nullptr;
  int threads_ = 0;
  int running_ = 0;
};

/// @brief A block as one of its threads sees it, like backend::cuda::DeviceBlock.
class FiberBlock {
 public:
  template <class T>
  struct PerThread {
    T value;
    T& operator[](int) { return value; }
    const T& operator[](int) const { return value; }
  };

  FiberBlock(Fibers& fibers, int x, int y, int z) : fibers_(fibers), x_(x), y_(y), z_(z) {}
  [[nodiscard]] int index() const { return x_; }
  [[nodiscard]] int index_y() const { return y_; }
  [[nodiscard]] int index_z() const { return z_; }

  template <class Phase>
  void each(Phase&& phase) {
    phase(fibers_.thread());
    fibers_.wait_for_block();
  }
  template <class Phase>
  void each_alone(Phase&& phase) {
    phase(fibers_.thread());
  }

  template <int M, int N>
  void multiply(PerThread<backend::cuda::Tf32Tile::C[M][N]>& sums,
                const PerThread<backend::cuda::Tf32Tile::A[M]>& a,
                const PerThread<backend::cuda::Tf32Tile::B[N]>& b) {
    multiply_tiles<backend::cuda::Tf32Tile, M, N>(sums.value, a.value, b.value);
  }
  template <int M, int N>
  void multiply(PerThread<backend::cuda::Bf16Tile::C[M][N]>& sums,
                const PerThread<backend::cuda::Bf16Tile::A[M]>& a,
                const PerThread<backend::cuda::Bf16Tile::B[N]>& b) {
    multiply_tiles<backend::cuda::Bf16Tile, M, N>(sums.value, a.value, b.value);
  }

 private:
  /// The warp meets, its first thread computes for all, and it meets again.
  template <class Tile, int M, int N>
  void multiply_tiles(typename Tile::C (&sums)[M][N], const typename Tile::A (&a)[M],
                      const typename Tile::B (&b)[N]) {
    fibers_.shown(fibers_.thread()) = {&sums, &a, &b};
    fibers_.wait_for_warp();
    const int first = fibers_.warp_begin();
    if (fibers_.thread() == first) {
      using Sums = typename Tile::C[M][N];
      using A = typename Tile::A[M];
      using B = typename Tile::B[N];
      backend::cuda::multiply_in_warp<Tile, M, N>(
          [&](int lane) -> Sums& { return *static_cast<Sums*>(fibers_.shown(first + lane).sums); },
          [&](int lane) -> const A& {
            return *static_cast<const A*>(fibers_.shown(first + lane).a);
          },
          [&](int lane) -> const B& {
            return *static_cast<const B*>(fibers_.shown(first + lane).b);
          });
    }
    fibers_.wait_for_warp();
  }

  Fibers& fibers_;
  int x_;
  int y_;
  int z_;
};

/// @brief Runs a kernel block by block; its shared memory begins as bytes that make no number.
template <class Kernel>
void run_on_fibers(const Kernel& kernel, backend::cuda::Grid grid, Fibers::Order order) {
  using Shared = typename Kernel::Shared;
  static thread_local Fibers fibers;
  const auto memory = std::make_unique<std::byte[]>(sizeof(Shared) + alignof(Shared));
  void* place = memory.get();
  std::size_t room = sizeof(Shared) + alignof(Shared);
  std::align(alignof(Shared), sizeof(Shared), place, room);
  backend::cuda::for_blocks(grid, order, [&](int x, int y, int z) {
    std::memset(place, 0xFF, sizeof(Shared));
    auto& shared = *static_cast<Shared*>(place);
    fibers.run(Kernel::threads, order, [&](int) {
      FiberBlock block(fibers, x, y, z);
      kernel(block, shared);
    });
  });
}

}  // namespace tepui::test
