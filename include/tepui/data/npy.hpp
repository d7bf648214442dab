#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/data/detail/bytes.hpp"

/// @file
/// Images and labels from .npy files, the format that numpy.save writes.
/// @source NumPy Enhancement Proposal 1, versions 1.0 to 3.0 of the format

namespace tepui::data {

/// @brief What the header of a .npy file says.
struct NpyHeader {
  std::string type;                ///< numpy's code, for example "|u1" or "<f4"
  bool fortran_order = false;      ///< first index fastest
  std::vector<std::size_t> shape;  ///< slowest index first
  std::size_t data_offset = 0;     ///< first byte after the header
};

namespace detail {

/// Reads the Python dictionary of a .npy header; knows just what numpy writes.
class NpyDictionary {
 public:
  NpyDictionary(const std::filesystem::path& path, std::string_view text, std::size_t offset)
      : path_(path), text_(text), offset_(offset) {}

  [[nodiscard]] std::string type() const {
    std::size_t at = value_of("descr");
    const char quote = at < text_.size() ? text_[at] : ' ';
    const std::size_t end =
        quote == '\'' || quote == '"' ? text_.find(quote, at + 1) : std::string_view::npos;
    if (end == std::string_view::npos) fail(at, "a plain type such as '|u1' or '<f4'");
    return std::string(text_.substr(at + 1, end - at - 1));
  }
  [[nodiscard]] bool fortran_order() const {
    const std::size_t at = value_of("fortran_order");
    if (text_.substr(at, 4) == "True") return true;
    if (text_.substr(at, 5) != "False") fail(at, "True or False");
    return false;
  }
  [[nodiscard]] std::vector<std::size_t> shape() const {
    std::size_t at = value_of("shape");
    if (at >= text_.size() || text_[at] != '(') fail(at, "a shape such as (100, 32, 32, 3)");
    std::vector<std::size_t> sides;
    for (++at;;) {
      while (at < text_.size() && (text_[at] == ' ' || text_[at] == ',')) ++at;
      if (at < text_.size() && text_[at] == ')') return sides;
      const std::size_t begin = at;
      std::size_t side = 0;
      while (at < text_.size() && at - begin < 9 &&  // more is no size of a data set
             text_[at] >= '0' && text_[at] <= '9') {
        side = side * 10 + static_cast<std::size_t>(text_[at++] - '0');
      }
      if (at == begin) fail(at, "a whole number or the end of the shape");
      sides.push_back(side);
    }
  }

 private:
  [[nodiscard]] std::size_t value_of(std::string_view key) const {
    for (const char quote : {'\'', '"'}) {
      const std::string quoted = quote + std::string(key) + quote;
      std::size_t at = text_.find(quoted);
      if (at == std::string_view::npos) continue;
      at = text_.find_first_not_of(" :", at + quoted.size());
      return at == std::string_view::npos ? text_.size() : at;
    }
    fail(0, "a header with the entry " + std::string(key));
  }
  [[noreturn]] void fail(std::size_t at, const std::string& expected) const {
    throw damaged(path_, offset_ + at, expected, "\"" + std::string(text_.substr(at, 20)) + "\"",
                  "save it again with numpy.save");
  }

