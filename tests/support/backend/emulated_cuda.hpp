#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "tepui/backend/cpu/buffer.hpp"
#include "tepui/backend/cuda/operations.hpp"

/// @file
/// The CUDA backend with its kernels run on the processor: everything but the launch is the same.

namespace tepui::test {

struct HostDevice {
  template <class Kernel>
  void launch(const Kernel& kernel, backend::cuda::Grid grid) const {
    backend::cuda::run_on_host(kernel, grid, order);
  }
  [[nodiscard]] backend::cuda::LossSum* loss_sum() const { return sum.get(); }
  [[nodiscard]] backend::cuda::LossSum read(const backend::cuda::LossSum* from) const {
    return *from;
  }
  [[nodiscard]] const std::uint16_t* labels(const std::uint16_t* host, std::size_t) const {
    return host;
  }

  backend::cuda::HostBlock::Order order = backend::cuda::HostBlock::Order::ascending;
  std::shared_ptr<backend::cuda::LossSum> sum = std::make_shared<backend::cuda::LossSum>();
};

struct EmulatedCuda : backend::cuda::Operations<HostDevice> {
  static constexpr std::string_view name = "emulated cuda";
  static constexpr std::string_view instructions = "host";
  template <class T>
  using Buffer = backend::AlignedBuffer<T>;
  using Operations::Operations;
};

}  // namespace tepui::test
