// Whole experiments on a few images: repeatable to the byte, and clear about what it refuses.
#include "tepui/experiment/experiment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "tepui/core/file.hpp"
#include "tepui/data/glyphs.hpp"
#include "tepui/experiment/journal.hpp"
#include "tepui/metric/size.hpp"
#include "tepui/nn/nn.hpp"
#include "tepui/optim/sam.hpp"
#include "tepui/search/nsga2.hpp"
#include "tepui/search/random.hpp"
#include "tepui/space/nas_bench_201.hpp"

namespace experiment_test {

using namespace tepui;
namespace fs = std::filesystem;

inline constexpr Shape in{3, 16, 16};
using Bench = space::NasBench201<4, 1, 10, in>;
using Experiment =
    tepui::Experiment<Bench, train::SinglePath<optim::Sam<optim::Sgd>>,
                      objective::Maximize<flatness::Genas>, search::RegularizedEvolution>;

const auto images = data::glyphs<in>({.train = 100, .test = 20});

Experiment::Options options(std::uint64_t seed, int threads = 2) {
  Experiment::Options o{.seed = seed,
                        .threads = threads,
                        .evaluations = 5,
                        .evaluation_batch = 16,
                        .recalibration_batches = 2};
  o.train.recipe.epochs = 1;
  o.train.recipe.batch = 20;
  o.train.recipe.augment = {.crop_padding = 2, .flip = true};
  o.retrain.recipe.epochs = 1;
  o.retrain.recipe.batch = 25;
  o.search.population = 3;
  o.search.tournament = 2;
  return o;
}

std::string file(const fs::path& path) {
  const auto bytes = read_file(path);
  return {bytes.begin(), bytes.end()};
}

struct Folder {
  fs::path path =
      fs::temp_directory_path() /
      ("tepui_experiment_" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
       "_" + ::testing::UnitTest::GetInstance()->current_test_info()->name());
  Folder() { fs::remove_all(path); }
  ~Folder() { fs::remove_all(path); }
};

io::Json without_timings(const Experiment::Result& result) {
  io::Json json = result.json();
  EXPECT_TRUE(json.contains("timings"));
  json.erase("timings");
  return json;
}

TEST(Experiment, SameSeedSameBytesForEveryThreadCount) {
  const Folder folder;
  const auto one = Experiment{options(7, 1)}.run(images);
  const auto two = Experiment{options(7, 2)}.run(images);
  one.save(folder.path / "one");
  two.save(folder.path / "two");
  for (const char* name : {"trials.csv", "winner.hpp", "winner.safetensors"}) {
    const std::string bytes = file(folder.path / "one" / name);
    EXPECT_GT(bytes.size(), 100u) << name;
    EXPECT_EQ(bytes, file(folder.path / "two" / name)) << name;
  }
  EXPECT_EQ(without_timings(one).dump(), without_timings(two).dump());
  EXPECT_EQ(io::Json::parse(file(folder.path / "one" / "results.json")), one.json());

  ASSERT_EQ(one.trials.size(), 5u);
  EXPECT_EQ(one.objectives, (std::vector<std::string>{"Genas"}));
  for (const auto& trial : one.trials) {
    EXPECT_EQ(trial.status, TrialStatus::measured);
    EXPECT_LE(trial.scored.scores[0], one.best().scored.scores[0]);
    EXPECT_EQ(trial.cost, cost_of<Bench>(trial.encoding));
  }
  // With one objective only ties stand beside the winner.
  EXPECT_NE(std::find(one.front.begin(), one.front.end(), one.winner), one.front.end());
  for (const std::size_t i : one.front) {
    EXPECT_EQ(one.trials[i].scored.scores, one.best().scored.scores);
  }
  EXPECT_EQ(static_cast<std::int64_t>(one.winner_parameters.size()), one.best().cost.params);
  EXPECT_EQ(Bench::parse(one.winner_name), one.best().encoding);
  EXPECT_EQ(one.retrained.test.samples, 20u);
  EXPECT_EQ(one.supernet_history.size(), 1u);

  const auto other = Experiment{options(8)}.run(images);
  EXPECT_NE(other.trials_table().text(), one.trials_table().text());
  EXPECT_NE(other.winner_parameters, one.winner_parameters);
}

TEST(Experiment, CandidatesSideBySideGiveTheSameBytesForEveryThreadCount) {
  Experiment::Options o = options(7, 1);
  const auto alone = Experiment{o}.run(images);
  o.candidates_at_once = 3;
  const auto one = Experiment{o}.run(images);
  o.threads = 2;
  const auto two = Experiment{o}.run(images);
  EXPECT_EQ(without_timings(one).dump(), without_timings(two).dump());
  EXPECT_EQ(one.trials_table().text(), two.trials_table().text());
  EXPECT_EQ(one.winner_parameters, two.winner_parameters);
  ASSERT_EQ(one.trials.size(), 5u);
  // The first population is drawn before anything is known: each is measured as if it were alone.
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(one.trials[i].encoding, alone.trials[i].encoding);
    EXPECT_EQ(one.trials[i].scored.scores, alone.trials[i].scored.scores);
  }
}

