#include "tepui/core/record_file.hpp"

#include <gtest/gtest.h>

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
  file.append("three");
  EXPECT_EQ(read_text(path), "one\n\nthree\n");
}

TEST_F(RecordFileTest, CutsOffALineThatWasBeingWritten) {
  std::ofstream(path) << "whole\nhal";
  RecordFile file(path);
  EXPECT_EQ(file.records(), (Lines{"whole"}));
  file.append("next");
  EXPECT_EQ(read_text(path), "whole\nnext\n");
}

TEST_F(RecordFileTest, RefusesWhatItCouldNotReadBack) {
  RecordFile file(path);
  EXPECT_THROW(file.append("two\nlines"), SettingError);
  EXPECT_THROW(RecordFile(path / "below"), FileError);
}

}  // namespace
