#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/device.hpp"
#include "tepui/backend/cuda/toolkit/check.hpp"
#include "tepui/backend/cuda/toolkit/launch.hpp"

namespace tepui::backend::cuda {

/// @brief A queue of work on one GPU: a CUDA stream, with memory that is taken and given back in
/// its order. See device.hpp for what the members mean. Its device becomes the calling thread's.
/// @throws DeviceError where something fails
class Gpu {
 public:
  static constexpr std::string_view instructions = "ptx";

  /// A CUDA graph that can be launched.
  class Recording {
   public:
    explicit Recording(cudaGraph_t graph) {
      cudaGraphExec_t exec = nullptr;
      check(cudaGraphInstantiate(&exec, graph, 0), "making of a graph");
      graph_ = {exec, [](cudaGraphExec_t done) { cudaGraphExecDestroy(done); }};
    }
    [[nodiscard]] cudaGraphExec_t get() const { return graph_.get(); }

   private:
    std::shared_ptr<std::remove_pointer_t<cudaGraphExec_t>> graph_;
  };

  /// @param device number of the GPU
  explicit Gpu(int device = 0) : queue_(std::make_shared<Queue>(device)) {}
  [[nodiscard]] static Gpu none() { return Gpu(nullptr); }

  template <class Kernel>
  void launch(const Kernel& kernel, Grid grid) const {
    cuda::launch(kernel, grid, stream());
  }
  [[nodiscard]] void* allocate(std::size_t bytes) const {
    void* memory = nullptr;
    cudaError_t status = cudaMallocAsync(&memory, bytes, stream());
    if (status == cudaErrorMemoryAllocation && !is_recording()) {
      // what was given back in other queues may not be free yet, or lie in pieces
      (void)cudaGetLastError();
      check(cudaDeviceSynchronize(), "work on the device");
      check(cudaMemPoolTrimTo(queue_->pool, 0), "pool of memory");
      status = cudaMallocAsync(&memory, bytes, stream());
    }
    check(status, "memory on the device");
    return memory;
  }
  void release(void* memory) const noexcept { cudaFreeAsync(memory, queue_->stream); }
  void clear(void* memory, std::size_t bytes) const {
    check(cudaMemsetAsync(memory, 0, bytes, stream()), "filling of memory");
  }
  void copy_in(void* to, const void* from, std::size_t bytes) const {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream()), "copy to the device");
    // CUDA has read all of `from` when that returns, unless somebody made it page-locked
    cudaPointerAttributes attributes{};
    check(cudaPointerGetAttributes(&attributes, from), "kind of memory");
    if (attributes.type != cudaMemoryTypeUnregistered) wait();
  }
  void copy_out(void* to, const void* from, std::size_t bytes) const {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream()),
          "copy from the device");
    wait();
  }
  [[nodiscard]] std::shared_ptr<const void> kept(std::uint64_t id, const void* from,
                                                 std::size_t bytes) const {
    auto& kept = queue_->kept;
    auto known =
        std::find_if(kept.begin(), kept.end(), [id](const Kept& one) { return one.id == id; });
    if (known == kept.end()) {
      Kept fresh{id, Memory(allocate(bytes), Release{queue_->stream})};
      copy_in(fresh.memory.get(), from, bytes);
      kept.push_front(std::move(fresh));
      if (kept.size() > most_kept) kept.pop_back();
      known = kept.begin();
    } else {
      std::rotate(kept.begin(), known, known + 1);
      known = kept.begin();
    }
    // whoever has it keeps the stream, too, in which it is given back
    struct Holder {
      std::shared_ptr<Queue> queue;
      Memory memory;
    };
    const auto holder = std::make_shared<const Holder>(Holder{queue_, known->memory});
    return {holder, known->memory.get()};
  }
  /// Nothing that body launches runs before the recording is replayed.
  template <class Body>
  [[nodiscard]] Recording record(Body&& body) const {
    check(cudaStreamBeginCapture(stream(), cudaStreamCaptureModeThreadLocal),
          "begin of a recording");
    cudaGraph_t graph = nullptr;
    try {
      body();
    } catch (...) {
      cudaStreamEndCapture(queue_->stream, &graph);
      if (graph != nullptr) cudaGraphDestroy(graph);
      throw;
    }
    check(cudaStreamEndCapture(queue_->stream, &graph), "end of a recording");
    const std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, decltype(&cudaGraphDestroy)> owned(
        graph, &cudaGraphDestroy);
    return Recording(graph);
  }
  void replay(const Recording& recording) const {
    check(cudaGraphLaunch(recording.get(), stream()), "launch of a graph");
  }

  [[nodiscard]] std::string description() const {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, queue_->device), "description of the device");
    return properties.name;
  }
  /// Waits until everything so far is done.
  void wait() const { check(cudaStreamSynchronize(stream()), "work on the device"); }

 private:
  struct Release {
    cudaStream_t stream;
    void operator()(void* memory) const { cudaFreeAsync(memory, stream); }
  };
  using Memory = std::shared_ptr<void>;
  struct Kept {
    std::uint64_t id;
    Memory memory;
  };
  /// Images and labels of a few data sets.
  static constexpr std::size_t most_kept = 8;

  struct Queue {
    int device = 0;
    cudaMemPool_t pool = nullptr;
    cudaStream_t stream = nullptr;
    std::deque<Kept> kept;

    explicit Queue(int number) : device(number) {
      check(cudaSetDevice(device), "choice of a device");
      check(cudaDeviceGetDefaultMemPool(&pool, device), "pool of memory");
      // Memory that is given back is soon asked for again: the driver should not take it.
      std::uint64_t all = ~std::uint64_t{0};
      check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &all), "pool of memory");
      check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "new stream");
    }
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;
    ~Queue() {
      kept.clear();
      cudaStreamDestroy(stream);
    }
  };

  explicit Gpu(std::nullptr_t) {}
  /// The stream, with its device made the calling thread's.
  [[nodiscard]] cudaStream_t stream() const {
    check(cudaSetDevice(queue_->device), "choice of a device");
    return queue_->stream;
  }

  [[nodiscard]] bool is_recording() const {
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    check(cudaStreamIsCapturing(queue_->stream, &status), "state of a recording");
    return status != cudaStreamCaptureStatusNone;
  }

  std::shared_ptr<Queue> queue_;
};

}  // namespace tepui::backend::cuda
