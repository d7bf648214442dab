#include "tepui/experiment/study.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/data/glyphs.hpp"
#include "tepui/export/csv.hpp"
#include "tepui/export/json.hpp"
#include "tepui/metric/performance.hpp"
#include "tepui/metric/size.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/optim/sgd.hpp"
#include "tepui/search/random.hpp"
#include "tepui/space/choice.hpp"
#include "tepui/space/space.hpp"
#include "tepui/space/spell.hpp"
#include "tepui/train/from_scratch.hpp"

namespace {

using tepui::Shape;
using tepui::types;
using tepui::detail::chi_square_tail;
using tepui::detail::friedman;
using tepui::optim::Sgd;
using tepui::search::Random;
using tepui::search::TakesObjectives;
namespace nn = tepui::nn;
using Rows = std::vector<std::vector<double>>;

constexpr double infinity = std::numeric_limits<double>::infinity();

// --- ranks --------------------------------------------------------------------------------------

TEST(StudyRanks, ChiSquareTailMatchesTables) {
  EXPECT_NEAR(chi_square_tail(3.841458821, 1), 0.05, 1e-9);
  EXPECT_NEAR(chi_square_tail(5.991464547, 2), 0.05, 1e-9);
  EXPECT_NEAR(chi_square_tail(7.814727903, 3), 0.05, 1e-9);
  EXPECT_NEAR(chi_square_tail(9.487729037, 4), 0.05, 1e-9);
  EXPECT_NEAR(chi_square_tail(11.07049769, 5), 0.05, 1e-9);
  EXPECT_NEAR(chi_square_tail(23.20925116, 10), 0.01, 1e-9);
  EXPECT_EQ(chi_square_tail(0, 3), 1);
}

TEST(StudyRanks, FriedmanByHand) {
  // ranks 123, 123, 132, 213: sums 5, 8, 11; 12 / (4*3*4) * 210 - 3*4*4 = 4.5
  const auto test = friedman(Rows{{.9, .8, .7}, {.6, .5, .4}, {.9, .1, .2}, {.5, .6, .4}});
  EXPECT_EQ(test.mean_rank, (std::vector<double>{1.25, 2, 2.75}));
  EXPECT_NEAR(test.chi_square, 4.5, 1e-12);
  EXPECT_EQ(test.degrees, 2u);
  EXPECT_NEAR(test.p_value, std::exp(-2.25), 1e-12);
}

TEST(StudyRanks, FriedmanWithTiesByHand) {
  // ranks 1.5 1.5 3 and 1 2.5 2.5: 2.25 without correction, divided by 1 - 12 / 48
  const auto test = friedman(Rows{{5, 5, 1}, {4, 3, 3}});
  EXPECT_EQ(test.mean_rank, (std::vector<double>{1.25, 2, 2.75}));
  EXPECT_NEAR(test.chi_square, 3, 1e-12);
  EXPECT_NEAR(test.p_value, std::exp(-1.5), 1e-12);
}

TEST(StudyRanks, WhatFailedSharesTheLastRanks) {
  const auto test = friedman(Rows{{-infinity, .2, -infinity}, {.3, .2, -infinity}});
  EXPECT_EQ(test.mean_rank, (std::vector<double>{1.75, 1.5, 2.75}));
}

TEST(StudyRanks, SaysNothingWhereThereIsNothingToSay) {
  for (const Rows& rows : {Rows{}, Rows{{1, 2}}, Rows{{1}, {2}}, Rows{{1, 1}, {2, 2}}}) {
    const auto test = friedman(rows);
    EXPECT_EQ(test.degrees, 0u);
    EXPECT_EQ(test.p_value, 1);
  }
  EXPECT_EQ(friedman(Rows{{1, 2}}).mean_rank, (std::vector<double>{2, 1}));
}

// --- the table ----------------------------------------------------------------------------------

tepui::StudyTable hand_made() {
  tepui::StudyTable table;
  table.seeds = {4, 5};
  table.cells.resize(2);
  table.cells[0] = {.optimizer = "A", .measure = "M<1, 2>", .strategy = "R", .runs = {}};
  table.cells[1] = {.optimizer = "B", .measure = "M<1, 2>", .strategy = "R", .runs = {}};
  const auto run = [](std::uint64_t seed, double accuracy, double objective) {
    tepui::StudyRun r;
    r.seed = seed;
    r.test_accuracy = accuracy;
    r.objective = objective;
    r.encoding = "0.1";
    r.cost.params = 12;
    return r;
  };
  table.cells[0].runs = {run(4, 0.5, 2), run(5, 0.75, 4)};
  table.cells[1].runs = {run(4, 0.625, 1), run(5, 0, 0)};
  table.cells[1].runs[1].failure = "the loss is nan";
  table.summarize();
  return table;
}

TEST(StudyTable, SummarizesRunsThatDidNotFail) {
  const auto table = hand_made();
  EXPECT_EQ(table.cells[0].test_accuracy.mean, 0.625);
  EXPECT_NEAR(table.cells[0].test_accuracy.deviation, 0.125 * std::sqrt(2.0), 1e-15);
  EXPECT_EQ(table.cells[0].objective.mean, 3);
  EXPECT_EQ(table.cells[0].mean_rank, 1.5);
  EXPECT_EQ(table.cells[0].failures, 0u);
  EXPECT_EQ(table.cells[1].test_accuracy.count, 1u);
  EXPECT_EQ(table.cells[1].test_accuracy.mean, 0.625);
  EXPECT_EQ(table.cells[1].mean_rank, 1.5);
  EXPECT_EQ(table.cells[1].failures, 1u);
  EXPECT_EQ(table.ranks.chi_square, 0);
  EXPECT_EQ(table.ranks.p_value, 1);
}

TEST(StudyTable, FilesReadBack) {
  const auto directory = std::filesystem::path(testing::TempDir()) / "tepui_study_test" / "made";
  std::filesystem::remove_all(directory);
  hand_made().save(directory);
  const auto cells = tepui::io::read_csv(directory / "study.csv");
  ASSERT_EQ(cells.rows.size(), 2u);
  EXPECT_EQ(cells.at(0, "measure"), "M<1, 2>");
  EXPECT_EQ(cells.number(0, "test_accuracy"), 0.625);
  EXPECT_EQ(cells.number(1, "failures"), 1);
  EXPECT_EQ(cells.at(1, "test_accuracy.deviation"), "nan");
  const auto runs = tepui::io::read_csv(directory / "runs.csv");
  ASSERT_EQ(runs.rows.size(), 4u);
  EXPECT_EQ(runs.number(1, "test_accuracy"), 0.75);
  EXPECT_EQ(runs.at(3, "test_accuracy"), "");
  EXPECT_EQ(runs.at(3, "failure"), "the loss is nan");
  const auto json = tepui::io::read_json(directory / "study.json");
  EXPECT_EQ(json["rank_test"]["treatments"], 2);
  EXPECT_EQ(json["cells"][0]["runs"][1]["cost"]["params"], 12);
  EXPECT_TRUE(json["cells"][1]["test_accuracy"]["deviation"].is_null());
  EXPECT_EQ(json["cells"][1]["runs"][1]["failure"], "the loss is nan");
  EXPECT_FALSE(json["cells"][1]["runs"][1].contains("test_accuracy"));
  std::filesystem::remove_all(directory.parent_path());
}

// --- the matrix ---------------------------------------------------------------------------------

/// Fails on every candidate of every second seed.
struct Fragile {
  static constexpr bool larger_is_better = false;
  template <class Candidate>
  tepui::flatness::Measurement measure(Candidate&, tepui::random::Key key) const {
    if (key.seed % 2 == 0) throw tepui::DivergenceError("too fragile");
    return {.value = 5, .parts = {}, .larger_is_better = false};
  }
};

/// Random search that insists on more than one objective.
struct Pareto : Random {
  static constexpr std::size_t min_objectives = 2;
  template <class Space>
  struct Run : Random::Run<Space> {
    Run(const Pareto& options, const tepui::search::Problem<Space>& problem)
        : Random::Run<Space>(options, problem) {}
  };
};

using Both = tepui::objective::Several<tepui::objective::Maximize<tepui::metric::Accuracy>,
                                       tepui::objective::Minimize<tepui::metric::Parameters>>;

using Tiny =
    tepui::Space<Shape{1, 12, 12}, tepui::space::Choice<0, nn::Conv2d<4, 1>, nn::Conv2d<4, 3>>,
                 nn::Relu, tepui::space::Choice<1, nn::MaxPool<2>, nn::AvgPool<2>>,
                 nn::GlobalAvgPool, nn::Linear<10>>;
using Matrix = tepui::Study<Tiny, types<Sgd>, types<Both, Fragile>, types<Random, Pareto>>;
static_assert(Matrix::size == 3);

using Lists = tepui::StudyOptions<types<Sgd>, types<Fragile>, types<Random>>;
static_assert(std::is_same_v<decltype(Lists{}.optimizers), std::tuple<Sgd>>);
static_assert(TakesObjectives<Random, 1> && TakesObjectives<Random, 3>);
static_assert(!TakesObjectives<Pareto, 1> && TakesObjectives<Pareto, 2>);
static_assert(std::is_same_v<tepui::detail::CellOf<Sgd, Fragile, Random>::Objective,
                             tepui::objective::Minimize<Fragile>>);
static_assert(std::is_same_v<tepui::detail::CellOf<Sgd, tepui::metric::Accuracy, Random>::Objective,
                             tepui::objective::Maximize<tepui::metric::Accuracy>>);
static_assert(
    std::is_same_v<tepui::detail::CellOf<Sgd, Both, Random>::Train, tepui::train::SinglePath<Sgd>>);
// the first list varies slowest
static_assert(
    std::is_same_v<
        tepui::detail::PossibleCells<types<Sgd>, types<Both, Fragile>, types<Random, Pareto>>,
        types<tepui::detail::CellOf<Sgd, Both, Random>, tepui::detail::CellOf<Sgd, Both, Pareto>,
              tepui::detail::CellOf<Sgd, Fragile, Random>>>);

Matrix::Options tiny_options() {
  Matrix::Options o;
  o.threads = 1;
  o.evaluations = 2;
  o.evaluation_batch = 20;
  o.recalibration_batches = 1;
  o.epochs = 1;
  o.retrain_epochs = 1;
  o.batch = 16;
  std::get<Sgd>(o.optimizers).learning_rate = 0.02;
  return o;
}

const auto& tiny_data() {
  static const auto data = tepui::data::glyphs<Shape{1, 12, 12}>({.train = 60, .test = 30});
  return data;
}

struct Counting {
  long calls = 0;
  long last_done = -1;
  long total = 0;
  std::vector<std::string> cells{};
  void on_progress(const tepui::StudyProgress& progress) {
    ++calls;
    EXPECT_GE(progress.done, last_done);
    last_done = progress.done;
    total = progress.total;
    if (cells.empty() || cells.back() != progress.cell) cells.emplace_back(progress.cell);
  }
};

TEST(Study, RunsEveryPossibleCellAndRecordsFailures) {
  Counting observer;
  const auto table = Matrix(tiny_options()).run(tiny_data(), tepui::seeds(1, 2), observer);
  ASSERT_EQ(table.cells.size(), 3u);
  EXPECT_EQ(table.dropped, (std::vector<std::string>{"Sgd / Fragile / Pareto"}));
  EXPECT_EQ(observer.total, 6);
  EXPECT_EQ(observer.last_done, 6);
  ASSERT_EQ(observer.cells.size(), 3u);
  EXPECT_EQ(observer.cells[2], "Sgd / Fragile / Random");

  const auto& fragile = table.cells[2];
  EXPECT_EQ(fragile.strategy, "Random");
  ASSERT_EQ(fragile.runs.size(), 2u);
  EXPECT_EQ(fragile.failures, 1u);
  EXPECT_FALSE(fragile.runs[0].failed());
  EXPECT_EQ(fragile.runs[0].objective, 5);
  EXPECT_EQ(fragile.runs[1].seed, 2u);
  EXPECT_NE(fragile.runs[1].failure.find("too fragile"), std::string::npos);
  EXPECT_EQ(fragile.test_accuracy.count, 1u);
  EXPECT_EQ(fragile.objective.mean, 5);

  // Random and Pareto propose the same architectures, so their runs are the same.
  const auto& random = table.cells[0];
  const auto& pareto = table.cells[1];
  EXPECT_EQ(random.failures + pareto.failures, 0u);
  for (std::size_t s = 0; s < 2; ++s) {
    EXPECT_EQ(random.runs[s].encoding, pareto.runs[s].encoding);
    EXPECT_EQ(random.runs[s].test_accuracy, pareto.runs[s].test_accuracy);
    EXPECT_EQ(random.runs[s].objective, pareto.runs[s].objective);
  }
  EXPECT_EQ(random.mean_rank, pareto.mean_rank);
  EXPECT_DOUBLE_EQ(random.mean_rank + pareto.mean_rank + fragile.mean_rank, 6);

  // A cell is the experiment that its options describe.
  const auto options = Matrix(tiny_options()).experiment_options<Sgd, Both, Random>(2);
  EXPECT_EQ(options.seed, 2u);
  EXPECT_EQ(options.train.recipe.optimizer.learning_rate, 0.02);
  const auto alone =
      tepui::Experiment<Tiny, tepui::train::SinglePath<Sgd>, Both, Random>(options).run(
          tiny_data());
  EXPECT_EQ(alone.retrained.test.accuracy, random.runs[1].test_accuracy);
  EXPECT_EQ(alone.best().scored.measurements[0].value, random.runs[1].objective);
  EXPECT_EQ(tepui::space::name_of<Tiny>(alone.best().encoding), random.runs[1].architecture);

  const auto json = table.json();
  EXPECT_EQ(json["options"]["Sgd"]["learning_rate"], 0.02);
  EXPECT_EQ(json["data"]["train_images"], 60);
  EXPECT_EQ(json["seeds"], (std::vector<int>{1, 2}));
}

/// Refuses to go on once it has heard of a candidate.
struct Sulking : Random {
  template <class Space>
  struct Run : Random::Run<Space> {
    using Random::Run<Space>::Run;
    void tell(const typename Space::Encoding&, const tepui::search::Outcome&) {
      throw tepui::SettingError("no more of this");
    }
  };
};

TEST(Study, APolicyThatGivesUpIsAFailedRunOfItsCell) {
  using Mixed = tepui::Study<Tiny, types<Sgd>, types<tepui::metric::Loss>, types<Random, Sulking>>;
  Mixed::Options options;
  options.threads = 1;
  options.evaluations = 1;
  options.epochs = 1;
  options.retrain_epochs = 1;
  options.batch = 16;
  const auto table = Mixed(options).run(tiny_data(), tepui::seeds(1));
  ASSERT_EQ(table.cells.size(), 2u);
  EXPECT_EQ(table.cells[0].failures, 0u);
  EXPECT_EQ(table.cells[1].runs[0].failure, "no more of this");
}

TEST(Study, RetrainingThatDivergesIsAFailedRun) {
  auto options = tiny_options();
  std::get<Sgd>(options.optimizers).learning_rate = 1e30;
  const auto table = Matrix(options).run(tiny_data(), tepui::seeds(1));
  for (const auto& cell : table.cells) EXPECT_EQ(cell.failures, 1u) << cell.name();
}

TEST(Study, RefusesSeedsAndSettingsBeforeItRuns) {
  const auto refused = [](Matrix::Options options, std::vector<std::uint64_t> seeds) {
    Counting observer;
    EXPECT_THROW((void)Matrix(options).run(tiny_data(), seeds, observer), tepui::SettingError);
    return observer.calls == 0;
  };
  EXPECT_TRUE(refused(tiny_options(), {}));
  EXPECT_TRUE(refused(tiny_options(), tepui::seeds(3, 1, 3)));
  auto options = tiny_options();
  options.retrain_epochs = 0;
  EXPECT_TRUE(refused(options, tepui::seeds(1)));
}

TEST(Study, WaysToTrainKeepTheirOwnRecipe) {
  using Scratch = tepui::train::FromScratch<Sgd>;
  using Own = tepui::Study<Tiny, types<Scratch>, types<Fragile>, types<Random>>;
  Own::Options options;
  auto& recipe = std::get<Scratch>(options.optimizers).recipe;
  recipe.epochs = 3;
  recipe.batch = 7;
  recipe.optimizer.learning_rate = 0.5;
  options.epochs = 20;
  options.retrain_epochs = 30;
  const auto o = Own(options).experiment_options<Scratch, Fragile, Random>(1);
  EXPECT_EQ(o.train.recipe.epochs, 3);
  EXPECT_EQ(o.train.recipe.batch, 7);
  EXPECT_EQ(o.retrain.recipe.epochs, 30);
  EXPECT_EQ(o.retrain.recipe.batch, 64);
  EXPECT_EQ(o.retrain.recipe.optimizer.learning_rate, 0.5);
}

}  // namespace
