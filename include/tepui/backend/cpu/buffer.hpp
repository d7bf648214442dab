#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <span>
#include <utility>

namespace tepui::backend {

/// @brief Owning array on a 64-byte boundary, zero-filled when made unless asked otherwise.
/// @tparam T float or double (any trivial type works)
template <class T>
class AlignedBuffer {
 public:
  static constexpr std::size_t alignment_bytes = 64;

  AlignedBuffer() = default;
  /// @param count elements; 0 allocates nothing
  explicit AlignedBuffer(std::size_t count) : data_(allocate(count)), size_(count) {
    std::fill_n(data_, size_, T{});
  }
  /// Whose elements mean nothing until they are written; what is never written takes no memory.
  [[nodiscard]] static AlignedBuffer uninitialized(std::size_t count) {
    AlignedBuffer result;
    result.data_ = allocate(count);
    result.size_ = count;
    return result;
  }
  AlignedBuffer(const AlignedBuffer& other) : data_(allocate(other.size_)), size_(other.size_) {
    std::copy_n(other.data_, size_, data_);
  }
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~AlignedBuffer() { ::operator delete (data_, std::align_val_t{alignment_bytes}); }

  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::span<T> span() { return {data_, size_}; }
  [[nodiscard]] std::span<const T> span() const { return {data_, size_}; }

 private:
  static T* allocate(std::size_t count) {
    if (count == 0) return nullptr;
    return static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{alignment_bytes}));
  }
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tepui::backend