  const std::filesystem::path& path_;
  std::string_view text_;
  std::size_t offset_;
};

/// Element i of little-endian data as the bits of an unsigned number of `width` bytes.
inline std::uint64_t little_endian(std::span<const std::uint8_t> data, std::size_t i,
                                   std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t b = width; b-- > 0;) value = value << 8 | data[i * width + b];
  return value;
}

inline std::size_t npy_width(const std::string& type) {
  return static_cast<std::size_t>(type.back() - '0');
}

/// @throws DataError unless exactly the elements that the header promises follow it
inline std::span<const std::uint8_t> npy_elements(const std::filesystem::path& path,
                                                  std::span<const std::uint8_t> bytes,
                                                  const NpyHeader& header, std::size_t item_size) {
  if (header.fortran_order && header.shape.size() > 1) {
    throw DataError(path.string() +
                    ": the array is in Fortran order; save numpy.ascontiguousarray(x)");
  }
  if (header.shape.empty() || header.shape[0] == 0) {
    throw DataError(path.string() + ": the array is empty or a single number");
  }
  ByteReader reader(path, bytes);
  reader.block(header.data_offset, "the header");
  const std::size_t items = header.shape[0];
  if (const std::size_t whole = reader.left() / item_size; whole < items) {
    reader.block(whole * item_size, "items");
    reader.block(item_size, "item " + std::to_string(whole) + " of " + std::to_string(items));
  }
  const auto elements = reader.block(items * item_size, "items");
  reader.finish();
  return elements;
}

template <class Float>
std::vector<std::uint8_t> pixels_from_floats(const std::filesystem::path& path,
                                             std::span<const std::uint8_t> data,
                                             std::size_t offset) {
  std::vector<std::uint8_t> pixels(data.size() / sizeof(Float));
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    double value = 0;
    if constexpr (sizeof(Float) == 4) {
      value = std::bit_cast<float>(static_cast<std::uint32_t>(little_endian(data, i, 4)));
    } else {
      value = std::bit_cast<double>(little_endian(data, i, 8));
    }
    if (!(value >= 0 && value <= 1)) {
      throw damaged(path, offset + i * sizeof(Float), "a pixel value from 0 to 1",
                    std::to_string(value), "for values from 0 to 255 save x.astype('u1')");
    }
    pixels[i] = static_cast<std::uint8_t>(value * 255 + 0.5);
  }
  return pixels;
}

}  // namespace detail

/// @brief Reads the header of a .npy file.
/// @param path named in messages
/// @throws DataError with byte offset if it is damaged
[[nodiscard]] inline NpyHeader parse_npy_header(std::span<const std::uint8_t> bytes,
                                                const std::filesystem::path& path) {
  detail::ByteReader reader(path, bytes);
  const auto magic = reader.block(6, "the mark \\x93NUMPY");
  if (std::memcmp(magic.data(), "\x93NUMPY", 6) != 0) {
    throw detail::damaged(path, 0, "the mark \\x93NUMPY", "something else",
                          "this is no .npy file; save it with numpy.save");
  }
  const auto version = reader.block(2, "the version");
  if (version[0] < 1 || version[0] > 3) {
    throw detail::damaged(path, 6, "version 1 to 3 of the format", std::to_string(version[0]));
  }
  const std::size_t width = version[0] == 1 ? 2 : 4;
  const auto length = reader.block(width, "the length of the header");
  const auto text = reader.block(detail::little_endian(length, 0, width), "the header");
  const detail::NpyDictionary entries(
      path, {reinterpret_cast<const char*>(text.data()), text.size()}, 8 + width);
  return {entries.type(), entries.fortran_order(), entries.shape(), reader.offset()};
}

/// @brief Reads the pixels of images of one shape.
///
/// The array is (N, height, width, channels), or (N, height, width) for one channel, in C order;
/// its elements are bytes (0 to 255), or little-endian float32 or float64 (0 to 1).
/// @return (N, height, width, channels), N >= 1
/// @throws FileError if the file cannot be read; DataError if it is damaged or has another shape
template <Shape S>
[[nodiscard]] std::vector<std::uint8_t> load_npy_images(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  const NpyHeader header = parse_npy_header(bytes, path);
  const auto side = [&](std::size_t i) {
    return i < header.shape.size() ? header.shape[i] : std::size_t{1};
  };
  const bool known_rank = header.shape.size() == 4 || (header.shape.size() == 3 && S.channels == 1);
  if (!known_rank || side(1) != static_cast<std::size_t>(S.height) ||
      side(2) != static_cast<std::size_t>(S.width) ||
      side(3) != static_cast<std::size_t>(S.channels)) {
    std::string found;
    for (const std::size_t n : header.shape)
      found += (found.empty() ? "" : ", ") + std::to_string(n);
    throw DataError(path.string() + ": the array has shape (" + found + "), but (N, " +
                    std::to_string(S.height) + ", " + std::to_string(S.width) + ", " +
                    std::to_string(S.channels) +
                    ") is needed: images, height, width, channels (transpose with numpy if the "
                    "channels come first)");
  }
  if (header.type != "|u1" && header.type != "<u1" && header.type != "<f4" &&
      header.type != "<f8") {
    throw DataError(path.string() + ": elements of type " + header.type +
                    " are no pixels; save x.astype('u1') with values 0 to 255, or '<f4' or '<f8' "
                    "with values 0 to 1");
  }
  const std::size_t width = detail::npy_width(header.type);
  const auto data = detail::npy_elements(path, bytes, header, S.size() * width);
  if (width == 4) return detail::pixels_from_floats<float>(path, data, header.data_offset);
  if (width == 8) return detail::pixels_from_floats<double>(path, data, header.data_offset);
  return {data.begin(), data.end()};
}

