#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"

/// @file
/// Whole files in and out. A file that the library writes appears complete or not at all.

namespace tepui {

namespace detail {

/// @return the system's reason for `code` and, for the common ones, what to do about it
[[nodiscard]] inline std::string file_reason(int code, const std::filesystem::path& path) {
  const std::string reason = std::generic_category().message(code);
  switch (code) {
    case ENOENT:
    case ENOTDIR: {
      const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
      std::error_code ignored;
      if (!std::filesystem::is_directory(parent, ignored)) {
        return reason + ": the directory " + parent.string() + " does not exist; create it first";
      }
      return reason;
    }
    case EISDIR:
      return reason + ": a file is needed";
    case EROFS:
      return reason + ": choose a directory on a file system that can be written";
    case EACCES:
    case EPERM:
      return reason + ": check the permissions of the file and of its directory";
    case ENOSPC:
    case EDQUOT:
      return reason + ": free some space on the disk and try again";
    case EFBIG:
      return reason + ": the size limit of the process or of the file system is reached";
    default:
      return reason;
  }
}

[[nodiscard]] inline FileError file_error(std::string_view action,
                                          const std::filesystem::path& path, int code) {
  return FileError("cannot " + std::string(action) + " " + path.string() + ": " +
                   file_reason(code, path));
}

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const { return value_; }
  /// @return false if the system reports a late write error (errno is set)
  [[nodiscard]] bool close() {
    const int value = value_;
    value_ = -1;
    return ::close(value) == 0;
  }

 private:
  int value_;
};

/// Removes the named file unless told to keep it.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::filesystem::path path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  std::filesystem::path path_;
};

/// Makes what was renamed in `directory` survive a power cut, where the file system can.
inline void sync_directory(const std::filesystem::path& directory) {
  const Descriptor handle(
      ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.get() >= 0) ::fsync(handle.get());
}

}  // namespace detail

/// @brief Reads a whole file.
/// @throws FileError with the system's reason if the file cannot be opened or read
[[nodiscard]] inline std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
  const detail::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw detail::file_error("open", path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw detail::file_error("read", path, errno);
  if (S_ISDIR(status.st_mode)) throw detail::file_error("read", path, EISDIR);
  // The size is only a guess (pipes and /proc say 0): read until the end is reported.
  constexpr std::size_t step = 1u << 16;
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size) + 1);
  std::size_t used = 0;
  for (;;) {
    if (used == bytes.size()) bytes.resize(bytes.size() + bytes.size() / 2 + step);
    const auto got = ::read(file.get(), bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw detail::file_error("read", path, errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  bytes.resize(used);
  return bytes;
}

/// @brief Reads a whole file as text, bytes unchanged.
/// @throws FileError as read_file
[[nodiscard]] inline std::string read_text(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  return {bytes.begin(), bytes.end()};
}

/// @brief New content of a file, written beside it and flushed to the disk, waiting for commit().
///
/// Several of them first and their commits afterwards replace a set of files: whatever can fail
/// for want of space or permission fails while the old files are still there.
class StagedFile {
 public:
  /// @throws FileError with the system's reason (directory missing, read-only, disk full, ...)
  StagedFile(std::filesystem::path path, std::span<const std::uint8_t> bytes)
      : path_(std::move(path)) {
    int handle = -1;
    const std::string stem = path_.string() + ".part-" + std::to_string(::getpid()) + "-";
    for (int attempt = 0;; ++attempt) {  // other threads may be writing the same file
      const std::string name = stem + std::to_string(attempt);
      handle = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (handle >= 0) {
        temporary_ = std::make_unique<detail::TemporaryFile>(name);
        break;
      }
      if (errno != EEXIST || attempt == 10000) throw detail::file_error("write", path_, errno);
    }
    detail::Descriptor file(handle);
    while (!bytes.empty()) {
      const auto put = ::write(file.get(), bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) throw detail::file_error("write", path_, errno);
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    // Some file systems (pipes, network mounts) have no fsync; that alone is no failure.
    if (::fsync(file.get()) != 0 && errno != EINVAL && errno != ENOTSUP) {
      throw detail::file_error("write", path_, errno);
    }
    if (!file.close()) throw detail::file_error("write", path_, errno);
  }
  StagedFile(std::filesystem::path path, std::string_view text)
      : StagedFile(std::move(path),
                   std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())) {}

  /// @brief Renames the new content over the file; without it the destructor removes it.
  /// @throws FileError with the system's reason
  void commit() {
    if (::rename(temporary_->path().c_str(), path_.c_str()) != 0) {
      throw detail::file_error("write", path_, errno);
    }
    temporary_->keep();
    detail::sync_directory(path_.parent_path());
  }

 private:
  std::filesystem::path path_;
  std::unique_ptr<detail::TemporaryFile> temporary_;
};

/// @brief Writes a file so that readers see the old content or all of the new one, never a part.
///
/// If anything fails, nothing is left behind and `path` is as before.
/// @throws FileError with the system's reason (directory missing, read-only, disk full, ...)
inline void write_file_atomically(const std::filesystem::path& path,
                                  std::span<const std::uint8_t> bytes) {
  StagedFile(path, bytes).commit();
}

/// @brief The same for text.
inline void write_file_atomically(const std::filesystem::path& path, std::string_view text) {
  StagedFile(path, text).commit();
}

/// @brief Creates a directory and those above it; an existing directory is fine.
/// @throws FileError with the system's reason
inline void make_directory(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error && !std::filesystem::is_directory(path, error)) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  if (error) {
    if (path.empty()) throw FileError("cannot create a directory without a name; choose one");
    throw FileError("cannot create the directory " + path.string() + ": " +
                    (error.value() == ENOENT
                         ? error.message() + ": nothing can be created below " +
                               path.parent_path().string() + "; choose another place"
                         : detail::file_reason(error.value(), path)));
  }
}

/// @throws FileError if it cannot be told
[[nodiscard]] inline bool file_exists(const std::filesystem::path& path) {
  std::error_code error;
  const bool exists = std::filesystem::exists(path, error);
  if (error) throw detail::file_error("open", path, error.value());
  return exists;
}

/// @brief Removes a file if it is there.
/// @throws FileError with the system's reason
inline void remove_file(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    throw detail::file_error("remove", path, errno);
  }
}

/// @brief As make_directory, and finds out now rather than later whether files can be written
/// there.
/// @throws FileError with the system's reason
inline void make_writable_directory(const std::filesystem::path& path) {
  make_directory(path);
  const std::filesystem::path probe = path / (".tepui-probe-" + std::to_string(::getpid()));
  write_file_atomically(probe, std::string_view{});
  std::error_code ignored;
  std::filesystem::remove(probe, ignored);
}

}  // namespace tepui
