#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/data/detail/bytes.hpp"
#include "tepui/data/gzip.hpp"

/// @file
/// The binary version of CIFAR-10 and CIFAR-100: for every image one label byte (CIFAR-100: coarse,
/// then fine label), then 1024 bytes each of red, green and blue.
/// @source A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009

namespace tepui::data {

inline constexpr Shape cifar_shape{3, 32, 32};
using Cifar10 = Dataset<cifar_shape, 10>;
using Cifar100 = Dataset<cifar_shape, 100>;

namespace detail {

/// Appends the images of one file. The label is the last of `label_bytes`; those before it must be
/// less than `coarse_classes`.
inline void append_cifar(Images<cifar_shape>& images, const std::filesystem::path& path,
                         std::size_t label_bytes, int classes, int coarse_classes) {
  constexpr auto pixels = static_cast<std::size_t>(cifar_shape.pixels());
  constexpr auto channels = static_cast<std::size_t>(cifar_shape.channels);
  const std::size_t record = label_bytes + cifar_shape.size();
  const auto bytes = read_maybe_gzip(path);
  ByteReader reader(path, bytes);
  if (const std::size_t rest = bytes.size() % record; rest != 0) {
    const std::size_t whole = bytes.size() / record;
    throw damaged(path, whole * record,
                  "image " + std::to_string(whole) + " (" + std::to_string(record) + " bytes)",
                  std::to_string(rest) + " bytes",
                  "the file is truncated, or something was appended to it; unpack it again");
  }
  const std::size_t count = bytes.size() / record;
  const std::size_t before = images.size();
  images.labels.resize(before + count);
  images.pixels.resize((before + count) * cifar_shape.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t offset = reader.offset();
    const auto item = reader.block(record, "an image");
    if (label_bytes == 2) checked_label(path, i, offset, item[0], coarse_classes);
    images.labels[before + i] =
        checked_label(path, i, offset + label_bytes - 1, item[label_bytes - 1], classes);
    const auto planes = item.subspan(label_bytes);
    std::uint8_t* out = images.pixels.data() + (before + i) * cifar_shape.size();
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t p = 0; p < pixels; ++p) out[p * channels + c] = planes[c * pixels + p];
    }
  }
}

inline Images<cifar_shape> load_cifar(std::span<const std::filesystem::path> files,
                                      std::size_t label_bytes, int classes, int coarse_classes) {
  Images<cifar_shape> images;
  for (const auto& file : files) {
    append_cifar(images, file, label_bytes, classes, coarse_classes);
  }
  if (images.labels.empty()) throw DataError("cifar: no file was named");
  return images;
}

inline std::filesystem::path find_cifar(const std::filesystem::path& directory,
                                        const std::string& stem, const std::string& data) {
  return find_file(directory, {stem + ".bin"}, data,
                   "give the directory with the unpacked files of the \"binary version\" of " +
                       data + " (cs.toronto.edu/~kriz/cifar.html)");
}

/// Lines of a file beside the data, if it is there and has as many as there are classes.
inline std::vector<std::string> class_names_from(const std::filesystem::path& path, int classes) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {};
  std::istringstream text(read_text(path));
  std::vector<std::string> names;
  for (std::string line; std::getline(text, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  if (names.size() != static_cast<std::size_t>(classes)) names.clear();
  return names;
}

}  // namespace detail

/// @brief Reads CIFAR-10 from the named files of the binary version.
/// @throws FileError if a file cannot be read; DataError with byte offset if one is damaged
[[nodiscard]] inline Cifar10 cifar10_from(std::span<const std::filesystem::path> train,
                                          std::span<const std::filesystem::path> test) {
  return {
      "cifar10",
      detail::load_cifar(train, 1, 10, 0),
      detail::load_cifar(test, 1, 10, 0),
      {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}};
}

/// @brief Reads CIFAR-10: 50,000 + 10,000 images.
/// @param directory holds data_batch_1.bin to data_batch_5.bin and test_batch.bin
/// @throws FileError that says how to unpack if a file is missing; DataError if one is damaged
[[nodiscard]] inline Cifar10 cifar10(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> train;
  for (int i = 1; i <= 5; ++i) {
    train.push_back(detail::find_cifar(directory, "data_batch_" + std::to_string(i), "cifar10"));
  }
  const std::vector test{detail::find_cifar(directory, "test_batch", "cifar10")};
  return cifar10_from(train, test);
}

/// @brief Reads CIFAR-100 with its 100 fine classes, or a part of it, from the named files.
/// @throws FileError if a file cannot be read; DataError with byte offset if one is damaged
[[nodiscard]] inline Cifar100 cifar100_from(std::span<const std::filesystem::path> train,
                                            std::span<const std::filesystem::path> test) {
  Cifar100 data{
      "cifar100", detail::load_cifar(train, 2, 100, 20), detail::load_cifar(test, 2, 100, 20), {}};
  data.class_names =
      detail::class_names_from(train.front().parent_path() / "fine_label_names.txt", 100);
  return data;
}

/// @brief Reads CIFAR-100 with its 100 fine classes: 50,000 + 10,000 images.
///
/// Class names come from fine_label_names.txt, if that is there too.
/// @param directory holds train.bin and test.bin
/// @throws FileError that says how to unpack if a file is missing; DataError if one is damaged
[[nodiscard]] inline Cifar100 cifar100(const std::filesystem::path& directory) {
  const std::vector train{detail::find_cifar(directory, "train", "cifar100")};
  const std::vector test{detail::find_cifar(directory, "test", "cifar100")};
  return cifar100_from(train, test);
}

}  // namespace tepui::data
