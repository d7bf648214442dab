#include "tepui/export/csv.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "tepui/core/error.hpp"

namespace {

using tepui::DataError;
using tepui::SettingError;
using tepui::io::CsvTable;
using tepui::io::CsvWriter;
using tepui::io::parse_csv;
using Row = std::vector<std::string>;

TEST(Csv, CellsAreQuotedOnlyWhereNeeded) {
  CsvWriter csv{"name", "value, unit", "say \"x\""};
  csv.row("plain", 0.1, true);
  csv.row("a,b", -3, false);
  csv.row("line\nbreak", std::uint64_t{18446744073709551615u}, " spaced");
  csv.row("", "\"", "tab\there");
  EXPECT_EQ(csv.rows(), 4u);
  EXPECT_EQ(csv.text(),
            "name,\"value, unit\",\"say \"\"x\"\"\"\n"
            "plain,0.1,true\n"
            "\"a,b\",-3,false\n"
            "\"line\nbreak\",18446744073709551615,\" spaced\"\n"
            ",\"\"\"\",tab\there\n");
}

TEST(Csv, ComesBackAsWritten) {
  CsvWriter csv{"text", "x"};
  const std::vector<std::string> texts{"", "a", "\"", "\"\"", ",", "\r\n", "\n", " b ", "c\rd"};
  const std::vector<double> numbers{0.1, -0.0, 1e300, 5e-324, 1.0 / 3, 3.0, 0.0, 2.5, 1e22};
  for (std::size_t i = 0; i < texts.size(); ++i) csv.row(texts[i], numbers[i]);
  const CsvTable table = parse_csv(csv.text());
  EXPECT_EQ(table.columns, (Row{"text", "x"}));
  ASSERT_EQ(table.rows.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(table.at(i, "text"), texts[i]) << i;
    EXPECT_EQ(table.number(i, "x"), numbers[i]) << i;
  }
  EXPECT_TRUE(std::signbit(table.number(1, "x")));
}

TEST(Csv, NonFiniteNumbersComeBack) {
  CsvWriter csv{"x"};
  csv.row(std::numeric_limits<double>::infinity());
  csv.row(std::nan(""));
  csv.row("");
  EXPECT_EQ(csv.text(), "x\ninf\nnan\n\"\"\n");
  const CsvTable table = parse_csv(csv.text());
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_TRUE(std::isinf(table.number(0, "x")));
  EXPECT_TRUE(std::isnan(table.number(1, "x")));
  EXPECT_THROW((void)table.number(2, "x"), DataError);
}

TEST(Csv, RowsMustFitTheHeader) {
  CsvWriter csv{"a", "b"};
  EXPECT_THROW(csv.row(1), SettingError);
  EXPECT_THROW(csv.row(1, 2, 3), SettingError);
  EXPECT_EQ(csv.text(), "a,b\n");
  EXPECT_THROW(CsvWriter(std::vector<std::string>{}), SettingError);
}

TEST(Csv, ReaderTakesBothLineEndsAndAMissingLastOne) {
  const CsvTable table = parse_csv("a,b\r\n1,2\n3,");
  EXPECT_EQ(table.rows, (std::vector<Row>{{"1", "2"}, {"3", ""}}));
  EXPECT_THROW((void)table.column("c"), DataError);
}

std::string complaint(std::string_view text) {
  try {
    (void)parse_csv(text, "t.csv");
  } catch (const DataError& error) {
    return error.what();
  }
  return "no complaint";
}

TEST(Csv, DamagedTablesAreRefusedWithTheirLine) {
  EXPECT_EQ(complaint(""),
            "t.csv, line 1: the table is empty; its first line should name the columns");
  EXPECT_EQ(complaint("a,b\n1,2\n3\n"), "t.csv, line 3: expected 2 cells, found 1");
  EXPECT_EQ(complaint("a,b\n\"x\ny\",2\n3,4,5\n"), "t.csv, line 4: expected 2 cells, found 3");
  EXPECT_EQ(complaint("a\n\n\"open\n"), "t.csv, line 3: a quoted cell is never closed");
  EXPECT_EQ(complaint("a\nx\"y\n"),
            "t.csv, line 2: a quote inside a cell that does not begin with one");
  EXPECT_EQ(complaint("a\n\"x\"y\n"), "t.csv, line 2: text behind a closing quote");
}

TEST(Csv, FilesAreWrittenAndRead) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "tepui_csv_test.csv";
  CsvWriter csv{"a"};
  csv.row(4);
  csv.save(path);
  EXPECT_EQ(tepui::io::read_csv(path).number(0, "a"), 4.0);
  std::filesystem::remove(path);
  EXPECT_THROW((void)tepui::io::read_csv(path), tepui::FileError);
}

}  // namespace
