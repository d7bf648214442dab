// Every architecture of a selection as a static network: the same files as an experiment's.
#include "tepui/experiment/exploration.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "tepui/core/file.hpp"
#include "tepui/data/glyphs.hpp"
#include "tepui/experiment/experiment.hpp"
#include "tepui/metric/size.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/search/exhaustive.hpp"
#include "tepui/space/select.hpp"
#include "tepui/space/visit_shard.hpp"

namespace exploration_test {

using namespace tepui;
namespace fs = std::filesystem;

inline constexpr Shape in{3, 16, 16};
const auto images = data::glyphs<in>({.train = 100, .test = 20});

/// What goes through it is lost.
struct Explode : nn::LayerDefaults {
  template <Shape In, class Backend, class T>
  static void forward(nn::Pass<Backend>& pass, nn::Forward<T> at) {
    const std::size_t n = In.size() * static_cast<std::size_t>(pass.batch);
    for (std::size_t i = 0; i < n; ++i) at.y[i] = std::numeric_limits<T>::infinity();
  }
  template <Shape In, class Backend, class T>
  static void backward(nn::Pass<Backend>& pass, nn::Backward<T> at) {
    pass.backend.fill(In.size() * static_cast<std::size_t>(pass.batch), T{0}, at.dx);
  }
};
struct Four : Space<in, nn::Conv2d<4, 3, 2>, nn::BatchNorm2d<>,
                    space::Choice<0, nn::Relu, nn::Conv2d<4, 3>, Explode, nn::Identity>,
                    nn::GlobalAvgPool, nn::Linear<10>> {};
inline constexpr auto everything = select<Four>([](Cost) { return true; });
static_assert(everything.size() == 4);

using Objective =
    objective::Several<objective::Maximize<metric::Accuracy>, objective::Minimize<metric::Loss>>;
using Here = Exploration<everything, train::FromScratch<>, Objective>;
using Sharded = Exploration<everything, train::FromScratch<>, Objective, backend::Cpu, 2>;
using Networks = Sharded::Visitor;
using Supernet = tepui::Experiment<Four, train::FromScratch<>, Objective, search::Exhaustive>;

template <class Options>
Options options(int threads = 2) {
  Options o{.seed = 3, .threads = threads, .evaluation_batch = 16};
  o.train.recipe.epochs = 2;
  o.train.recipe.batch = 20;
  o.retrain.recipe.epochs = 2;
  o.retrain.recipe.batch = 25;
  return o;
}

}  // namespace exploration_test

// One file each in a program; here both in one.
using exploration_test::everything, exploration_test::Networks;
template void tepui::visit_shard<everything, Networks, 0, 2>(Networks&);
template void tepui::visit_shard<everything, Networks, 1, 2>(Networks&);

