#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <system_error>

#include "tepui/core/error.hpp"

/// @file
/// What the readers of file formats say about damage: the file, the byte, and what belongs there.

namespace tepui::data::detail {

/// @brief An error at one place of a file (of its unpacked content, if it is compressed).
[[nodiscard]] inline DataError damaged(const std::filesystem::path& path, std::size_t offset,
                                       const std::string& expected, const std::string& found,
                                       const std::string& advice = {}) {
  return DataError(path.string() + ": at byte " + std::to_string(offset) + " expected " + expected +
                   ", found " + found + (advice.empty() ? "" : "; " + advice));
}

/// @brief Numbers and blocks from the beginning of a file to its end.
class ByteReader {
 public:
  ByteReader(const std::filesystem::path& path, std::span<const std::uint8_t> bytes)
      : path_(path), bytes_(bytes) {
    if (bytes.empty()) throw DataError(path.string() + ": the file is empty (0 bytes)");
  }
  [[nodiscard]] std::size_t offset() const { return offset_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - offset_; }

  /// @throws DataError if fewer bytes are left
  std::span<const std::uint8_t> block(std::size_t count, const std::string& what) {
    if (left() < count) {
      throw damaged(path_, offset_, what + " (" + std::to_string(count) + " bytes)",
                    "the end of the file " + std::to_string(left()) + " bytes later",
                    "the file is truncated, fetch it again");
    }
    const auto result = bytes_.subspan(offset_, count);
    offset_ += count;
    return result;
  }
  std::uint32_t big_endian(const std::string& what) {
    std::uint32_t value = 0;
    for (const std::uint8_t byte : block(4, what)) value = value << 8 | byte;
    return value;
  }
  /// @throws DataError if bytes are left
  void finish() const {
    if (left() > 0) {
      throw damaged(path_, offset_, "the end of the file", std::to_string(left()) + " more bytes",
                    "the header does not belong to the content, or something was appended");
    }
  }

 private:
  std::filesystem::path path_;
  std::span<const std::uint8_t> bytes_;
  std::size_t offset_ = 0;
};

/// @throws DataError naming the item, its byte and the value if the label does not exist
inline std::uint16_t checked_label(const std::filesystem::path& path, std::size_t item,
                                   std::size_t offset, std::uint64_t label, int classes) {
  if (label >= static_cast<std::uint64_t>(classes)) {
    throw damaged(
        path, offset,
        "the label of item " + std::to_string(item) + ", 0 to " + std::to_string(classes - 1),
        std::to_string(label));
  }
  return static_cast<std::uint16_t>(label);
}

/// @throws DataError if there are not as many labels as images
inline void check_counts(const std::filesystem::path& images, std::size_t image_count,
                         const std::filesystem::path& labels, std::size_t label_count) {
  if (image_count != label_count) {
    throw DataError(images.string() + " has " + std::to_string(image_count) + " images, but " +
                    labels.string() + " has " + std::to_string(label_count) +
                    " labels; they do not belong together");
  }
}

/// @brief The first of the candidates that exists.
/// @throws FileError naming the place where the file is expected, and `advice`, if none does
[[nodiscard]] inline std::filesystem::path find_file(const std::filesystem::path& directory,
                                                     std::initializer_list<std::string> names,
                                                     const std::string& data,
                                                     const std::string& advice) {
  std::string tried;
  for (const auto& name : names) {
    std::error_code ignored;
    if (std::filesystem::exists(directory / name, ignored)) return directory / name;
    tried += (tried.empty() ? "" : " or ") + name;
  }
  std::error_code ignored;
  const bool there = std::filesystem::is_directory(directory, ignored);
  throw FileError(data + ": no file " + tried + " in " + directory.string() +
                  (there ? "" : " (which is no directory)") + "; " + advice);
}

}  // namespace tepui::data::detail