/// Gives three architectures whatever it is asked for.
struct Generous : search::Random {
  template <class S>
  struct Run : search::Random::Run<S> {
    using search::Random::Run<S>::Run;
    std::vector<typename S::Encoding> ask(int) { return search::Random::Run<S>::ask(3); }
  };
};

TEST(Experiment, AStrategyMayGiveMoreThanItIsAskedFor) {
  using Wide = tepui::Experiment<Bench, train::SinglePath<>, objective::Maximize<metric::Accuracy>,
                                 Generous>;
  Wide::Options o{.seed = 4,
                  .threads = 2,
                  .evaluations = 4,
                  .evaluation_batch = 16,
                  .recalibration_batches = 1};
  o.train.recipe.epochs = 1;
  o.train.recipe.batch = 20;
  o.retrain.recipe.epochs = 1;
  o.retrain.recipe.batch = 20;
  EXPECT_EQ(Wide{o}.run(images).trials.size(), 6u);
}

template <class Error, class Work>
std::string refused(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

/// Ends a run by an exception in a phase, as a power cut would.
struct PowerCut {
  std::string phase;
  long at = 0;
  bool trained = false;  ///< whether a step of the supernet was seen
  void on_progress(const ExperimentProgress& progress) {
    trained = trained || progress.phase == "supernet";
    if (progress.phase == phase && progress.done == at) throw std::runtime_error("power cut");
  }
};

TEST(Experiment, AStoppedRunGoesOnToTheSameBytes) {
  const Folder folder;
  const Experiment experiment{options(7)};
  const auto whole = experiment.run(images);
  Journal journal(folder.path / "journal");
  EXPECT_THROW((void)experiment.run(images, PowerCut{"supernet", 2}, journal), std::runtime_error);
  EXPECT_THROW((void)experiment.run(images, PowerCut{"search", 2}, journal), std::runtime_error);
  PowerCut second{"search", 4};
  EXPECT_THROW((void)experiment.run(images, second, journal), std::runtime_error);
  EXPECT_FALSE(second.trained);
  // the fifth line was being written
  const std::string lines = file(folder.path / "journal/trials.jsonl");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 4);
  write_file_atomically(folder.path / "journal/trials.jsonl",
                        lines + "0123456789abcdef {\"encoding\": [1, ");
  const auto resumed = experiment.run(images, Unobserved{}, journal);
  EXPECT_EQ(resumed.trials_table().text(), whole.trials_table().text());
  EXPECT_EQ(without_timings(resumed).dump(), without_timings(whole).dump());
  EXPECT_EQ(resumed.winner_parameters, whole.winner_parameters);

  const std::string other = refused<SettingError>(
      [&] { (void)Experiment{options(8)}.run(images, Unobserved{}, journal); });
  EXPECT_NE(other.find("/options/seed differs"), std::string::npos) << other;

  journal.discard();
  EXPECT_FALSE(fs::exists(folder.path / "journal"));
}

/// Hands out what it is given, and keeps nothing.
struct Given {
  Recorded<Bench::Encoding> kept;
  template <class Encoding>
  Recorded<Encoding> open(const io::Json&) const {
    return kept;
  }
  void keep(const SharedWeights&) {}
  void append(const Trial<Bench::Encoding>&) {}
};

TEST(Experiment, ARecordThatIsNotItsOwnIsRefused) {
  const Experiment experiment{options(7)};
  struct Keep : Given {
    void keep(const SharedWeights& weights) { kept.supernet = weights; }
    void append(const Trial<Bench::Encoding>& trial) { kept.trials.push_back(trial); }
  } whole;
  (void)experiment.run(images, Unobserved{}, whole);
  ASSERT_EQ(whole.kept.trials.size(), 5u);
  const auto expect_refused_record = [&](auto&& damage, const std::string& words) {
    Given storage{whole.kept};
    damage(storage.kept);
    const std::string message =
        refused<DataError>([&] { (void)experiment.run(images, Unobserved{}, storage); });
    EXPECT_NE(message.find(words), std::string::npos) << message;
  };
  expect_refused_record([](auto& r) { r.trials[1].encoding[0] ^= 1; }, "the strategy proposes");
  expect_refused_record([](auto& r) { r.trials[1].status = TrialStatus::infeasible; },
                        "trial 1 of the storage is recorded as infeasible");
  expect_refused_record([](auto& r) { r.trials[2].scored.scores.clear(); }, "has 0 scores");
  expect_refused_record([](auto& r) { r.trials[2].scored.measurements.clear(); },
                        "and 0 measurements, expected 1");
  expect_refused_record([](auto& r) { r.trials.push_back(r.trials[0]); }, "holds 6 trials");
  expect_refused_record([](auto& r) { r.supernet->parameters.pop_back(); }, "weights and");
}

