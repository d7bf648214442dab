#include "tepui/tabular/nas_bench_201_table.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/count_allocations.hpp"
#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"
#include "unit/tabular/made_up_table.hpp"

namespace {

using namespace tepui;
using namespace tepui::tabular;
using testing_support::message_of;
using testing_support::TemporaryDirectory;

static_assert(epochs_of(Column::c10v_valid_12) == 12 && epochs_of(Column::c10_test_200) == 200);
static_assert(epochs_of(Column::params) == 0 && epochs_of(Column::c10v_train_seconds_200) == 200);
static_assert(is_accuracy(Column::in16_valid_12) && !is_accuracy(Column::flops) &&
              !is_accuracy(Column::c10v_train_seconds_200));

TEST(NasBench201Table, GivesEveryNumberOfEveryArchitecture) {
  const NasBench201Table& table = made_up::table();
  ASSERT_EQ(table.rows().size(), 15625u);
  for (std::size_t rank = 0; rank < made_up::count; ++rank) {
    const auto code = space::unrank<made_up::Space>(rank);
    const Row& row = table[code];
    ASSERT_EQ(&row, &table.rows()[rank]);
    ASSERT_EQ(&row, &table.at(code));
    ASSERT_EQ(row.index, made_up::index_of(rank));
    ASSERT_EQ(row.isomorph, made_up::isomorph_of(rank));
    ASSERT_EQ(&row, &table.by_index(row.index));
    ASSERT_EQ(code, table.encoding(row.index));
    for (std::size_t c = 0; c < column_count; ++c) {
      const auto column = static_cast<Column>(c);
      ASSERT_EQ(row[column], made_up::value(rank, column)) << rank << " " << enum_name(column);
    }
  }
}

TEST(NasBench201Table, KnowsSizesAsWholeNumbersAndTimes) {
  const Row& row = made_up::table().at({{3, 3, 3, 3, 3, 3}});
  EXPECT_EQ(row.params(), 1'531'546);
  EXPECT_EQ(row.flops(), 220'119'690);
  EXPECT_EQ(row.training_seconds(200), 2800);
  EXPECT_EQ(row.training_seconds(12), 168);
}

TEST(NasBench201Table, RefusesWhatIsNotThere) {
  const NasBench201Table& table = made_up::table();
  EXPECT_EQ(message_of<SettingError>([&] {
              (void)table.at({{0, 1, 5, 0, 0, 0}});
            }),
            "NAS-Bench-201 table: 0.1.5.0.0.0 is no architecture: choices are 0 to 4");
  EXPECT_EQ(message_of<SettingError>([&] { (void)table.by_index(15625); }),
            "NAS-Bench-201 table: there is no architecture 15625, the indices are 0 to 15624");
}

TEST(NasBench201Table, QueriesTakeNoMemory) {
  const NasBench201Table& table = made_up::table();
  const long before = test::allocations;
  double sum = 0;
  for (std::size_t i = 0; i < 1000; ++i) {
    sum += table.at(table.encoding(i))[Column::c10_test_200] + table.by_index(i)[Column::params];
  }
  EXPECT_EQ(test::allocations, before);
  EXPECT_GT(sum, 0);
}

TEST(NasBench201Table, CanBeMoved) {
  NasBench201Table first = NasBench201Table::open(made_up::binary());
  const Row* const row = &first.by_index(7);
  const NasBench201Table second = std::move(first);
  EXPECT_EQ(&second.by_index(7), row);
  EXPECT_EQ(row->index, 7u);
}

/// The file with a few bytes changed, or of another length.
class Damaged {
 public:
  template <class Change>
  std::string message(Change&& change) const {
    auto bytes = read_file(made_up::binary());
    change(bytes);
    const auto path = directory_.file("table.bin", bytes);
    const std::string text = message_of<DataError>([&] { (void)NasBench201Table::open(path); });
    const std::string begin = path.string() + ": ";
    const std::string end = "; make it again with tepui::tabular::convert from nasbench201.csv.gz";
    if (!text.starts_with(begin) || !text.ends_with(end)) return "unexpected: " + text;
    return text.substr(begin.size(), text.size() - begin.size() - end.size());
  }

 private:
  TemporaryDirectory directory_;
};

using Bytes = std::vector<std::uint8_t>;

TEST(NasBench201Table, RefusesOtherFiles) {
  const Damaged damaged;
  const std::string no_table = "this is no Tepui table (it does not begin with TEPUITAB)";
  EXPECT_EQ(damaged.message([](Bytes& b) { b.clear(); }), no_table);
  EXPECT_EQ(damaged.message([](Bytes& b) { b.resize(5); }), no_table);
  EXPECT_EQ(damaged.message([](Bytes& b) { b[0] = 'X'; }), no_table);
  EXPECT_EQ(damaged.message([](Bytes& b) { std::swap(b[8], b[11]), std::swap(b[9], b[10]); }),
            "the table was made on a machine with another byte order");
  EXPECT_EQ(damaged.message([](Bytes& b) { b[8] ^= 1; }), "the table is damaged (byte order)");
  EXPECT_EQ(damaged.message([](Bytes& b) { b[12] = 2; }),
            "the table has version 2, this program reads 1");
  EXPECT_EQ(damaged.message([](Bytes& b) { b[32] = 8; }),
            "the table has 15624 rows of 128 bytes, expected 15625 of 128");
  EXPECT_EQ(damaged.message([](Bytes& b) { b[36] = 64; }),
            "the table has 15625 rows of 64 bytes, expected 15625 of 128");
  EXPECT_EQ(damaged.message([](Bytes& b) { b[40] = 'I'; }),
            "the table has other columns than this program reads");
}

TEST(NasBench201Table, RefusesDamage) {
  const Damaged damaged;
  EXPECT_EQ(damaged.message([](Bytes& b) { b.resize(8); }), "the table is truncated after 8 bytes");
  EXPECT_EQ(damaged.message([](Bytes& b) { b.resize(500); }),
            "the table is truncated after 500 bytes");
  EXPECT_EQ(damaged.message([](Bytes& b) { b.pop_back(); }),
            "the table is truncated: it has 2063011 of 2063012 bytes");
  EXPECT_EQ(damaged.message([](Bytes& b) { b.push_back(0); }),
            "something was appended to the table: it has 2063013 of 2063012 bytes");
  const std::string changed = "the table is damaged (its checksum does not match)";
  EXPECT_EQ(damaged.message([](Bytes& b) { b[24] ^= 1; }), changed);  // the source
  EXPECT_EQ(damaged.message([](Bytes& b) { b[100'000] ^= 1; }), changed);
  EXPECT_EQ(damaged.message([](Bytes& b) { b.back() ^= 1; }), changed);
}

TEST(NasBench201Table, SaysThatAFileIsMissing) {
  EXPECT_EQ(message_of<FileError>([] { (void)NasBench201Table::open("gone.bin"); }),
            "cannot open gone.bin: No such file or directory");
}

}  // namespace
