#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "tepui/backend/cuda/block.hpp"
#include "tepui/backend/cuda/loss.hpp"
#include "tepui/backend/cuda/toolkit/check.hpp"
#include "tepui/backend/cuda/toolkit/launch.hpp"

namespace tepui::backend::cuda {

/// @brief A queue of work on one GPU, in order; copies are the same queue.
/// @throws DeviceError where something fails
class Gpu {
 public:
  /// @param device number of the GPU
  explicit Gpu(int device = 0) : queue_(std::make_shared<Queue>(device)) {}

  template <class Kernel>
  void launch(const Kernel& kernel, Grid grid) const {
    cuda::launch(kernel, grid, queue_->stream);
  }
  [[nodiscard]] cudaStream_t stream() const { return queue_->stream; }
  /// Waits until everything so far is done.
  void wait() const { check(cudaStreamSynchronize(queue_->stream), "work on the device"); }

  /// Where kernels leave the loss of a batch, on the device.
  [[nodiscard]] LossSum* loss_sum() const { return queue_->loss; }
  /// Waits for it.
  [[nodiscard]] LossSum read(const LossSum* from) const {
    check(cudaMemcpyAsync(queue_->loss_here, from, sizeof(LossSum), cudaMemcpyDeviceToHost,
                          queue_->stream),
          "copy of the loss");
    wait();
    return *queue_->loss_here;
  }
  /// @return the labels of a batch on the device, until the next call
  [[nodiscard]] const std::uint16_t* labels(const std::uint16_t* host, std::size_t count) const {
    queue_->make_room(count);
    check(cudaMemcpyAsync(queue_->labels, host, count * sizeof(std::uint16_t),
                          cudaMemcpyHostToDevice, queue_->stream),
          "copy of the labels");
    return queue_->labels;
  }

 private:
  struct Queue {
    cudaStream_t stream = nullptr;
    LossSum* loss = nullptr;       ///< on the device
    LossSum* loss_here = nullptr;  ///< in pinned memory of the processor
    std::uint16_t* labels = nullptr;
    std::size_t labels_room = 0;

    explicit Queue(int device) {
      check(cudaSetDevice(device), "choice of a device");
      check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "new stream");
      loss = allocate<LossSum>(1, "memory for the loss");
      void* here = nullptr;
      check(cudaMallocHost(&here, sizeof(LossSum)), "memory for the loss");
      loss_here = static_cast<LossSum*>(here);
    }
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;
    ~Queue() {
      cudaFree(labels);
      cudaFreeHost(loss_here);
      cudaFree(loss);
      if (stream != nullptr) cudaStreamDestroy(stream);
    }
    void make_room(std::size_t count) {
      if (count <= labels_room) return;
      check(cudaFree(labels), "end of the memory for labels");
      labels = nullptr;
      labels_room = 0;
      labels = allocate<std::uint16_t>(count, "memory for labels");
      labels_room = count;
    }
  };
  std::shared_ptr<Queue> queue_;
};

}  // namespace tepui::backend::cuda
