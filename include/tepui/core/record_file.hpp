#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"
#include "tepui/core/hash.hpp"

namespace tepui {

/// @brief A text file that only grows, one record a line; a record is there whole or not at all.
///
/// Each record is on the disk when append() returns. A line is the hash of a record, a blank and
/// the record. What was being written when the program or the machine stopped is cut off when the
/// file is opened again. One program at a time has it open.
class RecordFile {
 public:
  /// @brief Opens a file, or makes one.
  /// @throws FileError with the system's reason, or if another program has it open
  /// @throws DataError that names the first line that is damaged
  explicit RecordFile(std::filesystem::path path)
      : path_(std::move(path)),
        file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
    if (file_.get() < 0) throw detail::file_error("write", path_, errno);
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      throw FileError("cannot write " + path_.string() +
                      ": another program is using it; wait for its end or choose another place");
    }
    const std::string text = read_text(path_);
    const std::size_t whole = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
    if (whole != text.size() && ::ftruncate(file_.get(), static_cast<off_t>(whole)) != 0) {
      throw detail::file_error("write", path_, errno);
    }
    for (std::size_t begin = 0; begin < whole;) {
      const std::size_t end = text.find('\n', begin);
      const std::string record = text.substr(begin, end - begin);
      const std::size_t blank = record.find(' ');
      if (blank == std::string::npos || record.substr(0, blank) != hash_of(record, blank + 1)) {
        throw DataError(path_.string() + ", line " + std::to_string(records_.size() + 1) +
                        ": damaged, its hash does not fit");
      }
      records_.push_back(record.substr(blank + 1));
      begin = end + 1;
    }
    detail::sync_directory(path_.parent_path());
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// The records that were there when the file was opened.
  [[nodiscard]] const std::vector<std::string>& records() const { return records_; }

  /// @throws SettingError if the record holds a line end
  /// @throws FileError with the system's reason; the record may then be there in part
  void append(std::string_view record) {
    if (record.find('\n') != std::string_view::npos) {
      throw SettingError("record file " + path_.string() + ": a record is one line of text");
    }
    std::string line = hash_of(record, 0);
    line.append(" ").append(record).append("\n");
    for (std::string_view rest = line; !rest.empty();) {
      const auto put = ::write(file_.get(), rest.data(), rest.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) throw detail::file_error("write", path_, errno);
      rest.remove_prefix(static_cast<std::size_t>(put));
    }
    if (::fsync(file_.get()) != 0 && errno != EINVAL && errno != ENOTSUP) {
      throw detail::file_error("write", path_, errno);
    }
  }

 private:
  static std::string hash_of(std::string_view text, std::size_t begin) {
    Fnv1a hash;
    for (const char c : text.substr(begin)) hash.add(static_cast<std::uint8_t>(c));
    return hex_text(hash.value());
  }

  std::filesystem::path path_;
  detail::Descriptor file_;
  std::vector<std::string> records_;
};

}  // namespace tepui
