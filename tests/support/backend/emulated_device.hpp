#pragma once

#include <sys/mman.h>

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
#include <utility>
#include <vector>

#include "tepui/backend/cuda/backend.hpp"

/// @file
/// A device whose kernels the processor runs: everything of the CUDA backend but CUDA.

namespace tepui::test {

/// Whether the processor may touch the device's memory outside kernels and copies.
enum class Reach { open, guarded };

/// @brief A device made of pages of its own, which are closed but for the time of a kernel or copy:
/// code that takes a pointer of the device for one of the processor dies at once. Recordings replay
/// the kernels as they were recorded, arguments included.
template <Reach reach>
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
    const auto work = [kernel, grid, order = order_] {
      backend::cuda::run_on_host(kernel, grid, order);
    };
    if (state_->recording != nullptr) {
      state_->recording->launches.push_back(work);
    } else {
      const Opened opened(*state_);
      work();
    }
  }
  [[nodiscard]] void* allocate(std::size_t bytes) const {
    refuse_while_recording();
    return state_->allocate(bytes);
  }
  void release(void* memory) const { state_->release(memory); }
  void clear(void* memory, std::size_t bytes) const {
    refuse_while_recording();
    const Opened opened(*state_);
    std::memset(memory, 0, bytes);
  }
  void copy_in(void* to, const void* from, std::size_t bytes) const { copy(to, from, bytes); }
  void copy_out(void* to, const void* from, std::size_t bytes) const { copy(to, from, bytes); }
  [[nodiscard]] std::shared_ptr<const void> kept(std::uint64_t id, const void* from,
                                                 std::size_t bytes) const {
    std::shared_ptr<const void>& known = state_->kept[id];
    if (known == nullptr) {
      void* const memory = allocate(bytes);
      known = {memory, [](const void*) {}};  // goes with the device
      copy(memory, from, bytes);
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
    const Opened opened(*state_);
    for (const auto& launch : recording.launches) launch();
    ++state_->replays;
  }

  [[nodiscard]] int recordings() const { return state_->recordings; }
  [[nodiscard]] int replays() const { return state_->replays; }

 private:
  static constexpr std::size_t room = std::size_t{1} << 28;
  static constexpr std::size_t boundary = 256;

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
    ~State() { ::munmap(memory, room); }

    void protect(bool open) const {
      if constexpr (reach == Reach::guarded) {
        ::mprotect(memory, room, open ? PROT_READ | PROT_WRITE : PROT_NONE);
      }
    }
    /// First fit among what was given back, or fresh memory.
    void* allocate(std::size_t bytes) {
      const std::size_t size = (bytes + boundary - 1) / boundary * boundary;
      for (auto free = free_.begin(); free != free_.end(); ++free) {
        if (free->second != size) continue;
        const std::size_t at = free->first;
        free_.erase(free);
        used_[at] = size;
        return memory + at;
      }
      if (end_ + size > room) throw std::bad_alloc();
      used_[end_] = size;
      return memory + std::exchange(end_, end_ + size);
    }
    void release(void* pointer) {
      const auto used =
          used_.find(static_cast<std::size_t>(static_cast<std::byte*>(pointer) - memory));
      if (used == used_.end()) throw std::logic_error("memory was given back twice");
      free_.insert(*used);
      used_.erase(used);
    }

    std::byte* memory = nullptr;
    Recording* recording = nullptr;
    std::map<std::uint64_t, std::shared_ptr<const void>> kept;
    int recordings = 0;
    int replays = 0;

   private:
    std::map<std::size_t, std::size_t> used_;  // offset and size
    std::map<std::size_t, std::size_t> free_;
    std::size_t end_ = 0;
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
  void copy(void* to, const void* from, std::size_t bytes) const {
    refuse_while_recording();
    const Opened opened(*state_);
    std::memcpy(to, from, bytes);
  }

  std::shared_ptr<State> state_;
  Order order_ = Order::ascending;
};

/// The CUDA backend on it.
using EmulatedCuda = backend::cuda::BackendOn<EmulatedDevice<Reach::guarded>>;
template <backend::cuda::Math math>
using EmulatedCudaIn = backend::cuda::BackendOn<EmulatedDevice<Reach::guarded>, math>;
/// For layers by themselves, which are checked with memory of the processor.
using OpenCuda = backend::cuda::BackendOn<EmulatedDevice<Reach::open>>;

}  // namespace tepui::test
