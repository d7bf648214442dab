#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"

/// @file
/// Tables for the terminal and for Markdown.

namespace tepui::report {

enum class Align { left, right };

/// @brief Rows of text under named columns.
class Table {
 public:
  struct Column {
    std::string name;
    Align align = Align::right;
  };

  /// @throws SettingError if there is no column
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {
    if (columns_.empty()) throw SettingError("table: at least one column is needed");
  }
  /// The first column to the left, as names are; all others to the right, as numbers are.
  [[nodiscard]] static Table with_columns(std::span<const std::string> names) {
    std::vector<Column> columns;
    for (const std::string& name : names) {
      columns.push_back({name, columns.empty() ? Align::left : Align::right});
    }
    return Table(std::move(columns));
  }

  /// @throws SettingError if the number of cells is not the number of columns
  void add_row(std::vector<std::string> cells) {
    if (cells.size() != columns_.size()) {
      throw SettingError("table: row " + std::to_string(rows_.size() + 1) + " has " +
                         std::to_string(cells.size()) + " cells, the table has " +
                         std::to_string(columns_.size()) + " columns");
    }
    // a cell is one line
    for (std::string& cell : cells) {
      std::replace_if(
          cell.begin(), cell.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; },
          ' ');
    }
    rows_.push_back(std::move(cells));
  }
  [[nodiscard]] std::size_t rows() const { return rows_.size(); }

  /// @brief Columns side by side, the header underlined, in ASCII apart from the cells themselves.
  [[nodiscard]] std::string text() const {
    const auto widths = column_widths([](std::string_view cell) { return std::string(cell); }, 1);
    std::string out;
    const auto append = [&](const auto& cell_of) {
      std::string line;
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        if (c > 0) line += "  ";
        line += padded(cell_of(c), widths[c], columns_[c].align);
      }
      while (!line.empty() && line.back() == ' ') line.pop_back();
      out += line + "\n";
    };
    append([&](std::size_t c) { return columns_[c].name; });
    append([&](std::size_t c) { return std::string(widths[c], '-'); });
    for (const auto& row : rows_) {
      append([&](std::size_t c) { return row[c]; });
    }
    return out;
  }

  /// @brief The same as a Markdown table, readable as text too.
  [[nodiscard]] std::string markdown() const {
    const auto widths = column_widths(escaped, 3);
    std::string out;
    const auto append = [&](const auto& cell_of) {
      out += '|';
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        out += ' ';
        out += padded(cell_of(c), widths[c], columns_[c].align);
        out += " |";
      }
      out += '\n';
    };
    append([&](std::size_t c) { return escaped(columns_[c].name); });
    append([&](std::size_t c) {
      std::string rule(widths[c], '-');
      if (columns_[c].align == Align::right) rule.back() = ':';
      return rule;
    });
    for (const auto& row : rows_) {
      append([&](std::size_t c) { return escaped(row[c]); });
    }
    return out;
  }

 private:
  /// Columns on a screen: code points, because a cell may hold UTF-8.
  [[nodiscard]] static std::size_t width(std::string_view cell) {
    return static_cast<std::size_t>(std::count_if(cell.begin(), cell.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
    }));
  }
  [[nodiscard]] static std::string padded(const std::string& cell, std::size_t to, Align align) {
    const std::string space(to - std::min(to, width(cell)), ' ');
    return align == Align::left ? cell + space : space + cell;
  }
  [[nodiscard]] static std::string escaped(std::string_view cell) {
    std::string out;
    for (const char c : cell) {
      if (c == '|' || c == '\\' || c == '<' || c == '*' || c == '_' || c == '`') out += '\\';
      out += c;
    }
    return out;
  }
  template <class Written>
  [[nodiscard]] std::vector<std::size_t> column_widths(Written&& written, std::size_t least) const {
    std::vector<std::size_t> widths;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      std::size_t most = std::max(least, width(written(columns_[c].name)));
      for (const auto& row : rows_) most = std::max(most, width(written(row[c])));
      widths.push_back(most);
    }
    return widths;
  }

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tepui::report