TEST(Experiment, ADamagedJournalIsRefused) {
  const Folder folder;
  const Experiment experiment{options(7)};
  const fs::path journal = folder.path / "journal";
  {
    Journal first(journal);
    EXPECT_THROW((void)experiment.run(images, PowerCut{"search", 1}, first), std::runtime_error);
  }
  const auto expect_refused_file = [&](const char* name, auto&& damage, const std::string& words) {
    const std::string good = file(journal / name);
    std::string bad = good;
    damage(bad);
    write_file_atomically(journal / name, bad);
    Journal again(journal);
    const std::string message =
        refused<DataError>([&] { (void)experiment.run(images, Unobserved{}, again); });
    EXPECT_NE(message.find(words), std::string::npos) << message;
    write_file_atomically(journal / name, good);
  };
  expect_refused_file(
      "trials.jsonl", [](std::string& text) { text[text.find("scores") + 9] ^= 1; }, "line 1");
  expect_refused_file(
      "supernet.safetensors", [](std::string& text) { text.back() ^= 1; }, "damaged");
  expect_refused_file(
      "experiment.json", [](std::string& text) { text = "[]"; }, "does not describe");
}

/// Fails the test if anything is trained or measured.
struct NothingYet {
  void on_progress(const ExperimentProgress& progress) {
    ADD_FAILURE() << "refused only after phase " << progress.phase << " had begun";
  }
};
/// Runs with one setting changed.
template <class Error = SettingError, class Change>
void expect_refused(Change&& change, const std::string& words) {
  auto o = options(1);
  change(o);
  const std::string message =
      refused<Error>([&] { (void)Experiment{o}.run(images, NothingYet{}); });
  EXPECT_NE(message.find(words), std::string::npos) << message;
}

TEST(Experiment, RefusesSettingsOutOfRangeBeforeItStarts) {
  expect_refused([](auto& o) { o.threads = 0; }, "threads: got 0");
  expect_refused([](auto& o) { o.evaluations = 0; }, "evaluations: got 0");
  expect_refused([](auto& o) { o.candidates_at_once = 0; }, "candidates_at_once: got 0");
  expect_refused([](auto& o) { o.validation_fraction = 0; }, "validation_fraction");
  expect_refused([](auto& o) { o.validation_fraction = 1; }, "validation_fraction");
  expect_refused([](auto& o) { o.validation_fraction = std::nan(""); }, "validation_fraction");
  expect_refused([](auto& o) { o.evaluation_batch = 0; }, "evaluation_batch");
  expect_refused([](auto& o) { o.recalibration_batches = -1; }, "recalibration_batches");
  expect_refused([](auto& o) { o.train.recipe.epochs = 0; }, "epochs");
  expect_refused([](auto& o) { o.train.recipe.batch = 81; }, "81");      // 80 to train with
  expect_refused([](auto& o) { o.retrain.recipe.batch = 101; }, "101");  // 100 in all
  expect_refused([](auto& o) { o.retrain.recipe.augment.crop_padding = 17; }, "crop_padding");
  expect_refused([](auto& o) { o.objective.metric.draws = 0; }, "draws");
  expect_refused([](auto& o) { o.search.tournament = 0; }, "tournament");
  expect_refused([](auto& o) { o.retrain.recipe.drop_path = 0.2; }, "no DropPath layer");
}

TEST(Experiment, SaysWhichConstraintNothingMeets) {
  expect_refused([](auto& o) { o.constraints.max_params = 100; },
                 "no architecture met the constraints");
  const std::string least = std::to_string(cost_of<Bench>(Bench::Encoding{}).params);
  expect_refused([](auto& o) { o.constraints.max_params = 100; },
                 "with " + least + " params (max_params is 100)");
}

TEST(Experiment, RefusesLabelsThatDoNotExist) {
  auto broken = images;
  broken.train.labels[17] = 10;
  const std::string message = refused<DataError>([&] { (void)Experiment{options(1)}.run(broken); });
  EXPECT_NE(message.find("image 17 has label 10"), std::string::npos) << message;
  broken = images;
  broken.test.labels.clear();
  broken.test.pixels.clear();
  EXPECT_THROW((void)Experiment{options(1)}.run(broken), DataError);
}

/// Small numbers go through, the third option does not.
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
using Scratch = tepui::Experiment<Four, train::FromScratch<>,
                                  objective::Several<objective::Maximize<metric::Accuracy>,
                                                     objective::Minimize<metric::Parameters>>,
                                  search::Nsga2>;

