#include "tepui/tabular/convert.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"
#include "tepui/space/cost.hpp"
#include "unit/tabular/made_up_table.hpp"

namespace {

using namespace tepui;
using namespace tepui::tabular;
using testing_support::message_of;
using testing_support::real_data;
using testing_support::TemporaryDirectory;

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

TEST(Convert, TakesAnyOrderOfRowsAndColumnsPackedOrNot) {
  const TemporaryDirectory directory;
  auto rows = made_up::cells();
  std::reverse(rows.begin() + 1, rows.end());
  for (auto& row : rows) {
    std::reverse(row.begin(), row.end());
    row.push_back("a column of no interest");
  }
  const auto csv = directory.file("table.csv", bytes_of(made_up::csv(rows)));
  convert(csv, directory.path() / "table.bin");
  auto other = read_file(directory.path() / "table.bin");
  auto first = read_file(made_up::binary());
  ASSERT_EQ(other.size(), first.size());
  // all but checksum and source
  EXPECT_TRUE(std::equal(first.begin() + 32, first.end(), other.begin() + 32));
  EXPECT_EQ(NasBench201Table::open(directory.path() / "table.bin").source(), source_of(csv));
}

/// The message about a table with one cell changed; `line` as an editor counts.
class Changed {
 public:
  std::string cell(std::size_t line, const std::string& column, const std::string& to) {
    const auto names = made_up::columns();
    const auto c = std::find(names.begin(), names.end(), column) - names.begin();
    return message(
        [&](made_up::Rows& rows) { rows.at(line - 1).at(static_cast<std::size_t>(c)) = to; });
  }
  /// Of `change(rows)`, without the name of the file in front and the advice at the end.
  template <class Change>
  std::string message(Change&& change) {
    auto rows = rows_;
    change(rows);
    const auto csv = directory_.file("t.csv", bytes_of(made_up::csv(rows)));
    const auto binary = directory_.path() / "t.bin";
    const std::string text = message_of<DataError>([&] { convert(csv, binary); });
    EXPECT_FALSE(file_exists(binary));
    const std::string advice = "; fetch nasbench201.csv.gz again";
    if (!text.starts_with(csv.string()) || !text.ends_with(advice)) return "unexpected: " + text;
    return text.substr(csv.string().size(), text.size() - csv.string().size() - advice.size());
  }

