#pragma once

#include <concepts>
#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"
#include "tepui/export/number.hpp"

/// @file
/// Comma-separated tables that come back as they were written.
///
/// @source RFC 4180; deviation: lines end in a line feed alone, as the tools of the field expect.
///         The reader takes both.

namespace tepui::io {

/// @return the text of one cell: numbers shortest, bools as true and false, strings as they are
template <class T>
[[nodiscard]] std::string csv_cell(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::floating_point<T>) {
    return shortest(value);
  } else if constexpr (std::integral<T>) {
    static_assert(!std::is_same_v<T, char>, "csv: a char is neither a number nor a text");
    return std::to_string(value);
  } else {
    static_assert(std::convertible_to<T, std::string_view>,
                  "csv: a cell is a number, a bool or a text");
    return std::string(std::string_view(value));
  }
}

/// @brief Builds a table row by row; every row has as many cells as the header.
class CsvWriter {
 public:
  /// @param columns names of the columns, at least one
  /// @throws SettingError if there is none
  explicit CsvWriter(std::span<const std::string> columns) : columns_(columns.size()) {
    if (columns.empty()) throw SettingError("csv: a table needs at least one column");
    append(columns);
  }
  CsvWriter(std::initializer_list<std::string> columns)
      : CsvWriter(std::span<const std::string>(columns.begin(), columns.size())) {}

  /// @brief Adds a row of numbers and texts.
  /// @throws SettingError if the number of cells is not the number of columns
  template <class... T>
  void row(const T&... values) {
    const std::initializer_list<std::string> cells{csv_cell(values)...};
    cells_row(std::span<const std::string>(cells.begin(), cells.size()));
  }
  /// As row, for cells that are text already.
  void cells_row(std::span<const std::string> cells) {
    if (cells.size() != columns_) {
      throw SettingError("csv: row " + std::to_string(rows_ + 1) + " has " +
                         std::to_string(cells.size()) + " cells, the table has " +
                         std::to_string(columns_) + " columns");
    }
    append(cells);
    ++rows_;
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  /// @throws FileError if the file cannot be written
  void save(const std::filesystem::path& path) const { write_file_atomically(path, text_); }

 private:
  void append(std::span<const std::string> cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text_ += ',';
      append_field(cells[i], cells.size() == 1);
    }
    text_ += '\n';
  }
  void append_field(std::string_view field, bool alone) {
    const bool quoted = field.find_first_of(",\"\r\n") != std::string_view::npos ||
                        field.starts_with(' ') || field.ends_with(' ') ||
                        (alone && field.empty());  // an empty line is no row
    if (!quoted) {
      text_ += field;
      return;
    }
    text_ += '"';
    for (const char c : field) {
      if (c == '"') text_ += '"';
      text_ += c;
    }
    text_ += '"';
  }

  std::size_t columns_ = 0;
  std::size_t rows_ = 0;
  std::string text_;
};

/// @brief A table read back: every cell as text.
struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;

  /// @return place of a column   @throws DataError if there is none of that name
  [[nodiscard]] std::size_t column(std::string_view name) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i] == name) return i;
    }
    throw DataError("csv: there is no column '" + std::string(name) + "'");
  }
  [[nodiscard]] const std::string& at(std::size_t row, std::string_view name) const {
    return rows.at(row)[column(name)];
  }
  /// @throws DataError if the cell is not a number
  [[nodiscard]] double number(std::size_t row, std::string_view name) const {
    double value = 0;
    const std::string& cell = at(row, name);
    if (!parse_number(cell, value)) {
      throw DataError("csv: row " + std::to_string(row + 1) + ", column '" + std::string(name) +
                      "': '" + cell + "' is not a number");
    }
    return value;
  }
};

/// @brief Reads a table whose first line names the columns.
/// @param name how messages call it
/// @throws DataError with the line, if a quote is misplaced or open, or a row has too few or too
///         many cells
[[nodiscard]] inline CsvTable parse_csv(std::string_view text, const std::string& name = "csv") {
  CsvTable table;
  std::vector<std::string> cells;
  std::string cell;
  std::size_t line = 1, row_line = 1;
  const auto fail = [&](std::size_t at, const std::string& what) {
    throw DataError(name + ", line " + std::to_string(at) + ": " + what);
  };
  const auto end_row = [&] {
    cells.push_back(std::exchange(cell, {}));
    if (table.columns.empty()) {
      table.columns = std::exchange(cells, {});
      return;
    }
    if (cells.size() != table.columns.size()) {
      fail(row_line, "expected " + std::to_string(table.columns.size()) + " cells, found " +
                         std::to_string(cells.size()));
    }
    table.rows.push_back(std::exchange(cells, {}));
  };
  bool fresh = true;  // nothing of the current row seen yet
  for (std::size_t i = 0; i < text.size();) {
    if (fresh) row_line = line;
    fresh = false;
    if (text[i] == '"') {
      if (!cell.empty()) fail(line, "a quote inside a cell that does not begin with one");
      const std::size_t opened = line;
      for (++i;; ++i) {
        if (i >= text.size()) fail(opened, "a quoted cell is never closed");
        if (text[i] == '\n') ++line;
        if (text[i] == '"') {
          if (i + 1 >= text.size() || text[i + 1] != '"') break;
          ++i;
        }
        cell += text[i];
      }
      ++i;
      if (i < text.size() && text[i] != ',' && text[i] != '\n' && text[i] != '\r') {
        fail(line, "text behind a closing quote");
      }
    } else if (text[i] == ',') {
      cells.push_back(std::exchange(cell, {}));
      ++i;
    } else if (text[i] == '\n' || text.substr(i, 2) == "\r\n") {
      i += text[i] == '\n' ? 1 : 2;
      ++line;
      end_row();
      fresh = true;
    } else {
      cell += text[i++];
    }
  }
  if (!fresh) end_row();  // the last line needs no line end
  if (table.columns.empty()) fail(1, "the table is empty; its first line should name the columns");
  return table;
}

/// @throws FileError if it cannot be read   @throws DataError as parse_csv
[[nodiscard]] inline CsvTable read_csv(const std::filesystem::path& path) {
  return parse_csv(read_text(path), path.string());
}

}  // namespace tepui::io
