#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/backend/fiber_block.hpp"
#include "tepui/backend/cuda/backend.hpp"

/// @file
/// A device whose kernels the processor runs: everything of the CUDA backend but CUDA.

namespace tepui::test {

/// Whether the processor may touch the device's memory outside kernels and copies. If it may not,
/// kernels wait in a queue until somebody copies out; else they run at once.
enum class Reach { open, guarded };

/// How the threads of a block take turns: phase by phase, or each as far as barriers let it, which
/// is slower and shows barriers that are missing.
enum class Turns { by_phase, by_thread };

/// @brief A device made of pages of its own, and what mistakes do on a GPU shows here.
///
/// Its pages are closed but for the time of a kernel or copy: code that takes a pointer of the
/// device for one of the processor dies at once. Kernels run as late as they may, when a copy to
/// the processor waits for them. Memory begins as bytes that make no number; what a kernel
/// writes behind the end of it, or after it was given back, is found. (One allocation may hold many
/// tensors: what lies between those is not looked at.) Recordings replay the kernels as they were
/// recorded, arguments included.
template <Reach reach, Turns turns = Turns::by_phase>
class EmulatedDevice {
 public:
  static constexpr std::string_view instructions = "emulated";
  using Grid = backend::cuda::Grid;
  using Order = backend::cuda::HostBlock::Order;
  struct Recording {
    std::vector<std::function<void()>> launches;
  };

  explicit EmulatedDevice(Order order = Order::ascending)
      : state_(std::make_shared<State>()), order_(order) {}
  static EmulatedDevice none() { return EmulatedDevice(nullptr); }

  [[nodiscard]] static std::string description() { return "the processor"; }
  template <class Kernel>
  void launch(const Kernel& kernel, Grid grid) const {
    static_assert(std::is_trivially_copyable_v<Kernel> && sizeof(Kernel) <= 4096);
    static_assert(Kernel::threads <= 1024 && sizeof(typename Kernel::Shared) <= 48 * 1024);
    if (std::min({grid.x, grid.y, grid.z}) < 1 || std::max(grid.y, grid.z) > 65535) {
      throw std::logic_error("a GPU does not take a launch of so few or so many blocks");
    }
    const auto work = [kernel, grid, order = order_] {
      if constexpr (turns == Turns::by_phase) {
        backend::cuda::run_on_host(kernel, grid, order);
      } else {
        run_on_fibers(kernel, grid, order);
      }
    };
    if (state_->recording != nullptr) {
      state_->recording->launches.push_back(work);
    } else {
      state_->enqueue(work);
    }
  }
  [[nodiscard]] void* allocate(std::size_t bytes) const {
    refuse_while_recording();
    return state_->allocate(bytes);
  }
  void release(void* memory) const { state_->release(memory); }
  void clear(void* memory, std::size_t bytes) const {
    refuse_while_recording();
    state_->enqueue([memory, bytes] { std::memset(memory, 0, bytes); });
  }
  void copy_in(void* to, const void* from, std::size_t bytes) const {
    refuse_while_recording();
    const auto* const first = static_cast<const std::byte*>(from);
    state_->enqueue([to, copy = std::vector<std::byte>(first, first + bytes)] {
      std::memcpy(to, copy.data(), copy.size());
    });
  }
  void copy_out(void* to, const void* from, std::size_t bytes) const {
    refuse_while_recording();
    state_->finish();
    const Opened opened(*state_);
    std::memcpy(to, from, bytes);
  }
  [[nodiscard]] std::shared_ptr<const void> kept(std::uint64_t id, const void* from,
                                                 std::size_t bytes) const {
    std::shared_ptr<const void>& known = state_->kept[id];
    if (known == nullptr) {
      void* const memory = allocate(bytes);
      known = {memory, [](const void*) {}};  // goes with the device
      copy_in(memory, from, bytes);
    }
    return known;
  }
  template <class Body>
  [[nodiscard]] Recording record(Body&& body) const {
    Recording recording;
    state_->recording = &recording;
    body();
    state_->recording = nullptr;
    ++state_->recordings;
    return recording;
  }
  void replay(const Recording& recording) const {
    for (const auto& launch : recording.launches) state_->enqueue(launch);
    ++state_->replays;
  }

  [[nodiscard]] int recordings() const { return state_->recordings; }
  [[nodiscard]] int replays() const { return state_->replays; }
  /// Kernels and copies that have not run yet.
  [[nodiscard]] std::size_t waiting() const { return state_->waiting(); }

 private:
  static constexpr std::size_t room = std::size_t{1} << 28;
  static constexpr std::size_t boundary = 256;
  static constexpr int no_number = 0xFF;  // every byte of what nobody wrote