 private:
  TemporaryDirectory directory_;
  made_up::Rows rows_ = made_up::cells();
};

TEST(Convert, NamesTheLineOfABadCell) {
  Changed changed;
  EXPECT_EQ(changed.cell(5, "c10_test_200", "93,2"), ", line 5: expected 18 cells, found 19");
  EXPECT_EQ(changed.cell(5, "c10_test_200", "high"),
            ", line 5: column 'c10_test_200': expected a number from 0 to 100, found 'high'");
  EXPECT_EQ(changed.cell(7, "in16_valid_12", "nan"),
            ", line 7: column 'in16_valid_12': expected a number from 0 to 100, found 'nan'");
  EXPECT_EQ(changed.cell(7, "in16_valid_12", ""),
            ", line 7: column 'in16_valid_12': expected a number from 0 to 100, found ''");
  EXPECT_EQ(changed.cell(15626, "c100_test_12", "100.1"),
            ", line 15626: column 'c100_test_12': expected a number from 0 to 100, found '100.1'");
  EXPECT_EQ(
      changed.cell(2, "c10v_train_seconds_200", "inf"),
      ", line 2: column 'c10v_train_seconds_200': expected a number from 1 to 1e+15, found 'inf'");
  EXPECT_EQ(changed.cell(2, "params", "1.5"),
            ", line 2: column 'params': expected a whole number, found '1.5'");
  EXPECT_EQ(changed.cell(2, "flops", "-3"),
            ", line 2: column 'flops': expected a number from 1 to 1e+15, found '-3'");
  EXPECT_EQ(changed.cell(2, "index", "15625"),
            ", line 2: column 'index': expected a number from 0 to 15624, found '15625'");
  // isomorphs are never larger than the index, here 13
  EXPECT_EQ(changed.cell(2, "isomorph", "14"),
            ", line 2: column 'isomorph': expected a number from 0 to 13, found '14'");
  // rank 6602, in line 6604, has index 1, which is not the smallest of its pair
  EXPECT_EQ(made_up::index_of(6602), 1u);
  EXPECT_EQ(changed.cell(2, "isomorph", "1"),
            ", line 2: column 'isomorph': 1 is not the smallest index of its function, see line "
            "6604");
  EXPECT_EQ(changed.cell(3, "arch", "|none~0|"),
            ", line 3: NAS-Bench-201 architecture \"|none~0|\": missing text at the end: at "
            "character 8 (\"\") expected +|");
}

TEST(Convert, WantsEveryArchitectureOnce) {
  Changed changed;
  const std::string first = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|";
  EXPECT_EQ(changed.cell(9, "arch", first),
            ", line 9: the architecture " + first + " is in line 2 too");
  EXPECT_EQ(changed.cell(9, "index", "13"), ", line 9: the index 13 is in line 2 too");
  EXPECT_EQ(changed.message([](made_up::Rows& rows) { rows.pop_back(); }),
            " has 15624 rows, expected 15625, one for each architecture");
  EXPECT_EQ(changed.message([](made_up::Rows& rows) { rows.push_back(rows[1]); }),
            " has 15626 rows, expected 15625, one for each architecture");
  EXPECT_EQ(changed.cell(1, "c10v_valid_12", "c10v_valid"), " has no column 'c10v_valid_12'");
}

TEST(Convert, LeavesNothingBehindWhereItCannotWrite) {
  const TemporaryDirectory directory;
  const auto csv = directory.file("t.csv", bytes_of(made_up::csv(made_up::cells())));
  const auto message =
      message_of<FileError>([&] { convert(csv, directory.path() / "gone" / "t.bin"); });
  EXPECT_NE(message.find("does not exist; create it first"), std::string::npos) << message;
}

TEST(OpenCached, ConvertsOnlyWhatHasChanged) {
  const TemporaryDirectory directory;
  auto rows = made_up::cells();
  const auto csv = directory.file("t.csv", bytes_of(made_up::csv(rows)));
  const auto binary = directory.path() / "t.bin";
  (void)open_cached(csv, binary);
  const auto made = std::filesystem::last_write_time(binary) - std::chrono::hours(1);
  std::filesystem::last_write_time(binary, made);
  EXPECT_EQ(open_cached(csv, binary).by_index(13)[Column::c10_test_200], 90);
  EXPECT_EQ(std::filesystem::last_write_time(binary), made);  // not written again

  rows[1][5] = "12.5";  // line 2 is index 13
  ASSERT_EQ(made_up::columns()[5], "c10_test_200");
  directory.file("t.csv", bytes_of(made_up::csv(rows)));
  EXPECT_EQ(open_cached(csv, binary).by_index(13)[Column::c10_test_200], 12.5);

  std::filesystem::resize_file(binary, 1000);
  EXPECT_EQ(open_cached(csv, binary).by_index(13)[Column::c10_test_200], 12.5);
}

TEST(OpenCached, ReplacesNoOtherFile) {
  const TemporaryDirectory directory;
  const auto csv = directory.file("t.csv", bytes_of(made_up::csv(made_up::cells())));
  for (const std::string text : {"my notes, written by hand", "TEPUI", ""}) {
    const auto other = directory.file("notes.txt", bytes_of(text));
    const std::string message = "cannot write the converted table to " + other.string() +
                                ": there is a file already that is no Tepui table (it does not "
                                "begin with TEPUITAB), and it would be lost; choose another name, "
                                "or remove it first";
    EXPECT_EQ(message_of<FileError>([&] { (void)open_cached(csv, other); }), message);
    EXPECT_EQ(message_of<FileError>([&] { convert(csv, other); }), message);
    EXPECT_EQ(read_text(other), text);
  }
}

TEST(OpenCached, DoesNotReplaceTheTextItself) {
  const TemporaryDirectory directory;
  const std::string text = made_up::csv(made_up::cells());
  const auto csv = directory.file("t.csv", bytes_of(text));
  const auto link = directory.path() / "link.bin";
  std::filesystem::create_symlink(csv, link);
  for (const auto& same : {csv, link, directory.path() / "." / "t.csv"}) {
    const std::string message = "cannot convert " + csv.string() + " into " + same.string() +
                                ": both are the same file, and its text would be lost; give the "
                                "converted table another name";
    EXPECT_EQ(message_of<SettingError>([&] { (void)open_cached(csv, same); }), message);
    EXPECT_EQ(message_of<SettingError>([&] { convert(csv, same); }), message);
  }
  EXPECT_EQ(read_text(csv), text);
}

TEST(Convert, ThePublishedTable) {
  const auto csv = real_data() / "nasbench201" / "nasbench201.csv.gz";
  if (!std::filesystem::exists(csv)) {
    GTEST_SKIP() << csv << " is not there; set TEPUI_DATA to the folder above nasbench201";
  }
  const TemporaryDirectory directory;
  convert(csv, directory.path() / "t.bin");
  const auto table = NasBench201Table::open(directory.path() / "t.bin");
  // of equal ones the first in the official order
  const auto best = [&](Column column) -> const Row& {
    std::size_t best_index = 0;
    for (std::size_t index = 1; index < NasBench201Table::size; ++index) {
      if (table.by_index(index)[column] > table.by_index(best_index)[column]) best_index = index;
    }
    return table.by_index(best_index);
  };
  const auto expect_best = [&](Column column, double accuracy, std::uint32_t index) {
    EXPECT_EQ(best(column)[column], accuracy) << enum_name(column);
    EXPECT_EQ(best(column).index, index) << enum_name(column);
  };
  expect_best(Column::c10_test_200, 94.3733, 6111);
  expect_best(Column::c100_test_200, 73.5133, 9930);
  expect_best(Column::in16_test_200, 47.3111, 857);
  expect_best(Column::c10v_valid_200, 91.6067, 6111);
  EXPECT_EQ(table.encoding(1462), (made_up::Encoding{{3, 3, 3, 3, 3, 3}}));

  std::size_t own_isomorph = 0;
  using space::nas_bench_201::Sameness;
  std::map<std::uint64_t, std::uint32_t> isomorph_of;  // by the library's notion of the same cell
  for (std::size_t index = 0; index < NasBench201Table::size; ++index) {
    const Row& row = table.by_index(index);
    ASSERT_EQ(row.index, index);
    const Cost cost = cost_of<made_up::Space>(table.encoding(index));
    ASSERT_EQ(row.params(), cost.params) << index;
    ASSERT_EQ(row.flops(), cost.macs) << index;
    if (row.isomorph == index) ++own_isomorph;
    const auto signature =
        space::nas_bench_201::Signature<Sameness::skips_and_zeros>{}(table.encoding(index));
    ASSERT_EQ(isomorph_of.try_emplace(signature, row.isomorph).first->second, row.isomorph)
        << index;
  }
  EXPECT_EQ(own_isomorph, 6466u);
  EXPECT_EQ(isomorph_of.size(), 6466u);
}

}  // namespace
