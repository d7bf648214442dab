#include "tepui/core/mapped_file.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"

namespace {

using namespace tepui;
namespace fs = std::filesystem;

static_assert(!std::is_copy_constructible_v<MappedFile> && !std::is_copy_assignable_v<MappedFile>);

class Mapped : public testing::Test {
 protected:
  Mapped() {
    std::string pattern = (fs::temp_directory_path() / "tepui_mapped_XXXXXX").string();
    directory = ::mkdtemp(pattern.data());
  }
  ~Mapped() override { fs::remove_all(directory); }
  [[nodiscard]] fs::path written(std::string_view text) const {
    write_file_atomically(directory / "file", text);
    return directory / "file";
  }
  fs::path directory;
};

std::string text_of(const MappedFile& file) { return {file.bytes().begin(), file.bytes().end()}; }

std::string failure(const fs::path& path) {
  try {
    MappedFile file(path);
  } catch (const FileError& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST_F(Mapped, ShowsTheContent) {
  const std::string long_text(100'000, 'x');
  for (const std::string& text : {std::string("a\0b", 3), long_text, std::string()}) {
    EXPECT_EQ(text_of(MappedFile(written(text))), text);
  }
}

TEST_F(Mapped, KeepsTheContentOfAReplacedFile) {
  const MappedFile file(written("before"));
  (void)written("afterwards");
  EXPECT_EQ(text_of(file), "before");
  fs::remove(directory / "file");
  EXPECT_EQ(text_of(file), "before");
}

TEST_F(Mapped, CanBeMoved) {
  MappedFile first(written("one"));
  MappedFile second(std::move(first));
  EXPECT_EQ(text_of(second), "one");
  MappedFile third(written("three"));
  third = std::move(second);
  EXPECT_EQ(text_of(third), "one");
}

TEST_F(Mapped, SaysWhyNot) {
  const std::string file = (directory / "gone").string();
  EXPECT_EQ(failure(file), "cannot open " + file + ": No such file or directory");
  EXPECT_EQ(failure(directory),
            "cannot read " + directory.string() + ": Is a directory: a file is needed");
}

}  // namespace
