// Saving a result: a set of files that belong together.
#include "tepui/experiment/result.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <string>

#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"

namespace {

using namespace tepui;
namespace fs = std::filesystem;
using Result = ExperimentResult<Encoding<1>>;

struct Folder {
  fs::path path = fs::path(::testing::TempDir()) / "tepui_result_test";
  Folder() { fs::remove_all(path); }
  ~Folder() { fs::remove_all(path); }
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(path)) {
      found.insert(entry.path().filename().string());
    }
    return found;
  }
};

Result result() {
  Result r;
  r.trials.resize(1);
  r.winner_header = "old";
  return r;
}

const std::set<std::string> all_names{"results.json", "trials.csv", "winner.hpp",
                                      "winner.safetensors"};

TEST(Result, AFailedSaveLeavesTheOldSetWhole) {
  const Folder folder;
  result().save(folder.path);
  ASSERT_EQ(folder.names(), all_names);

  Result larger = result();
  larger.winner_header = "new";
  larger.record["long"] = std::string(20'000, 'x');  // results.json comes last and does not fit
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit limited = before;
  limited.rlim_cur = 10'000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limited), 0);
  EXPECT_THROW(larger.save(folder.path), FileError);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(read_text(folder.path / "winner.hpp"), "old");
  EXPECT_EQ(folder.names(), all_names);

  larger.save(folder.path);
  EXPECT_EQ(read_text(folder.path / "winner.hpp"), "new");
}

TEST(Result, AWinnerWithoutWeightsTakesThoseOfAnEarlierRunAway) {
  const Folder folder;
  result().save(folder.path);
  Result diverged = result();
  diverged.retrained.failure = "the loss is nan";
  diverged.save(folder.path);
  EXPECT_EQ(folder.names(), (std::set<std::string>{"results.json", "trials.csv", "winner.hpp"}));
}

}  // namespace
