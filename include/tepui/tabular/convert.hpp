#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "tepui/core/enum_name.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"
#include "tepui/core/mapped_file.hpp"
#include "tepui/data/gzip.hpp"
#include "tepui/export/csv.hpp"
#include "tepui/export/number.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/tabular/nas_bench_201_table.hpp"

/// @file
/// From the text of a table to the file that is mapped.

namespace tepui::tabular {

namespace detail {

/// Reads the cells of a table and says where they are wrong.
class CellReader {
 public:
  CellReader(std::string name, std::span<const std::uint8_t> text) : name_(std::move(name)) {
    try {
      table_ = io::parse_csv({reinterpret_cast<const char*>(text.data()), text.size()}, name_);
    } catch (const DataError& error) {
      throw DataError(std::string(error.what()) + advice);
    }
    if (table_.rows.size() != row_count) {
      fail("has " + std::to_string(table_.rows.size()) + " rows, expected " +
           std::to_string(row_count) + ", one for each architecture");
    }
  }

  /// @return place of a column   @throws DataError if there is none of that name
  [[nodiscard]] std::size_t column(std::string_view name) const {
    const auto found = std::find(table_.columns.begin(), table_.columns.end(), name);
    if (found == table_.columns.end()) {
      fail("has no column '" + std::string(name) + "'");
    }
    return static_cast<std::size_t>(found - table_.columns.begin());
  }
  [[nodiscard]] const std::string& text(std::size_t row, std::size_t column) const {
    return table_.rows[row][column];
  }
  /// @throws DataError unless the cell is a number in [least, most]
  [[nodiscard]] double number(std::size_t row, std::size_t column, double least,
                              double most) const {
    double value = 0;
    if (!io::parse_number(text(row, column), value) || !(value >= least && value <= most)) {
      fail_at(row, "column '" + table_.columns[column] + "': expected a number from " +
                       io::shortest(least) + " to " + io::shortest(most) + ", found '" +
                       text(row, column) + "'");
    }
    return value;
  }
  /// @throws DataError unless the cell is a whole number in [least, most]
  [[nodiscard]] double whole(std::size_t row, std::size_t column, double least, double most) const {
    const double value = number(row, column, least, most);
    if (value != std::floor(value)) {
      fail_at(row, "column '" + table_.columns[column] + "': expected a whole number, found '" +
                       text(row, column) + "'");
    }
    return value;
  }
  [[noreturn]] void fail_at(std::size_t row, const std::string& what) const {
    throw DataError(name_ + ", line " + std::to_string(line(row)) + ": " + what + advice);
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(name_ + " " + what + advice);
  }
  [[nodiscard]] static std::size_t line(std::size_t row) { return row + 2; }

