#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tepui/core/shape.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/data/detail/bytes.hpp"
#include "tepui/data/gzip.hpp"

/// @file
/// The IDX format of MNIST and its relatives: a big-endian header, then unsigned bytes.
/// Files may be compressed with gzip. Every byte is accounted for.

namespace tepui::data {

namespace detail {

inline void read_idx_magic(ByteReader& reader, const std::filesystem::path& path,
                           std::uint32_t wanted, const std::string& kind) {
  const std::uint32_t magic = reader.big_endian("the IDX magic number");
  if (magic == wanted) return;
  const auto text = [](std::uint32_t value) {
    return std::to_string(value) + (value == 2049   ? " (labels)"
                                    : value == 2051 ? " (grey images)"
                                                    : "");
  };
  throw damaged(path, 0, "the IDX magic number " + text(wanted), text(magic),
                "this is no IDX file of " + kind);
}

}  // namespace detail

/// @brief Reads the pixels of an IDX file of grey images.
/// @tparam S one channel, the height and width the file must have
/// @return (N, height, width, 1), N >= 1
/// @throws FileError if the file cannot be read; DataError with byte offset if it is damaged
template <Shape S>
[[nodiscard]] std::vector<std::uint8_t> load_idx_images(const std::filesystem::path& path) {
  static_assert(S.channels == 1, "idx: images of this format have one channel");
  const auto bytes = read_maybe_gzip(path);
  detail::ByteReader reader(path, bytes);
  detail::read_idx_magic(reader, path, 2051, "images");
  const std::uint32_t count = reader.big_endian("the number of images");
  if (count == 0) throw detail::damaged(path, 4, "at least 1 image", "0");
  for (const int side : {S.height, S.width}) {
    const std::string what = reader.offset() == 8 ? "rows" : "columns";
    const std::uint32_t found = reader.big_endian("the number of " + what);
    if (found != static_cast<std::uint32_t>(side)) {
      throw detail::damaged(path, reader.offset() - 4, std::to_string(side) + " " + what,
                            std::to_string(found), "the images are not " + to_string(S));
    }
  }
  if (const std::size_t whole = reader.left() / S.size(); whole < count) {
    reader.block(whole * S.size(), "images");
    reader.block(S.size(), "image " + std::to_string(whole) + " of " + std::to_string(count));
  }
  const auto pixels = reader.block(count * S.size(), "images");
  reader.finish();
  return {pixels.begin(), pixels.end()};
}

/// @brief Reads an IDX file of labels.
/// @param classes labels must be less than this
/// @throws FileError if the file cannot be read; DataError with byte offset if it is damaged
[[nodiscard]] inline std::vector<std::uint16_t> load_idx_labels(const std::filesystem::path& path,
                                                                int classes) {
  const auto bytes = read_maybe_gzip(path);
  detail::ByteReader reader(path, bytes);
  detail::read_idx_magic(reader, path, 2049, "labels");
  const std::uint32_t count = reader.big_endian("the number of labels");
  if (count == 0) throw detail::damaged(path, 4, "at least 1 label", "0");
  const std::size_t begin = reader.offset();
  const auto values = reader.block(count, std::to_string(count) + " labels");
  reader.finish();
  std::vector<std::uint16_t> labels(count);
  for (std::size_t i = 0; i < count; ++i) {
    labels[i] = detail::checked_label(path, i, begin + i, values[i], classes);
  }
  return labels;
}

/// @brief Reads an IDX file of images and the one of their labels.
/// @throws as load_idx_images and load_idx_labels; DataError if their counts differ
template <Shape S>
[[nodiscard]] Images<S> load_idx(const std::filesystem::path& images,
                                 const std::filesystem::path& labels, int classes) {
  Images<S> result{load_idx_images<S>(images), load_idx_labels(labels, classes)};
  detail::check_counts(images, result.pixels.size() / S.size(), labels, result.labels.size());
  return result;
}

/// @brief Reads the four files of a data set in the layout of MNIST, plain or with ".gz".
///
/// Their names are train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
/// t10k-labels-idx1-ubyte.
/// @throws FileError if a file is missing; DataError if one is damaged
template <int Classes, Shape S = Shape{1, 28, 28}>
[[nodiscard]] Dataset<S, Classes> load_mnist_like(const std::filesystem::path& directory,
                                                  const std::string& name) {
  const auto part = [&](const std::string& prefix) {
    const auto find = [&](const std::string& rest) {
      return detail::find_file(directory, {prefix + rest, prefix + rest + ".gz"}, name,
                               "give the directory that holds the four files of " + name +
                                   " (train- and t10k-, images-idx3-ubyte and labels-idx1-ubyte, "
                                   "plain or with .gz)");
    };
    return load_idx<S>(find("-images-idx3-ubyte"), find("-labels-idx1-ubyte"), Classes);
  };
  return {name, part("train"), part("t10k"), {}};
}

/// @brief Handwritten digits, 60,000 + 10,000 images.
/// @param directory holds the four files, see load_mnist_like
/// @source Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits
[[nodiscard]] inline Dataset<Shape{1, 28, 28}, 10> mnist(const std::filesystem::path& directory) {
  auto data = load_mnist_like<10>(directory, "mnist");
  data.class_names = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  return data;
}

/// @brief Articles of clothing, 60,000 + 10,000 images.
/// @param directory holds the four files, see load_mnist_like
/// @source H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST, 2017
[[nodiscard]] inline Dataset<Shape{1, 28, 28}, 10> fashion_mnist(
    const std::filesystem::path& directory) {
  auto data = load_mnist_like<10>(directory, "fashion-mnist");
  data.class_names = {"T-shirt/top", "trouser", "pullover", "dress", "coat",
                      "sandal",      "shirt",   "sneaker",  "bag",   "ankle boot"};
  return data;
}

}  // namespace tepui::data
