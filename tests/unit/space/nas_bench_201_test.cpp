// NAS-Bench-201: the official spelling, and the cost of all 15,625 networks.
#include "tepui/space/nas_bench_201.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "tepui/data/gzip.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/enumeration.hpp"

namespace {

using namespace tepui;
using Bench = space::NasBench201<>;

const std::string index_11 =
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|";

TEST(NasBench201, EveryEncodingSurvivesPrintingAndParsing) {
  std::set<std::string> all;
  for (std::uint64_t i = 0; i < space::cardinality<Bench>(); ++i) {
    const auto code = space::unrank<Bench>(i);
    const std::string text = Bench::print(code);
    ASSERT_EQ(Bench::parse(text), code);
    all.insert(text);
  }
  EXPECT_EQ(all.size(), 15625u);
  EXPECT_EQ(Bench::print({{3, 3, 4, 0, 3, 4}}), index_11);
}

std::string complaint(const std::string& text) {
  try {
    (void)Bench::parse(text);
  } catch (const SettingError& error) {
    return error.what();
  }
  return "accepted";
}
std::string with(std::string from, std::string to) {
  std::string text = index_11;
  return text.replace(text.find(from), from.size(), to);
}

TEST(NasBench201, ParseErrorsPointAtTheBadToken) {
  const auto expect_at = [](const std::string& text, std::size_t character,
                            const std::string& expected) {
    const std::string message = complaint(text);
    EXPECT_NE(message.find("at character " + std::to_string(character) + " "), std::string::npos)
        << message;
    EXPECT_NE(message.find("expected " + expected), std::string::npos) << message;
  };
  expect_at("", 0, "|");
  expect_at("nor_conv_3x3~0|", 0, "|");
  expect_at(with("avg_pool_3x3~1", "max_pool_3x3~1"), 33, "none, skip_connect");
  expect_at(with("none~0", "none~1"), 54, "~0");
  expect_at(with("none~0", "none"), 54, "~0");
  expect_at(with("none~0|", "none~0"), 56, "|");
  expect_at(with("|+|none", "||none"), 48, "+|");
  expect_at(index_11 + "+|none~0|", index_11.size(), "the end");
  expect_at(index_11.substr(0, 20), 18, "none, skip_connect");
  expect_at(index_11.substr(0, index_11.size() - 1), index_11.size() - 1, "|");
  expect_at(" " + index_11, 0, "|");
  EXPECT_NE(complaint(with("avg_pool_3x3~1", "max_pool_3x3~1"))
                .find("unknown operation: at character 33 (\"max_pool_3x3\")"),
            std::string::npos);
  EXPECT_NE(complaint(with("none~0", "none~1"))
                .find("edge from the wrong node: at character 54 (\"~1\")"),
            std::string::npos);
  EXPECT_NE(complaint(index_11.substr(0, 6)).find("unknown operation"), std::string::npos);
  EXPECT_NE(complaint("|none").find("missing text at the end: at character 5 (\"\")"),
            std::string::npos);
}

TEST(NasBench201, CostsOfTheWholeSpace) {
  std::set<std::pair<std::int64_t, std::int64_t>> distinct;
  std::int64_t least = 1'000'000'000, most = 0, sum = 0;
  for (std::uint64_t i = 0; i < space::cardinality<Bench>(); ++i) {
    const auto code = space::unrank<Bench>(i);
    const auto n3 = std::count(code.begin(), code.end(), 3);
    const auto n1 = std::count(code.begin(), code.end(), 2);
    const Cost cost = cost_of<Bench>(code);
    ASSERT_EQ(cost.params, 73'306 + 243'040 * n3 + 28'000 * n1);
    ASSERT_EQ(cost.macs, 7'783'050 + 35'389'440 * n3 + 3'932'160 * n1);
    distinct.insert({cost.params, cost.macs});
    least = std::min(least, cost.macs);
    most = std::max(most, cost.macs);
    sum += cost.macs;
  }
  EXPECT_EQ(distinct.size(), 28u);
  EXPECT_EQ(least, 7'783'050);
  EXPECT_EQ(most, 220'119'690);
  EXPECT_EQ(sum, 15625 * std::int64_t{54'968'970});
}

/// The published table, if the data folder is there.
std::string table_or_nothing() {
  const char* named = std::getenv("TEPUI_DATA");
  const std::filesystem::path folder =
      named != nullptr ? std::filesystem::path(named)
                       : std::filesystem::path(TEPUI_TEST_SOURCE_DIR) / "../shared/data";
  const auto file = folder / "nasbench201" / "nasbench201.csv.gz";
  if (!std::filesystem::exists(file)) return {};
  const auto bytes = data::read_maybe_gzip(file);
  return {bytes.begin(), bytes.end()};
}

TEST(NasBench201, EveryRowOfThePublishedTable) {
  const std::string table = table_or_nothing();
  if (table.empty()) {
    GTEST_SKIP() << "nasbench201/nasbench201.csv.gz is not there; set TEPUI_DATA to its folder";
  }
  std::istringstream lines(table);
  std::string line;
  std::getline(lines, line);
  ASSERT_EQ(line.substr(0, 32), "index,arch,isomorph,params,flops");
  int rows = 0;
  std::set<std::string> architectures;
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    std::array<std::string, 5> cell;
    for (auto& c : cell) std::getline(cells, c, ',');
    const Cost cost = cost_of<Bench>(Bench::parse(cell[1]));
    ASSERT_EQ(cost.params, std::stoll(cell[3])) << line;
    ASSERT_EQ(cost.macs, std::stoll(cell[4])) << line;
    architectures.insert(cell[1]);
    ++rows;
  }
  EXPECT_EQ(rows, 15625);
  EXPECT_EQ(architectures.size(), 15625u);
}

}  // namespace