 private:
  static constexpr const char* advice = "; fetch nasbench201.csv.gz again";
  std::string name_;
  io::CsvTable table_;
};

/// What a column may hold; in what it is whole, it is also positive.
struct ColumnRange {
  double least, most;
  bool whole;
};
[[nodiscard]] constexpr ColumnRange range_of(Column column) {
  if (is_accuracy(column)) return {0, 100, false};
  return {1, 1e15, column != Column::c10v_train_seconds_200};
}

/// Keeps conversions from destroying what cannot be made again.
inline void check_replaceable(const std::filesystem::path& csv,
                              const std::filesystem::path& binary) {
  std::error_code none;  // a file that is not there is no other one
  if (std::filesystem::equivalent(csv, binary, none)) {
    throw SettingError("cannot convert " + csv.string() + " into " + binary.string() +
                       ": both are the same file, and its text would be lost; give the converted "
                       "table another name");
  }
  if (!file_exists(binary)) return;
  const MappedFile old(binary);
  const auto bytes = old.bytes();
  if (bytes.size() < file_magic.size() ||
      !std::equal(file_magic.begin(), file_magic.end(), bytes.begin())) {
    throw FileError("cannot write the converted table to " + binary.string() +
                    ": there is a file already that is no Tepui table (it does not begin with "
                    "TEPUITAB), and it would be lost; choose another name, or remove it first");
  }
}

/// The rows of a table in the order of space::rank, every architecture once.
[[nodiscard]] inline std::vector<Row> read_rows(const CellReader& cells) {
  const std::size_t index = cells.column("index");
  const std::size_t arch = cells.column("arch");
  const std::size_t isomorph = cells.column("isomorph");
  std::array<std::size_t, column_count> columns{};
  for (std::size_t c = 0; c < column_count; ++c) columns[c] = cells.column(enum_names<Column>[c]);

  std::vector<Row> rows(row_count);
  std::vector<std::optional<std::size_t>> of_rank(row_count), of_index(row_count);
  const auto once = [&](std::optional<std::size_t>& seen, std::size_t r, const std::string& what) {
    if (seen) cells.fail_at(r, what + " is in line " + std::to_string(cells.line(*seen)) + " too");
    seen = r;
  };
  constexpr double last = row_count - 1;
  for (std::size_t r = 0; r < row_count; ++r) {
    NasBench201::Encoding code;
    try {
      code = NasBench201::parse(cells.text(r, arch));
    } catch (const SettingError& error) {
      cells.fail_at(r, error.what());
    }
    const std::size_t rank = space::rank<NasBench201>(code);
    once(of_rank[rank], r, "the architecture " + cells.text(r, arch));
    Row& row = rows[rank];
    row.index = static_cast<std::uint32_t>(cells.whole(r, index, 0, last));
    once(of_index[row.index], r, "the index " + std::to_string(row.index));
    row.isomorph = static_cast<std::uint32_t>(cells.whole(r, isomorph, 0, row.index));
    for (std::size_t c = 0; c < column_count; ++c) {
      const ColumnRange range = range_of(static_cast<Column>(c));
      row.values[c] = range.whole ? cells.whole(r, columns[c], range.least, range.most)
                                  : cells.number(r, columns[c], range.least, range.most);
    }
  }
  for (const Row& row : rows) {
    const std::size_t named = *of_index[row.isomorph];
    if (cells.text(named, isomorph) != cells.text(named, index)) {
      cells.fail_at(*of_index[row.index],
                    "column 'isomorph': " + std::to_string(row.isomorph) +
                        " is not the smallest index of its function, see line " +
                        std::to_string(cells.line(named)));
    }
  }
  return rows;
}

}  // namespace detail

/// @return what NasBench201Table::source() is for tables made from this file
/// @throws FileError if it cannot be read
[[nodiscard]] inline std::uint64_t source_of(const std::filesystem::path& csv) {
  return detail::hash_of(read_file(csv));
}

/// @brief Makes the file that NasBench201Table opens.
///
/// The numbers are kept as doubles, so that they are exactly those of the text. The byte order is
/// that of this machine. About 60 ms.
/// @param csv    nasbench201.csv.gz, or the same unpacked: a header with `index`, `arch` (the
///               official spelling), `isomorph` and the columns of Column, in any order; 15,625
///               rows
/// @param binary appears complete or not at all; of existing files only such tables are replaced
/// @throws FileError if a file cannot be read or written, or `binary` is a file of another kind
/// @throws SettingError if both are the same file
/// @throws DataError with the line if a number is missing or out of range, or an architecture is
///         not there exactly once
inline void convert(const std::filesystem::path& csv, const std::filesystem::path& binary) {
  detail::check_replaceable(csv, binary);
  const auto packed = read_file(csv);
  const auto rows = detail::read_rows(
      detail::CellReader(csv.string(), data::is_gzip(packed) ? data::gunzip(packed, csv) : packed));
  std::vector<std::uint32_t> ranks(rows.size());
  for (std::size_t rank = 0; rank < rows.size(); ++rank) {
    ranks[rows[rank].index] = static_cast<std::uint32_t>(rank);
  }
  detail::FileHeader header{.magic = detail::file_magic,
                            .byte_order = detail::file_byte_order,
                            .version = detail::file_version,
                            .checksum = 0,
                            .source = detail::hash_of(packed),
                            .rows = static_cast<std::uint32_t>(rows.size()),
                            .row_size = sizeof(Row),
                            .columns = detail::column_names()};
  std::vector<std::uint8_t> bytes(detail::file_size);
  std::uint8_t* const content = bytes.data() + sizeof header;
  std::memcpy(content, rows.data(), rows.size() * sizeof(Row));
  std::memcpy(content + rows.size() * sizeof(Row), ranks.data(), ranks.size() * sizeof ranks[0]);
  std::memcpy(bytes.data(), &header, sizeof header);
  header.checksum = detail::hash_of(std::span(bytes).subspan(detail::checked_from));
  std::memcpy(bytes.data(), &header, sizeof header);
  write_file_atomically(binary, bytes);
}

/// @brief Opens the table of `csv`, kept in `binary`: converts it the first time, and again if the
/// text has changed or `binary` is damaged or of another version.
/// @throws as convert and NasBench201Table::open
[[nodiscard]] inline NasBench201Table open_cached(const std::filesystem::path& csv,
                                                  const std::filesystem::path& binary) {
  const std::uint64_t source = source_of(csv);
  if (file_exists(binary)) {
    try {
      NasBench201Table table = NasBench201Table::open(binary);
      if (table.source() == source) return table;
    } catch (const DataError&) {  // made anew below, if it is a table at all
    }
  }
  convert(csv, binary);
  return NasBench201Table::open(binary);
}

}  // namespace tepui::tabular
