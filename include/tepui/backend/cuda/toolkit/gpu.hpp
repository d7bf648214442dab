#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/device.hpp"
#include "tepui/backend/cuda/toolkit/check.hpp"
#include "tepui/backend/cuda/toolkit/launch.hpp"

namespace tepui::backend::cuda {

/// @brief A queue of work on one GPU: a CUDA stream, with memory that is taken and given back in its
/// order. See device.hpp for what the members mean.
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
    check(cudaMallocAsync(&memory, bytes, stream()), "memory on the device");
    return memory;
  }
  void release(void* memory) const noexcept { cudaFreeAsync(memory, queue_->stream); }
  void clear(void* memory, std::size_t bytes) const {
    check(cudaMemsetAsync(memory, 0, bytes, stream()), "filling of memory");
  }
  /// (CUDA has read all of `from` when this returns, since that is not page-locked.)
  void copy_in(void* to, const void* from, std::size_t bytes) const {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream()),
          "copy to the device");
  }
  void copy_out(void* to, const void* from, std::size_t bytes) const {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream()),
          "copy from the device");
    wait();
  }
  [[nodiscard]] std::shared_ptr<const void> kept(std::uint64_t id, const void* from,
                                                 std::size_t bytes) const {
    auto& kept = queue_->kept;
    for (const auto& [known, memory] : kept) {
      if (known == id) return memory;
    }
    void* const memory = allocate(bytes);
    // the last who needs it may be a recording that outlives the place in this list
    std::shared_ptr<const void> owned(
        memory, [stream = queue_->stream](const void* done) {
          cudaFreeAsync(const_cast<void*>(done), stream);
        });
    copy_in(memory, from, bytes);
    kept.emplace_front(id, owned);
    if (kept.size() > Queue::most_kept) kept.pop_back();
    return owned;
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

  /// Waits until everything so far is done.
  void wait() const { check(cudaStreamSynchronize(stream()), "work on the device"); }

 private:
  struct Queue {
    /// Images and labels of a few data sets.
    static constexpr std::size_t most_kept = 8;

    int device = 0;
    cudaStream_t stream = nullptr;
    std::deque<std::pair<std::uint64_t, std::shared_ptr<const void>>> kept;

    explicit Queue(int number) : device(number) {
      check(cudaSetDevice(device), "choice of a device");
      check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "new stream");
      // Memory that is given back is soon asked for again: the driver should not take it.
      cudaMemPool_t pool = nullptr;
      check(cudaDeviceGetDefaultMemPool(&pool, device), "pool of memory");
      std::uint64_t all = ~std::uint64_t{0};
      check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &all),
            "pool of memory");
    }
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;
    ~Queue() {
      kept.clear();
      if (stream != nullptr) cudaStreamDestroy(stream);
    }
  };

  explicit Gpu(std::nullptr_t) {}
  /// The stream, with its device made the calling thread's.
  [[nodiscard]] cudaStream_t stream() const {
    check(cudaSetDevice(queue_->device), "choice of a device");
    return queue_->stream;
  }

  std::shared_ptr<Queue> queue_;
};

}  // namespace tepui::backend::cuda
