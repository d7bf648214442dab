#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "tepui/core/enum_name.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/hash.hpp"
#include "tepui/core/mapped_file.hpp"
#include "tepui/space/encoding.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/space/nas_bench_201.hpp"

/// @file
/// What the networks of NAS-Bench-201 reached, looked up without a framework.
/// @source X. Dong, Y. Yang, NAS-Bench-201, ICLR 2020; X. Dong et al., NATS-Bench, TPAMI 2021

namespace tepui::tabular {

/// @brief One number of every architecture, named as in the table.
///
/// Accuracies are in percent, means over the benchmark's seeds: c10, c100 and in16 are CIFAR-10,
/// CIFAR-100 and ImageNet16-120, each trained on its whole training set; c10v is CIFAR-10 trained
/// on one half of the training set and validated on the other. _200 and _12: after so many epochs,
/// each with a learning rate schedule of its own.
enum class Column : std::uint8_t {
  params,  ///< parameters of the CIFAR-10 network
  flops,   ///< multiply-accumulates of the CIFAR-10 network for one 32x32 image
  c10_test_200,
  c100_test_200,
  in16_test_200,
  c10v_train_200,
  c10v_valid_200,
  c10v_test_200,
  c10v_train_seconds_200,  ///< time to train c10v for 200 epochs, as the benchmark measured it [s]
  c10_test_12,
  c10v_valid_12,
  c100_test_12,
  c100_valid_12,
  in16_test_12,
  in16_valid_12,
};

inline constexpr std::size_t column_count = 15;

static_assert(!enum_names<Column>[column_count - 1].empty() &&
              enum_names<Column>[column_count].empty());

/// @return epochs of the training that a column is about: 12, 200, or 0 where nothing is trained
[[nodiscard]] constexpr int epochs_of(Column column) {
  const std::string_view name = enum_name(column);
  return name.ends_with("_200") ? 200 : name.ends_with("_12") ? 12 : 0;
}

/// @return whether a column is a validation or test accuracy, or one on training images
[[nodiscard]] constexpr bool is_accuracy(Column column) {
  return epochs_of(column) > 0 && column != Column::c10v_train_seconds_200;
}

/// @brief Everything the table says about one architecture.
struct Row {
  std::uint32_t index;     ///< official number, 0..15624
  std::uint32_t isomorph;  ///< smallest index of an architecture that computes the same function
  std::array<double, column_count> values;

  [[nodiscard]] constexpr double operator[](Column column) const {
    return values[static_cast<std::size_t>(column)];
  }
  [[nodiscard]] constexpr std::int64_t params() const {
    return static_cast<std::int64_t>((*this)[Column::params]);
  }
  [[nodiscard]] constexpr std::int64_t flops() const {
    return static_cast<std::int64_t>((*this)[Column::flops]);
  }
  /// @return seconds to train c10v for a number of epochs; validation is not in the table
  [[nodiscard]] constexpr double training_seconds(int epochs) const {
    return (*this)[Column::c10v_train_seconds_200] * epochs / 200;
  }
};
static_assert(sizeof(Row) == 128 && std::is_trivially_copyable_v<Row>);

namespace detail {

using NasBench201 = space::NasBench201<>;
inline constexpr std::size_t row_count = space::cardinality<NasBench201>();
inline constexpr std::size_t names_size = 472;

/// The beginning of the file. Behind it: a Row per architecture, in the order of space::rank, and
/// for every official index the rank of its architecture (32 bits each).
struct FileHeader {
  std::array<char, 8> magic;
  std::uint32_t byte_order;  ///< 0x01020304 as the writer's processor lays it down
  std::uint32_t version;
  std::uint64_t checksum;  ///< Fnv1a of everything behind it
  std::uint64_t source;    ///< Fnv1a of the file that this one was made from
  std::uint32_t rows;
  std::uint32_t row_size;                ///< bytes
  std::array<char, names_size> columns;  ///< as column_names(), then zeros
};
static_assert(sizeof(FileHeader) == 512 && std::is_trivially_copyable_v<FileHeader>);
static_assert(std::numeric_limits<double>::is_iec559, "the file holds IEEE 754 numbers");

inline constexpr std::array<char, 8> file_magic{'T', 'E', 'P', 'U', 'I', 'T', 'A', 'B'};
inline constexpr std::uint32_t file_byte_order = 0x01020304;
inline constexpr std::uint32_t file_byte_order_reversed = 0x04030201;
inline constexpr std::uint32_t file_version = 1;
inline constexpr std::size_t file_size =
    sizeof(FileHeader) + row_count * (sizeof(Row) + sizeof(std::uint32_t));
inline constexpr std::size_t checked_from =
    offsetof(FileHeader, checksum) + sizeof(FileHeader::checksum);

/// The columns of a row in the file, separated by commas.
[[nodiscard]] constexpr std::array<char, names_size> column_names() {
  std::array<char, names_size> text{};
  std::size_t used = 0;
  const auto append = [&](std::string_view name) {
    if (used > 0) text[used++] = ',';
    for (const char c : name) text[used++] = c;
  };
  append("index");
  append("isomorph");
  for (std::size_t i = 0; i < column_count; ++i) append(enum_names<Column>[i]);
  return text;
}

[[nodiscard]] inline std::uint64_t hash_of(std::span<const std::uint8_t> bytes) {
  Fnv1a hash;
  hash.add_bytes(bytes);
  return hash.value();
}

}  // namespace detail

/// @brief The table of NAS-Bench-201 in a file of 2 MB that is mapped into memory.
///
/// A query is arithmetic and one read: no search, no allocation, no lock. Rows are valid as long as
/// the table; any number of threads may read. convert() makes the file.
class NasBench201Table {
 public:
  using Space = space::NasBench201<>;
  using Encoding = Space::Encoding;
  static constexpr std::size_t size = detail::row_count;