/// @brief Reads labels: an array (N) or (N, 1) of integers of any size, little-endian.
/// @param classes labels must be 0 to classes-1
/// @throws FileError if the file cannot be read; DataError with byte offset if it is damaged
[[nodiscard]] inline std::vector<std::uint16_t> load_npy_labels(const std::filesystem::path& path,
                                                                int classes) {
  const auto bytes = read_file(path);
  const NpyHeader header = parse_npy_header(bytes, path);
  const std::string& type = header.type;
  const bool integer =
      type.size() == 3 && (type[1] == 'u' || type[1] == 'i') &&
      (type[2] == '1' || (type[0] == '<' && (type[2] == '2' || type[2] == '4' || type[2] == '8')));
  if (!integer) {
    throw DataError(path.string() + ": elements of type " + type +
                    " are no labels; save y.astype('<i8')");
  }
  if (header.shape.size() != 1 && !(header.shape.size() == 2 && header.shape[1] == 1)) {
    throw DataError(path.string() + ": labels have one dimension, this array has " +
                    std::to_string(header.shape.size()));
  }
  const std::size_t width = detail::npy_width(type);
  const auto data = detail::npy_elements(path, bytes, header, width);
  std::vector<std::uint16_t> labels(header.shape[0]);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::uint64_t bits = detail::little_endian(data, i, width);
    const std::size_t offset = header.data_offset + i * width;
    if (type[1] == 'i' && (bits >> (8 * width - 1) & 1u) != 0) {
      throw detail::damaged(
          path, offset,
          "the label of item " + std::to_string(i) + ", 0 to " + std::to_string(classes - 1),
          "a negative number");
    }
    labels[i] = detail::checked_label(path, i, offset, bits, classes);
  }
  return labels;
}

/// @brief Reads images and their labels.
/// @throws as load_npy_images and load_npy_labels; DataError if their counts differ
template <Shape S>
[[nodiscard]] Images<S> load_npy(const std::filesystem::path& images,
                                 const std::filesystem::path& labels, int classes) {
  Images<S> result{load_npy_images<S>(images), load_npy_labels(labels, classes)};
  detail::check_counts(images, result.pixels.size() / S.size(), labels, result.labels.size());
  return result;
}

/// The four files of a data set in .npy format.
struct NpyFiles {
  std::filesystem::path train_images;
  std::filesystem::path train_labels;
  std::filesystem::path test_images;
  std::filesystem::path test_labels;
};

/// @brief Reads a data set of your own: `npy_dataset<Shape{3, 32, 32}, 10>("mine", files)`.
/// @throws as load_npy
template <Shape S, int Classes>
[[nodiscard]] Dataset<S, Classes> npy_dataset(const std::string& name, const NpyFiles& files) {
  return {name,
          load_npy<S>(files.train_images, files.train_labels, Classes),
          load_npy<S>(files.test_images, files.test_labels, Classes),
          {}};
}

}  // namespace tepui::data
