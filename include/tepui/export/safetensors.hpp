#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"
#include "tepui/export/detail/header_text.hpp"
#include "tepui/export/tensor_view.hpp"

/// @file
/// The safetensors format: named tensors in one file, readable from Python, Rust and JavaScript.
///
/// Layout: header length as 8 bytes little endian, a JSON header, the raw tensors. Stands on
/// core/ alone, because programs that embed a winner load its weights with it.
///
/// @source https://github.com/huggingface/safetensors, README, section Format

namespace tepui::io {

static_assert(std::endian::native == std::endian::little,
              "safetensors: tensors are stored little endian; this machine is not");

/// Free text beside the tensors, by name.
using Metadata = std::map<std::string, std::string>;

namespace detail {

/// Headers above this are refused, as the reference implementation does.
inline constexpr std::uint64_t longest_header = 100'000'000;
inline constexpr std::string_view metadata_key = "__metadata__";

}  // namespace detail

/// @brief The content of a safetensors file, in the order of its bytes. Owns the tensors.
class TensorFile {
 public:
  /// @param bytes the whole file   @param name how messages call it
  /// @throws DataError if the bytes are not a valid safetensors file, with the byte that is wrong
  TensorFile(std::vector<std::uint8_t> bytes, std::string name);

  // Views point into the owned bytes: moving keeps them valid, copying would not.
  TensorFile(TensorFile&&) noexcept = default;
  TensorFile& operator=(TensorFile&&) noexcept = default;
  TensorFile(const TensorFile&) = delete;
  TensorFile& operator=(const TensorFile&) = delete;
  ~TensorFile() = default;

