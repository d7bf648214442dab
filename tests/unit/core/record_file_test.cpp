#include "tepui/core/record_file.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tepui/core/error.hpp"

namespace {

using namespace tepui;
namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

struct RecordFileTest : testing::Test {
  fs::path path = fs::path(::testing::TempDir()) / "tepui_record_file_test";
  void SetUp() override { fs::remove(path); }
  void TearDown() override { fs::remove(path); }
};

TEST_F(RecordFileTest, KeepsRecordsInOrder) {
  {
    RecordFile file(path);
    EXPECT_TRUE(file.records().empty());
    file.append("one");
    file.append("");
  }
  RecordFile file(path);
  EXPECT_EQ(file.records(), (Lines{"one", ""}));
}

TEST_F(RecordFileTest, CutsOffALineThatWasBeingWritten) {
  RecordFile{path}.append("whole");
  const std::string before = read_text(path);
  std::ofstream(path, std::ios::app) << before.substr(0, before.size() - 2);
  RecordFile{path}.append("next");
  EXPECT_EQ(RecordFile{path}.records(), (Lines{"whole", "next"}));
}

TEST_F(RecordFileTest, SaysWhichLineIsDamaged) {
  {
    RecordFile file(path);
    file.append("one");
    file.append("two");
  }
  const std::string good = read_text(path);
  for (std::size_t i = 0; i < good.size(); ++i) {
    if (good[i] == '\n') continue;
    std::string bad = good;
    bad[i] = bad[i] == '0' ? '1' : '0';
    std::ofstream(path) << bad;
    const std::string line = i <= good.find('\n') ? "line 1:" : "line 2:";
    try {
      const RecordFile file(path);
      FAIL() << "accepted " << bad;
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find(line), std::string::npos) << error.what();
    }
  }
}

TEST_F(RecordFileTest, IsOpenOnlyOnce) {
  const RecordFile file(path);
  EXPECT_THROW(RecordFile{path}, FileError);
}

TEST_F(RecordFileTest, RefusesWhatItCouldNotReadBack) {
  RecordFile file(path);
  EXPECT_THROW(file.append("two\nlines"), SettingError);
  EXPECT_THROW(RecordFile(path / "below"), FileError);
}

}  // namespace
