#pragma once

#include <cstddef>
#include <string_view>

#include "tepui/backend/cuda/device.hpp"
#include "tepui/backend/cuda/memory.hpp"
#include "tepui/backend/cuda/operations.hpp"

namespace tepui::backend::cuda {

/// @brief Computes on a device, with kernels whose work is cut by sizes alone: the same bits in
/// every run.
///
/// Networks, training and estimators keep what they work on in the device's memory; what users hand
/// in and get back lies in the processor's. A backend that is made anew has a queue of its own, so
/// models side by side share the device; copies of one share its queue, which belongs to one thread
/// at a time.
template <Device D, Math math = Math::exact>
class BackendOn : public Operations<D, math> {
 public:
  static constexpr std::string_view name = "cuda";
  static constexpr std::string_view instructions = D::instructions;
  /// Pointers that kernels take are not the processor's.
  static constexpr bool on_device = true;

  using DeviceType = D;
  using LossSum = cuda::LossSum;
  template <class T>
  using Buffer = Memory<T, D>;

  using Operations<D, math>::Operations;

  template <class T>
  [[nodiscard]] Buffer<T> zeros(std::size_t count) const {
    return Buffer<T>(this->device(), count);
  }
  template <class T>
  [[nodiscard]] Buffer<T> uninitialized(std::size_t count) const {
    return Buffer<T>::uninitialized(this->device(), count);
  }
};

}  // namespace tepui::backend::cuda
