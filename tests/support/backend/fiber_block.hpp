#pragma once

#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tepui/backend/cuda/block.hpp"

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

/// @file
/// Kernels whose threads run ahead of each other on the processor, as far as barriers let them.

namespace tepui::test {

/// What the thread sanitizer has to know of a stack of its own; nothing without it.
class SanitizedStack {
 public:
#if defined(__SANITIZE_THREAD__)
  void make() { stack_ = __tsan_create_fiber(0); }
  void take_current() { stack_ = __tsan_get_current_fiber(); }
  void destroy() { __tsan_destroy_fiber(stack_); }
  /// (The sanitizer notes calls and returns on the stack that is current.)
  [[gnu::always_inline]] void enter() const { __tsan_switch_to_fiber(stack_, 0); }

 private:
  void* stack_ = nullptr;
#else
  void make() {}
  void take_current() {}
  void destroy() {}
  void enter() const {}
#endif
};

/// @brief The threads of a block, each with a stack of its own: one after the other runs until it
/// meets a barrier or ends, and all that met it go on when the last has come.
///
/// As on a GPU a thread executes the whole kernel, and nothing but barriers holds it back. A warp
/// runs until all of it waits for the block, before the next begins. So what comes first reads what
/// the others have not written, and overwrites what they have not read: a barrier that is missing
/// shows in the results, in one of the two orders for every pair.
class Fibers {
 public:
  using Order = backend::cuda::HostBlock::Order;

  Fibers() = default;
  Fibers(const Fibers&) = delete;
  Fibers& operator=(const Fibers&) = delete;
  ~Fibers() { clear(); }

  /// Calls body(thread) in `threads` fibers.
  /// @throws std::logic_error if some threads end while others wait; what body throws
  template <class Body>
  void run(int threads, Order order, const Body& body) {
    call_ = [](const void* at, int thread) { (*static_cast<const Body*>(at))(thread); };
    body_ = &body;
    make_room(static_cast<std::size_t>(threads));
    home_stack_.take_current();
    for (int t = 0; t < threads; ++t) start(t);
    const int warps = (threads + backend::cuda::warp_size - 1) / backend::cuda::warp_size;
    do {
      for (int w = 0; w < warps; ++w) {
        const int first =
            (order == Order::ascending ? w : warps - 1 - w) * backend::cuda::warp_size;
        const int last = std::min(first + backend::cuda::warp_size, threads);
        do {
          for (int k = first; k < last; ++k) {
            const int t = order == Order::ascending ? k : first + last - 1 - k;
            if (at(t).state == State::ready) resume(t);
          }
        } while (open(first, last, State::at_warp));
      }
      if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
    } while (open(0, threads, State::at_block));
    for (int t = 0; t < threads; ++t) {
      if (at(t).state != State::over) throw std::logic_error("threads wait at different barriers");
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
  static constexpr std::size_t page = 4096;
  static constexpr std::size_t stack_room = std::size_t{128} << 10;  // the first page is closed

  struct Fiber {
    ucontext_t context;
    SanitizedStack stack;
    State state;
    Shown shown;
  };

  Fiber& at(int thread) { return fibers_[static_cast<std::size_t>(thread)]; }

  void clear() {
    for (Fiber& fiber : fibers_) fiber.stack.destroy();
    if (stacks_ != nullptr) ::munmap(stacks_, fibers_.size() * stack_room);
    fibers_.clear();
    stacks_ = nullptr;
  }
  void make_room(std::size_t threads) {
    if (fibers_.size() >= threads) return;
    clear();
    fibers_ = std::vector<Fiber>(threads);
    for (Fiber& fiber : fibers_) fiber.stack.make();
    void* const memory = ::mmap(nullptr, threads * stack_room, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    stacks_ = static_cast<std::byte*>(memory);
    for (std::size_t t = 0; t < threads; ++t) {
      ::mprotect(stacks_ + t * stack_room, page, PROT_NONE);
    }
  }
  void start(int thread) {
    Fiber& fiber = at(thread);
    ::getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = stacks_ + static_cast<std::size_t>(thread) * stack_room + page;
    fiber.context.uc_stack.ss_size = stack_room - page;
    fiber.context.uc_link = &home_;
    const auto self = reinterpret_cast<std::uintptr_t>(this);
    ::makecontext(&fiber.context, reinterpret_cast<void (*)()>(&Fibers::begin), 2,
                  static_cast<unsigned>(self >> 32), static_cast<unsigned>(self));
    fiber.state = State::ready;
  }
  [[gnu::no_sanitize_thread]] static void begin(unsigned high, unsigned low) {
    auto* const self = reinterpret_cast<Fibers*>(static_cast<std::uintptr_t>(high) << 32 | low);
    try {
      self->call_(self->body_, self->running_);
    } catch (...) {  // (nothing may leave a fiber's first function)
      self->failure_ = std::current_exception();
    }
    self->at(self->running_).state = State::over;
    self->home_stack_.enter();
  }
  void resume(int thread) {
    running_ = thread;
    at(thread).stack.enter();
    ::swapcontext(&home_, &at(thread).context);
  }
  void wait(State where) {
    Fiber& self = at(running_);
    self.state = where;
    home_stack_.enter();
    ::swapcontext(&self.context, &home_);
  }
  /// Lets threads first..last-1 go on, if all of them wait there.
  bool open(int first, int last, State where) {
    for (int t = first; t < last; ++t) {
      if (at(t).state != where) return false;
    }
    for (int t = first; t < last; ++t) at(t).state = State::ready;
    return true;
  }

  std::vector<Fiber> fibers_;
  std::byte* stacks_ = nullptr;
  ucontext_t home_;
  SanitizedStack home_stack_;
  void (*call_)(const void*, int) = nullptr;
  const void* body_ = nullptr;
  int running_ = 0;
  std::exception_ptr failure_;
};

/// Those of the calling thread.
inline Fibers& fibers_here() {
  static thread_local Fibers fibers;
  return fibers;
}

/// @brief A block as one of its threads sees it, like backend::cuda::DeviceBlock.
class FiberBlock {
 public:
  template <class T>
  struct PerThread {
    T value;
    PerThread() { std::memset(static_cast<void*>(&value), 0xFF, sizeof value); }
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
  Fibers& fibers = fibers_here();
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
