#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace tepui::backend::cuda {

/// @brief An array in a device's memory that the processor can look into.
///
/// `data()` is where kernels work, `span()` a copy in the processor's memory, made when it is first
/// asked for. Asking for either brings it up to date with the other, so a span shows what kernels
/// did until it was asked for, and what is written to it reaches kernels that are launched after
/// the next `data()`: ask again after every trip. Asking for something constant promises not to
/// write, which saves copies. One thread at a time.
/// @tparam Device see device.hpp
template <class T, class Device>
class Memory {
 public:
  Memory() = default;
  /// Zeros. @throws DeviceError if the device has not enough memory
  Memory(const Device& device, std::size_t count) : Memory(uninitialized(device, count)) {
    if (count != 0) device_.clear(data_, count * sizeof(T));
  }
  [[nodiscard]] static Memory uninitialized(const Device& device, std::size_t count) {
    Memory result;
    result.device_ = device;
    result.size_ = count;
    if (count != 0) result.data_ = static_cast<T*>(device.allocate(count * sizeof(T)));
    return result;
  }
  Memory(Memory&& other) noexcept { swap(other); }
  Memory& operator=(Memory&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Memory() {
    if (data_ != nullptr) device_.release(data_);
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] T* data() {
    write_back();
    newest_ = Newest::device;
    return data_;
  }
  [[nodiscard]] const T* data() const {
    write_back();
    return data_;
  }
  [[nodiscard]] std::span<T> span() {
    read();
    newest_ = Newest::processor;
    return here_;
  }
  [[nodiscard]] std::span<const T> span() const {
    read();
    return here_;
  }

 private:
  enum class Newest { both, device, processor };

  void write_back() const {
    if (newest_ != Newest::processor || size_ == 0) return;
    device_.copy_in(data_, here_.data(), size_ * sizeof(T));
    newest_ = Newest::both;
  }
  void read() const {
    if (newest_ != Newest::device || size_ == 0) return;
    here_.resize(size_);
    device_.copy_out(here_.data(), data_, size_ * sizeof(T));
    newest_ = Newest::both;
  }
  void swap(Memory& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(here_, other.here_);
    std::swap(newest_, other.newest_);
  }

  Device device_{Device::none()};
  T* data_ = nullptr;
  std::size_t size_ = 0;
  mutable std::vector<T> here_;
  mutable Newest newest_ = Newest::device;
};

}  // namespace tepui::backend::cuda
