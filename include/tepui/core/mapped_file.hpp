#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>

#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"

namespace tepui {

/// @brief A file as memory that can only be read: pages come from the disk when they are touched,
/// and all programs that map the file share them.
///
/// The bytes are those of the file as it was opened, also if it is replaced or removed meanwhile,
/// as write_file_atomically does. A program that shortens the file itself ends the readers.
class MappedFile {
 public:
  /// @throws FileError with the system's reason if the file cannot be opened or mapped
  explicit MappedFile(const std::filesystem::path& path) {
    const detail::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) throw detail::file_error("open", path, errno);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw detail::file_error("read", path, errno);
    if (S_ISDIR(status.st_mode)) throw detail::file_error("read", path, EISDIR);
    size_ = static_cast<std::size_t>(status.st_size);
    if (size_ == 0) return;  // nothing can be mapped
    data_ = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.get(), 0);
    if (data_ == MAP_FAILED) throw detail::file_error("map", path, errno);
  }
  MappedFile(MappedFile&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~MappedFile() {
    if (size_ != 0) ::munmap(data_, size_);
  }

  /// The whole content, at an address that is a multiple of the page size; empty for an empty file.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const {
    return {static_cast<const std::uint8_t*>(data_), size_};
  }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tepui