  [[nodiscard]] const std::vector<TensorView>& tensors() const { return tensors_; }
  [[nodiscard]] const Metadata& metadata() const { return metadata_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  /// @return the tensor of that name, or null
  [[nodiscard]] const TensorView* find(std::string_view name) const {
    const auto found = index_.find(name);
    return found == index_.end() ? nullptr : &tensors_[found->second];
  }
  /// @return the elements of a tensor
  /// @throws DataError if there is none of that name or its elements are not of type T
  template <class T>
  [[nodiscard]] std::vector<T> values(std::string_view name) const {
    const TensorView* tensor = find(name);
    if (tensor == nullptr) {
      throw DataError("safetensors file '" + name_ + "': there is no tensor '" + std::string(name) +
                      "' among its " + std::to_string(tensors_.size()));
    }
    if (tensor->dtype != dtype_of<T>()) {
      throw DataError("safetensors file '" + name_ + "': tensor '" + std::string(name) + "' is " +
                      tensor->dtype + ", expected " + std::string(dtype_of<T>()));
    }
    std::vector<T> result(tensor->bytes.size() / sizeof(T));
    if (!result.empty()) std::memcpy(result.data(), tensor->bytes.data(), tensor->bytes.size());
    return result;
  }

 private:
  struct Entry {
    TensorView tensor;
    std::int64_t begin = 0, end = 0;  // bytes after the header
    std::size_t place = 0;            // of its offsets in the header
  };
  void read_metadata(detail::HeaderReader& header);
  static Entry read_entry(detail::HeaderReader& header, std::string name);
  void place_entries(const detail::HeaderReader& header, std::vector<Entry> entries,
                     std::size_t data_begin);

  std::vector<std::uint8_t> bytes_;
  std::string name_;
  std::vector<TensorView> tensors_;
  Metadata metadata_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

inline TensorFile::TensorFile(std::vector<std::uint8_t> bytes, std::string name)
    : bytes_(std::move(bytes)), name_(std::move(name)) {
  const auto damaged = [&](std::size_t at, const std::string& what) {
    return DataError("safetensors file '" + name_ + "', byte " + std::to_string(at) + ": " + what);
  };
  if (bytes_.size() < 8) {
    throw damaged(bytes_.size(), "the file ends inside the 8-byte header length; it is truncated");
  }
  std::uint64_t length = 0;
  std::memcpy(&length, bytes_.data(), 8);
  if (length > detail::longest_header) {
    throw damaged(0, "header length " + std::to_string(length) + " is above the limit of " +
                         std::to_string(detail::longest_header) +
                         "; this is not a safetensors file, or it is damaged");
  }
  if (length > bytes_.size() - 8) {
    throw damaged(bytes_.size(), "the file ends inside the header of " + std::to_string(length) +
                                     " bytes; it is truncated");
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + 8,
                              static_cast<std::size_t>(length));
  detail::HeaderReader header(text, 8, name_);
  if (text.empty() || text.front() != '{') header.fail("the header must begin with '{'");

  std::vector<Entry> entries;
  std::set<std::string> seen;
  header.expect('{');
  if (!header.accept('}')) {
    do {
      const std::size_t place = header.place();
      std::string key = header.string();
      if (!seen.insert(key).second) header.fail_at(place, "'" + key + "' is there twice");
      header.expect(':');
      if (key == detail::metadata_key) {
        read_metadata(header);
      } else {
        entries.push_back(read_entry(header, std::move(key)));
      }
    } while (header.accept(','));
    header.expect('}');
  }
  header.expect_end();
  place_entries(header, std::move(entries), 8 + static_cast<std::size_t>(length));
}

inline void TensorFile::read_metadata(detail::HeaderReader& header) {
  header.expect('{');
  if (header.accept('}')) return;
  do {
    const std::size_t place = header.place();
    std::string key = header.string();
    header.expect(':');
    std::string value = header.string();
    if (!metadata_.emplace(key, std::move(value)).second) {
      header.fail_at(place, "metadata '" + key + "' is there twice");
    }
  } while (header.accept(','));
  header.expect('}');
}

inline TensorFile::Entry TensorFile::read_entry(detail::HeaderReader& header, std::string name) {
  Entry entry;
  entry.tensor.name = std::move(name);
  const auto& tensor = entry.tensor.name;
  bool has_dtype = false, has_shape = false, has_offsets = false;
  const std::size_t start = header.place();
  header.expect('{');
  do {
    const std::size_t place = header.place();
    const std::string key = header.string();
    header.expect(':');
    if (key == "dtype" && !has_dtype) {
      const std::size_t value = header.place();
      entry.tensor.dtype = header.string();
      if (detail::dtype_bytes(entry.tensor.dtype) == 0) {
        header.fail_at(value,
                       "tensor '" + tensor + "': unknown dtype '" + entry.tensor.dtype + "'");
      }
      has_dtype = true;
    } else if (key == "shape" && !has_shape) {
      header.expect('[');
      if (!header.accept(']')) {
        do {
          entry.tensor.dims.push_back(header.whole_number());
        } while (header.accept(','));
        header.expect(']');
      }
      has_shape = true;
    } else if (key == "data_offsets" && !has_offsets) {
      entry.place = header.place();
      header.expect('[');
      entry.begin = header.whole_number();
      header.expect(',');
      entry.end = header.whole_number();
      header.expect(']');
      has_offsets = true;
    } else {
      header.fail_at(place, "tensor '" + tensor + "': '" + key + "' is unknown or there twice");
    }
  } while (header.accept(','));
  header.expect('}');
  if (!has_dtype || !has_shape || !has_offsets) {
    header.fail_at(start, "tensor '" + tensor + "' needs dtype, shape and data_offsets");
  }
  return entry;
}

inline void TensorFile::place_entries(const detail::HeaderReader& header,
                                      std::vector<Entry> entries, std::size_t data_begin) {
  const auto available = static_cast<std::int64_t>(bytes_.size() - data_begin);
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::int64_t expected = 0;  // tensors lie one behind the other
  for (Entry& entry : entries) {
    const std::string who = "tensor '" + entry.tensor.name + "': ";
    std::string offsets = std::to_string(entry.begin);
    offsets.insert(0, 1, '[').append(", ").append(std::to_string(entry.end)).append("]");
    const std::int64_t size =
        detail::tensor_bytes(entry.tensor.dims, detail::dtype_bytes(entry.tensor.dtype));
    if (entry.end < entry.begin || size != entry.end - entry.begin) {
      header.fail_at(entry.place, who + "data_offsets " + offsets + " do not span the " +
                                      (size < 0 ? "impossibly many" : std::to_string(size)) +
                                      " bytes of " + entry.tensor.dtype + " " +
                                      detail::dims_text(entry.tensor.dims));
    }
    if (entry.end > available) {
      header.fail_at(entry.place, who + "data_offsets " + offsets + " reach past the end of the " +
                                      std::to_string(available) +
                                      " bytes behind the header; the file is truncated or damaged");
    }
    if (entry.begin != expected) {
      header.fail_at(entry.place,
                     who + "data_offsets " + offsets +
                         (entry.begin < expected ? " overlap" : " leave a gap behind") +
                         " the tensor before, which ends at " + std::to_string(expected));
    }
    expected = entry.end;
    entry.tensor.bytes = std::as_bytes(std::span(bytes_))
                             .subspan(data_begin + static_cast<std::size_t>(entry.begin),
                                      static_cast<std::size_t>(size));
    index_.emplace(entry.tensor.name, tensors_.size());
    tensors_.push_back(std::move(entry.tensor));
  }
  if (expected != available) {
    header.fail_at(data_begin - 8 + static_cast<std::size_t>(expected),
                   std::to_string(available - expected) + " bytes behind the last tensor");
  }
}

/// @brief Reads a safetensors file, every number in it checked before use.
/// @throws FileError if it cannot be read   @throws DataError if it is damaged, with file and byte
[[nodiscard]] inline TensorFile read_safetensors(const std::filesystem::path& path) {
  return TensorFile(read_file(path), path.string());
}

/// @brief The bytes of a safetensors file with the tensors in the given order.
/// @throws SettingError if a name is empty, doubled, reserved or not UTF-8, or if a tensor's bytes
///         do not fit its dims and dtype
[[nodiscard]] inline std::vector<std::uint8_t> safetensors_bytes(
    std::span<const TensorView> tensors, const Metadata& metadata = {}) {
  const auto check_text = [](std::string_view text) {
    if (detail::first_invalid_utf8(text) != std::string_view::npos) {
      throw SettingError("write_safetensors: the text '" + std::string(text) +
                         "' is not valid UTF-8, which the format needs");
    }
  };
  std::string header = "{";
  if (!metadata.empty()) {
    detail::append_quoted(header, detail::metadata_key);
    header += ":{";
    for (const auto& [key, value] : metadata) {
      check_text(key);
      check_text(value);
      if (header.back() != '{') header += ',';
      detail::append_quoted(header, key);
      header += ':';
      detail::append_quoted(header, value);
    }
    header += '}';
  }
  std::set<std::string> seen;
  std::size_t offset = 0;
  for (const TensorView& tensor : tensors) {
    check_text(tensor.name);
    if (tensor.name.empty() || tensor.name == detail::metadata_key ||
        !seen.insert(tensor.name).second) {
      throw SettingError("write_safetensors: tensor name '" + tensor.name +
                         "' is empty, reserved or used twice; every tensor needs its own name");
    }
    const std::size_t element = detail::dtype_bytes(tensor.dtype);
    const bool negative =
        std::any_of(tensor.dims.begin(), tensor.dims.end(), [](std::int64_t d) { return d < 0; });
    if (element == 0 || negative ||
        detail::tensor_bytes(tensor.dims, element) !=
            static_cast<std::int64_t>(tensor.bytes.size())) {
      throw SettingError("write_safetensors: tensor '" + tensor.name + "' has " +
                         std::to_string(tensor.bytes.size()) + " bytes, which does not fit " +
                         tensor.dtype + " " + detail::dims_text(tensor.dims));
    }
    if (header.size() > 1) header += ',';
    detail::append_quoted(header, tensor.name);
    header += ":{\"dtype\":\"" + tensor.dtype + "\",\"shape\":[";
    for (std::size_t i = 0; i < tensor.dims.size(); ++i) {
      if (i > 0) header += ',';
      header += std::to_string(tensor.dims[i]);
    }
    header += "],\"data_offsets\":[" + std::to_string(offset) + "," +
              std::to_string(offset + tensor.bytes.size()) + "]}";
    offset += tensor.bytes.size();
  }
  header += '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');  // tensors start on a multiple of 8

  const std::uint64_t length = header.size();
  std::vector<std::uint8_t> bytes(8 + header.size() + offset);
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  std::uint8_t* to = bytes.data() + 8 + header.size();
  for (const TensorView& tensor : tensors) {
    if (tensor.bytes.empty()) continue;
    std::memcpy(to, tensor.bytes.data(), tensor.bytes.size());
    to += tensor.bytes.size();
  }
  return bytes;
}

/// @brief Writes tensors and metadata as one safetensors file; it appears whole or not at all.
/// @throws SettingError as safetensors_bytes   @throws FileError if it cannot be written
inline void write_safetensors(const std::filesystem::path& path,
                              std::span<const TensorView> tensors, const Metadata& metadata = {}) {
  const std::vector<std::uint8_t> bytes = safetensors_bytes(tensors, metadata);
  write_file_atomically(path, std::span<const std::uint8_t>(bytes));
}

}  // namespace tepui::io