  /// @brief Maps a file and checks all of it.
  /// @throws FileError if it cannot be opened
  /// @throws DataError if it is no such table, of another version or byte order, or damaged
  [[nodiscard]] static NasBench201Table open(const std::filesystem::path& path) {
    return NasBench201Table(path);
  }

  /// @pre every choice is less than 5
  [[nodiscard]] const Row& operator[](const Encoding& code) const {
    return rows_[space::rank<Space>(code)];
  }
  /// @throws SettingError if a choice names no operation
  [[nodiscard]] const Row& at(const Encoding& code) const {
    if (!space::in_range<Space>(code)) {
      throw SettingError("NAS-Bench-201 table: " + to_string(code) +
                         " is no architecture: choices are 0 to 4");
    }
    return (*this)[code];
  }

  /// @brief The architecture with an official index.
  /// @throws SettingError if it is not below 15,625
  [[nodiscard]] Encoding encoding(std::size_t index) const {
    if (index >= size) {
      throw SettingError("NAS-Bench-201 table: there is no architecture " + std::to_string(index) +
                         ", the indices are 0 to " + std::to_string(size - 1));
    }
    return space::unrank<Space>(ranks_[index]);
  }
  /// @throws SettingError if the index is not below 15,625
  [[nodiscard]] const Row& by_index(std::size_t index) const { return (*this)[encoding(index)]; }

  /// All rows, in the order of space::rank.
  [[nodiscard]] std::span<const Row> rows() const { return {rows_, size}; }

  /// Hash of the file that the table was made from; see source_of.
  [[nodiscard]] std::uint64_t source() const { return source_; }

 private:
  explicit NasBench201Table(const std::filesystem::path& path) : file_(path) {
    const auto bytes = file_.bytes();
    const auto fail = [&](const std::string& what) {
      throw DataError(path.string() + ": " + what +
                      "; make it again with tepui::tabular::convert from nasbench201.csv.gz");
    };
    detail::FileHeader header{};
    std::copy_n(bytes.data(), std::min(bytes.size(), sizeof header),
                reinterpret_cast<std::uint8_t*>(&header));
    if (header.magic != detail::file_magic) {
      fail("this is no Tepui table (it does not begin with TEPUITAB)");
    }
    if (header.byte_order == detail::file_byte_order_reversed) {
      fail("the table was made on a machine with another byte order");
    }
    if (bytes.size() < sizeof header) {
      fail("the table is truncated after " + std::to_string(bytes.size()) + " bytes");
    }
    if (header.byte_order != detail::file_byte_order) fail("the table is damaged (byte order)");
    if (header.version != detail::file_version) {
      fail("the table has version " + std::to_string(header.version) + ", this program reads " +
           std::to_string(detail::file_version));
    }
    if (header.rows != size || header.row_size != sizeof(Row)) {
      fail("the table has " + std::to_string(header.rows) + " rows of " +
           std::to_string(header.row_size) + " bytes, expected " + std::to_string(size) + " of " +
           std::to_string(sizeof(Row)));
    }
    if (header.columns != detail::column_names()) {
      fail("the table has other columns than this program reads");
    }
    if (bytes.size() != detail::file_size) {
      fail((bytes.size() < detail::file_size ? "the table is truncated: it has "
                                             : "something was appended to the table: it has ") +
           std::to_string(bytes.size()) + " of " + std::to_string(detail::file_size) + " bytes");
    }
    if (header.checksum != detail::hash_of(bytes.subspan(detail::checked_from))) {
      fail("the table is damaged (its checksum does not match)");
    }
    source_ = header.source;
    // The mapping begins at a page, so that every row has the alignment it needs.
    rows_ = reinterpret_cast<const Row*>(bytes.data() + sizeof header);
    ranks_ = reinterpret_cast<const std::uint32_t*>(rows_ + size);
  }

  MappedFile file_;
  const Row* rows_ = nullptr;
  const std::uint32_t* ranks_ = nullptr;
  std::uint64_t source_ = 0;
};

}  // namespace tepui::tabular