Scratch::Options scratch_options(int evaluations) {
  Scratch::Options o{.seed = 3, .threads = 1, .evaluations = evaluations, .evaluation_batch = 16};
  o.train.recipe.epochs = 1;
  o.train.recipe.batch = 20;
  o.retrain.recipe.epochs = 2;
  o.retrain.recipe.batch = 20;
  return o;
}

class ExperimentAtOnce : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Candidates, ExperimentAtOnce, testing::Values(1, 4));

TEST_P(ExperimentAtOnce, ADivergedCandidateDoesNotEndTheSearch) {
  // Ten are asked for, but the space has four.
  auto o = scratch_options(10);
  o.candidates_at_once = GetParam();
  const auto result = Scratch{o}.run(images);
  ASSERT_EQ(result.trials.size(), 4u);
  for (const auto& trial : result.trials) {
    const bool exploded = trial.encoding[0] == 2;
    EXPECT_EQ(trial.status, exploded ? TrialStatus::diverged : TrialStatus::measured);
    EXPECT_EQ(trial.message.empty(), !exploded);
    EXPECT_EQ(trial.scored.scores.size(), exploded ? 0u : 2u);
  }
  EXPECT_EQ(result.json()["trials"]["diverged"], 1);
  EXPECT_EQ(result.objectives, (std::vector<std::string>{"Accuracy", "Parameters"}));
  EXPECT_TRUE(result.supernet_history.empty());
  EXPECT_EQ(result.retrained.history.size(), 2u);

  // The front: the measured trials that no other one is at least as good as in both.
  std::vector<std::size_t> front;
  const auto& t = result.trials;
  for (std::size_t i = 0; i < 4; ++i) {
    bool dominated = t[i].status != TrialStatus::measured;
    for (std::size_t j = 0; j < 4 && !dominated; ++j) {
      if (t[j].status != TrialStatus::measured) continue;
      const auto &a = t[j].scored.scores, &b = t[i].scored.scores;
      dominated = a[0] >= b[0] && a[1] >= b[1] && (a[0] > b[0] || a[1] > b[1]);
    }
    if (!dominated) front.push_back(i);
  }
  EXPECT_EQ(result.front, front);
}

TEST(Experiment, ConstraintsHoldForEveryTrial) {
  auto o = scratch_options(4);
  o.constraints.max_params = cost_of<Four>({{0}}).params;  // without the second convolution
  const auto result = Scratch{o}.run(images);
  EXPECT_EQ(result.json()["trials"]["measured"], 2);
  for (const auto& trial : result.trials) {
    const bool too_large = trial.encoding[0] == 1;
    EXPECT_EQ(trial.status == TrialStatus::infeasible, too_large);
    EXPECT_EQ(trial.scored.scores.empty(), trial.status != TrialStatus::measured);
  }
  EXPECT_NE(result.best().encoding[0], 1);
}

TEST(Experiment, WhenEverythingDivergesItSaysSo) {
  auto o = scratch_options(4);
  o.train.recipe.optimizer.learning_rate = std::numeric_limits<double>::max();
  const std::string message = refused<DivergenceError>([&] { (void)Scratch{o}.run(images); });
  EXPECT_NE(message.find("all 4 architectures failed"), std::string::npos) << message;
}

struct Phases {
  std::vector<std::string> names;
  long searched = 0;
  void on_progress(const ExperimentProgress& progress) {
    if (names.empty() || names.back() != progress.phase) names.emplace_back(progress.phase);
    if (progress.phase == "search") searched = progress.done;
    EXPECT_LE(progress.done, progress.total);
  }
};

TEST(Experiment, TellsAnObserverAndCannotWriteOverAFile) {
  Phases phases;
  const auto result = Scratch{scratch_options(3)}.run(images, phases);
  EXPECT_EQ(phases.names, (std::vector<std::string>{"search", "retrain", "test"}));
  EXPECT_EQ(phases.searched, 3);

  const Folder folder;
  write_file_atomically(folder.path, "in the way");
  EXPECT_THROW(result.save(folder.path), FileError);
  EXPECT_THROW(result.save(folder.path / "below"), FileError);
  EXPECT_EQ(file(folder.path), "in the way");
}

TEST(Experiment, AWinnerThatCannotBeTrainedHasNoWeights) {
  auto o = options(1);
  o.retrain.recipe.optimizer.base.learning_rate = 1e30;
  const auto result = Experiment{o}.run(images);
  EXPECT_FALSE(result.retrained.failure.empty());
  const Folder folder;
  fs::create_directories(folder.path);
  write_file_atomically(folder.path / "winner.safetensors", "of an earlier run");
  result.save(folder.path);
  EXPECT_TRUE(fs::exists(folder.path / "results.json"));
  EXPECT_FALSE(fs::exists(folder.path / "winner.safetensors"));
}

}  // namespace experiment_test