  struct State {
    State() {
      void* const pages = ::mmap(nullptr, room, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (pages == MAP_FAILED) throw std::bad_alloc();
      memory = static_cast<std::byte*>(pages);
      protect(false);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    /// What nobody waited for is done as well, and a fault that is found then ends the test.
    ~State() {
      for (const auto& [at, block] : used_) look_behind(memory + at, block);
      finish();
      ::munmap(memory, room);
    }

    void protect(bool open) const {
      if constexpr (reach == Reach::guarded) {
        ::mprotect(memory, room, open ? PROT_READ | PROT_WRITE : PROT_NONE);
      }
    }
    void enqueue(std::function<void()> work) {
      queue_.push_back(std::move(work));
      if constexpr (reach == Reach::open) finish();
    }
    [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
    /// Does all that is in the queue.
    void finish() {
      if (queue_.empty()) return;
      const auto work = std::exchange(queue_, {});
      const Opened opened(*this);
      for (const auto& each : work) each();
      if (!fault_.empty()) throw std::logic_error(std::exchange(fault_, {}));
    }

    /// First fit among what was given back, or fresh memory; with room behind it that nobody may
    /// write to.
    void* allocate(std::size_t bytes) {
      const std::size_t size = (bytes + boundary - 1) / boundary * boundary + boundary;
      std::size_t at = end_;
      const auto free = std::find_if(free_.begin(), free_.end(),
                                     [size](const auto& one) { return one.second == size; });
      const bool is_new = free == free_.end();
      if (!is_new) {
        at = free->first;
        free_.erase(free);
      } else {
        if (end_ + size > room) throw std::bad_alloc();
        end_ += size;
      }
      const Block block = used_[at] = {bytes, size};
      std::byte* const first = memory + at;
      enqueue([this, first, block, is_new] {
        if (!is_new && !is_unwritten(first, block.size)) {
          fault_ = "a kernel wrote to memory that was given back";
        }
        std::memset(first, no_number, block.bytes);
        for (std::size_t i = block.bytes; i < block.size; ++i) first[i] = guard(first + i);
      });
      return first;
    }
    void release(void* pointer) {
      auto* const first = static_cast<std::byte*>(pointer);
      const auto used = used_.find(static_cast<std::size_t>(first - memory));
      if (used == used_.end()) throw std::logic_error("memory was given back twice");
      const Block block = used->second;
      look_behind(first, block);
      enqueue([first, block] { std::memset(first, no_number, block.size); });
      free_[used->first] = block.size;
      used_.erase(used);
    }

    std::byte* memory = nullptr;
    Recording* recording = nullptr;
    std::map<std::uint64_t, std::shared_ptr<const void>> kept;
    int recordings = 0;
    int replays = 0;

   private:
    struct Block {
      std::size_t bytes;  // asked for
      std::size_t size;
    };
    /// What stands behind the end: another byte in every place, so that a copy of what stands
    /// behind the end of something else is not the same.
    [[nodiscard]] std::byte guard(const std::byte* at) const {
      const auto offset = static_cast<std::uint32_t>(at - memory);
      return static_cast<std::byte>(offset * 2654435761u >> 24);
    }
    static bool is_unwritten(const std::byte* first, std::size_t bytes) {
      return std::all_of(first, first + bytes,
                         [](std::byte b) { return b == static_cast<std::byte>(no_number); });
    }
    void look_behind(const std::byte* first, Block block) {
      enqueue([this, first, block] {
        for (std::size_t i = block.bytes; i < block.size; ++i) {
          if (first[i] != guard(first + i)) fault_ = "a kernel wrote behind the end of memory";
        }
      });
    }

    std::map<std::size_t, Block> used_;        // by offset
    std::map<std::size_t, std::size_t> free_;  // offset and size
    std::size_t end_ = 0;
    std::vector<std::function<void()>> queue_;
    std::string fault_;
  };
  class Opened {
   public:
    explicit Opened(const State& state) : state_(state) { state_.protect(true); }
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;
    ~Opened() { state_.protect(false); }

   private:
    const State& state_;
  };

  explicit EmulatedDevice(std::nullptr_t) {}
  void refuse_while_recording() const {
    if (state_->recording != nullptr) throw std::logic_error("this cannot be recorded");
  }

  std::shared_ptr<State> state_;
  Order order_ = Order::ascending;
};

/// The CUDA backend on it.
using EmulatedCuda = backend::cuda::BackendOn<EmulatedDevice<Reach::guarded>>;
template <backend::cuda::Math math, Turns turns = Turns::by_phase>
using EmulatedCudaIn = backend::cuda::BackendOn<EmulatedDevice<Reach::guarded, turns>, math>;
/// For layers by themselves, which are checked with memory of the processor.
using OpenCuda = backend::cuda::BackendOn<EmulatedDevice<Reach::open>>;

}  // namespace tepui::test
