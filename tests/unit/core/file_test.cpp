#include "tepui/core/file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tepui/core/error.hpp"

namespace {

using namespace tepui;
namespace fs = std::filesystem;

class File : public testing::Test {
 protected:
  File() {
    std::string pattern = (fs::temp_directory_path() / "tepui_file_XXXXXX").string();
    directory = ::mkdtemp(pattern.data());
  }
  ~File() override { fs::remove_all(directory); }
  [[nodiscard]] std::size_t entries() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(directory)) ++count;
    return count;
  }
  fs::path directory;
};

template <class Work>
std::string failure(Work&& work) {
  try {
    work();
  } catch (const FileError& error) {
    return error.what();
  }
  return "nothing thrown";
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(File, WritesAndReadsEveryByteValue) {
  std::vector<std::uint8_t> bytes(100'000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i % 256);
  write_file_atomically(directory / "a", bytes);
  EXPECT_EQ(read_file(directory / "a"), bytes);
  EXPECT_EQ(entries(), 1u);
}

TEST_F(File, ReplacesAnOldFileAndKeepsText) {
  write_file_atomically(directory / "a", "the old and longer content");
  write_file_atomically(directory / "a", "new\n");
  EXPECT_EQ(read_text(directory / "a"), "new\n");
  write_file_atomically(directory / "a", "");
  EXPECT_TRUE(read_file(directory / "a").empty());
  EXPECT_EQ(entries(), 1u);
}

TEST_F(File, ReadsFilesWhoseSizeIsNotKnownBefore) {
  EXPECT_TRUE(mentions(read_text("/proc/self/status"), "Pid:"));
}

TEST_F(File, ReadingSaysWhatIsMissing) {
  const auto no_file = failure([&] { (void)read_file(directory / "a"); });
  EXPECT_TRUE(mentions(no_file, "cannot open")) << no_file;
  EXPECT_TRUE(mentions(no_file, (directory / "a").string())) << no_file;
  EXPECT_FALSE(mentions(no_file, "directory " + directory.string())) << no_file;
  const auto no_directory = failure([&] { (void)read_file(directory / "b" / "a"); });
  EXPECT_TRUE(mentions(no_directory, (directory / "b").string() + " does not exist"))
      << no_directory;
  const auto is_directory = failure([&] { (void)read_file(directory); });
  EXPECT_TRUE(mentions(is_directory, "a file is needed")) << is_directory;
}

TEST_F(File, WritingSaysThatTheDirectoryIsMissing) {
  const auto message = failure([&] { write_file_atomically(directory / "b" / "a", "x"); });
  EXPECT_TRUE(mentions(message, (directory / "b").string() + " does not exist; create it first"))
      << message;
  write_file_atomically(directory / "file", "x");
  const auto below = failure([&] { write_file_atomically(directory / "file" / "a", "x"); });
  EXPECT_TRUE(mentions(below, "cannot write")) << below;
}

TEST_F(File, ADirectoryInTheWayIsAnErrorAndNothingIsLeft) {
  fs::create_directory(directory / "a");
  const auto message = failure([&] { write_file_atomically(directory / "a", "x"); });
  EXPECT_TRUE(mentions(message, "a file is needed")) << message;
  EXPECT_EQ(entries(), 1u);
}

TEST_F(File, AWriteThatFailsInTheMiddleLeavesTheOldFile) {
  write_file_atomically(directory / "a", "old");
  // A size limit stands for the full disk, which a test cannot make.
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit limited = before;
  limited.rlim_cur = 1000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limited), 0);
  const auto message =
      failure([&] { write_file_atomically(directory / "a", std::string(5000, 'n')); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(mentions(message, "size limit")) << message;
  EXPECT_EQ(read_text(directory / "a"), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(File, StagedContentAppearsOnlyWhenCommitted) {
  write_file_atomically(directory / "a", "old");
  {
    const StagedFile dropped(directory / "a", "never seen");
    EXPECT_EQ(read_text(directory / "a"), "old");
    EXPECT_EQ(entries(), 2u);
  }
  EXPECT_EQ(entries(), 1u);
  StagedFile staged(directory / "a", "new");
  staged.commit();
  EXPECT_EQ(read_text(directory / "a"), "new");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(File, AReadOnlyDirectoryIsNamedAsSuch) {
  if (::geteuid() == 0) GTEST_SKIP() << "permissions do not bind the superuser";
  fs::permissions(directory, fs::perms::owner_read | fs::perms::owner_exec);
  const auto message = failure([&] { write_file_atomically(directory / "a", "x"); });
  fs::permissions(directory, fs::perms::owner_all);
  EXPECT_TRUE(mentions(message, "check the permissions")) << message;
}

TEST(FileReason, SaysWhatToDo) {
  EXPECT_TRUE(mentions(detail::file_reason(ENOSPC, "a"), "free some space"));
  EXPECT_TRUE(mentions(detail::file_reason(EROFS, "a"), "can be written"));
  EXPECT_TRUE(mentions(detail::file_reason(EACCES, "a"), "permissions"));
  EXPECT_EQ(detail::file_reason(EIO, "a"), std::generic_category().message(EIO));
}

TEST_F(File, ConcurrentWritersOfOneFileLeaveOneWholeContent) {
  std::vector<std::thread> writers;
  for (char c = 'a'; c < 'e'; ++c) {
    writers.emplace_back([&, c] {
      for (int i = 0; i < 20; ++i) write_file_atomically(directory / "f", std::string(3000, c));
    });
  }
  for (auto& writer : writers) writer.join();
  const auto text = read_text(directory / "f");
  ASSERT_EQ(text.size(), 3000u);
  EXPECT_EQ(text, std::string(3000, text[0]));
  EXPECT_EQ(entries(), 1u);
}

TEST_F(File, MakesDirectoriesAndSaysWhatIsInTheWay) {
  make_directory(directory / "b" / "c");
  make_directory(directory / "b" / "c");
  EXPECT_TRUE(fs::is_directory(directory / "b" / "c"));
  write_file_atomically(directory / "file", "x");
  const auto message = failure([&] { make_directory(directory / "file"); });
  EXPECT_TRUE(mentions(message, "cannot create the directory")) << message;
  EXPECT_TRUE(mentions(failure([&] { make_directory(directory / "file" / "d"); }),
                       "cannot create the directory"));
}

TEST_F(File, TellsBeforehandWhetherADirectoryTakesFiles) {
  make_writable_directory(directory / "b");
  EXPECT_TRUE(fs::is_empty(directory / "b"));
  if (::access("/proc/self", F_OK) == 0) {  // no user, root included, writes there
    EXPECT_TRUE(mentions(failure([] { make_writable_directory("/proc/self"); }), "cannot write"));
  }
}

}  // namespace
