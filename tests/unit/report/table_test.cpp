#include "tepui/report/table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tepui/core/error.hpp"

namespace {

using tepui::SettingError;
using tepui::report::Align;
using tepui::report::Table;

Table example() {
  Table table({{"policy", Align::left}, {"accuracy"}, {"note", Align::left}});
  table.add_row({"Sgd", "9.1", ""});
  table.add_row({"Sam<Sgd>", "10.25", "a|b"});
  return table;
}

TEST(Table, TextAlignsColumns) {
  EXPECT_EQ(example().text(),
            "policy    accuracy  note\n"
            "--------  --------  ----\n"
            "Sgd            9.1\n"
            "Sam<Sgd>     10.25  a|b\n");
}

TEST(Table, MarkdownAlignsAndEscapes) {
  EXPECT_EQ(example().markdown(),
            "| policy    | accuracy | note |\n"
            "| --------- | -------: | ---- |\n"
            "| Sgd       |      9.1 |      |\n"
            "| Sam\\<Sgd> |    10.25 | a\\|b |\n");
}

TEST(Table, WidthCountsCharactersNotBytes) {
  Table table({{"x", Align::left}, {"y"}});
  table.add_row({"1 \xC2\xB1 2", "3"});
  table.add_row({"12345", "3"});
  EXPECT_EQ(table.text(),
            "x      y\n"
            "-----  -\n"
            "1 \xC2\xB1 2  3\n"
            "12345  3\n");
}

TEST(Table, NamesLeftNumbersRight) {
  const std::vector<std::string> names{"a", "b"};
  Table table = Table::with_columns(names);
  table.add_row({"long", "1"});
  table.add_row({"s", "100"});
  EXPECT_EQ(table.text(), "a       b\n----  ---\nlong    1\ns     100\n");
  EXPECT_EQ(table.rows(), 2u);
}

TEST(Table, WithoutRowsTheHeaderStands) {
  const Table table({{"ab"}});
  EXPECT_EQ(table.text(), "ab\n--\n");
  EXPECT_EQ(table.markdown(), "|  ab |\n| --: |\n");
}

TEST(Table, CellsAreOneLine) {
  Table table({{"a", Align::left}});
  table.add_row({"x\ny\tz"});
  EXPECT_EQ(table.text(), "a\n-----\nx y z\n");
}

TEST(Table, RowsMustFit) {
  Table table({{"a"}, {"b"}});
  EXPECT_THROW(table.add_row({"1"}), SettingError);
  EXPECT_THROW(table.add_row({"1", "2", "3"}), SettingError);
  EXPECT_EQ(table.rows(), 0u);
  EXPECT_THROW(Table({}), SettingError);
}

}  // namespace