namespace exploration_test {

std::string file(const fs::path& path) {
  const auto bytes = read_file(path);
  return {bytes.begin(), bytes.end()};
}
struct Folder {
  fs::path path =
      fs::temp_directory_path() /
      ("tepui_exploration_" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
       "_" + ::testing::UnitTest::GetInstance()->current_test_info()->name());
  Folder() { fs::remove_all(path); }
  ~Folder() { fs::remove_all(path); }
};

io::Json without_timings(io::Json json) {
  json.erase("timings");
  return json;
}

TEST(Exploration, GivesTheBytesOfTheExperimentThatTriesEverything) {
  const auto alone = Here{options<Here::Options>()}.run(images);
  auto o = options<Supernet::Options>();
  o.evaluations = 10;  // the space has four
  const auto paths = Supernet{o}.run(images);
  ASSERT_EQ(alone.trials.size(), 4u);
  EXPECT_EQ(alone.trials_table().text(), paths.trials_table().text());
  EXPECT_EQ(alone.trials[2].status, TrialStatus::diverged);
  EXPECT_EQ(alone.winner, paths.winner);
  EXPECT_EQ(alone.front, paths.front);
  EXPECT_EQ(alone.winner_header, paths.winner_header);
  EXPECT_EQ(alone.winner_parameters, paths.winner_parameters);
  EXPECT_EQ(alone.winner_buffers, paths.winner_buffers);
  EXPECT_EQ(alone.retrained.test.loss, paths.retrained.test.loss);
  EXPECT_FALSE(alone.winner_parameters.empty());
  ASSERT_EQ(alone.winner_tensors.size(), paths.winner_tensors.size());
  for (std::size_t i = 0; i < alone.winner_tensors.size(); ++i) {
    EXPECT_EQ(alone.winner_tensors[i].name, paths.winner_tensors[i].name);
    EXPECT_EQ(alone.winner_tensors[i].offset, paths.winner_tensors[i].offset);
  }
}

TEST(Exploration, ShardsAndThreadsDoNotChangeAByte) {
  const Folder folder;
  const auto here = Here{options<Here::Options>(1)}.run(images);
  const auto sharded = Sharded{options<Sharded::Options>(2)}.run(images);
  here.save(folder.path / "here");
  sharded.save(folder.path / "sharded");
  for (const char* name : {"trials.csv", "winner.hpp", "winner.safetensors"}) {
    const std::string bytes = file(folder.path / "here" / name);
    EXPECT_GT(bytes.size(), 100u) << name;
    EXPECT_EQ(bytes, file(folder.path / "sharded" / name)) << name;
  }
  const io::Json read = io::Json::parse(file(folder.path / "here/results.json"));
  EXPECT_EQ(without_timings(read),
            without_timings(io::Json::parse(file(folder.path / "sharded/results.json"))));
  EXPECT_EQ(read["trials"]["measured"], 3);
  EXPECT_EQ(read["trials"]["diverged"], 1);
  EXPECT_EQ(read["types"]["search"], type_name<std::remove_const_t<decltype(everything)>>());
  EXPECT_EQ(read["winner"]["encoding"], to_string(here.best().encoding));
}

struct Progress {
  std::vector<std::string> phases;
  long architectures = 0;
  void on_progress(const ExperimentProgress& progress) {
    if (phases.empty() || phases.back() != progress.phase) phases.emplace_back(progress.phase);
    if (progress.phase == "search") {
      EXPECT_EQ(progress.done, ++architectures);
      EXPECT_EQ(progress.total, 4);
      EXPECT_EQ(progress.failures, architectures > 2 ? 1 : 0);
    }
  }
};

TEST(Exploration, TellsHowFarItIs) {
  Progress progress;
  (void)Here{options<Here::Options>()}.run(images, progress);
  EXPECT_EQ(progress.phases, (std::vector<std::string>{"search", "retrain", "test"}));
  EXPECT_EQ(progress.architectures, 4);
}

struct NothingYet {
  void on_progress(const ExperimentProgress& progress) {
    ADD_FAILURE() << "refused only after phase " << progress.phase << " had begun";
  }
};
template <class Error = SettingError, class Change>
void expect_refused(Change&& change, const std::string& words) {
  auto o = options<Here::Options>();
  change(o);
  try {
    (void)Here{o}.run(images, NothingYet{});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
}

TEST(Exploration, RefusesSettingsOutOfRangeBeforeItStarts) {
  expect_refused([](auto& o) { o.threads = 0; }, "threads: got 0");
  expect_refused([](auto& o) { o.validation_fraction = 1; }, "exploration validation_fraction");
  expect_refused([](auto& o) { o.evaluation_batch = 0; }, "exploration evaluation_batch");
  expect_refused([](auto& o) { o.train.recipe.epochs = 0; }, "epochs");
  expect_refused([](auto& o) { o.train.recipe.batch = 81; }, "81");      // 80 to train with
  expect_refused([](auto& o) { o.retrain.recipe.batch = 101; }, "101");  // 100 in all
  expect_refused([](auto& o) { o.train.recipe.drop_path = 0.2; }, "no DropPath layer");
  expect_refused([](auto& o) { o.retrain.recipe.drop_path = 0.2; }, "no DropPath layer");
}

TEST(Exploration, WhenEverythingDivergesItSaysSo) {
  auto o = options<Here::Options>();
  o.train.recipe.optimizer.learning_rate = std::numeric_limits<double>::max();
  try {
    (void)Here{o}.run(images);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const DivergenceError& error) {
    EXPECT_NE(std::string(error.what()).find("all 4 architectures failed"), std::string::npos)
        << error.what();
  }
}

}  // namespace exploration_test
