// Which policies find good architectures? A matrix of types, several seeds, one table.
//
//   study                     on the built-in glyphs
//   study --seeds 1 2 3 4 5   with more seeds
//   study --data DIRECTORY    on CIFAR-10 at 16x16

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "../seed_text.hpp"
#include "tepui/tepui.hpp"

namespace {

using namespace tepui;
using optim::Sam;
using optim::Sgd;

constexpr Shape image{3, 16, 16};

/// The type is the study: a space, and what is compared in it.
using PolicyStudy = Study<space::Small<image, 10>,                    //
                          types<Sgd, Sam<Sgd>>,                       // how weights are trained
                          types<flatness::Genas, flatness::FlatNas>,  // what is measured
                          types<search::Random, search::RegularizedEvolution>>;

struct Settings {
  std::string data = "glyphs";
  std::string out = "out";
  std::vector<std::uint64_t> seeds{1, 2, 3};
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  int images = 1000;
  int evaluations = 12;
  int epochs = 8;
  int retrain_epochs = 12;
};

PolicyStudy::Options options_for(const Settings& settings) {
  PolicyStudy::Options o;
  o.threads = settings.threads;
  o.evaluations = settings.evaluations;
  o.epochs = settings.epochs;
  o.retrain_epochs = settings.retrain_epochs;
  o.batch = 32;
  o.recalibration_batches = 4;
  const Sgd sgd{.learning_rate = 0.03, .nesterov = true, .weight_decay = 5e-4};
  std::get<Sgd>(o.optimizers) = sgd;
  std::get<Sam<Sgd>>(o.optimizers).base = sgd;
  std::get<flatness::Genas>(o.measures).draws = 2;
  std::get<flatness::FlatNas>(o.measures).draws = 6;
  std::get<search::RegularizedEvolution>(o.strategies).population = 4;
  std::get<search::RegularizedEvolution>(o.strategies).tournament = 2;
  return o;
}

data::Dataset<image, 10> load(const Settings& settings) {
  if (settings.data != "glyphs") {
    auto data = data::shrink<2>(data::cifar10(settings.data));
    data.train = data::take_first(data.train, static_cast<std::size_t>(settings.images));
    return data;
  }
  return data::glyphs<image>({.train = settings.images, .test = 1000});
}

/// One line that says how far the study is; silent unless standard error is a terminal.
class Progress {
 public:
  void on_progress(const StudyProgress& progress) {
    line_.update("experiment", progress.done, progress.total);
  }
  void finish() { line_.finish(); }

 private:
  report::ProgressLine line_;
};

std::string with_deviation(const Summary& summary, double scale, int decimals) {
  std::string text = report::fixed(scale * summary.mean, decimals);
  if (summary.count > 1) text += " +- " + report::fixed(scale * summary.deviation, decimals);
  return text;
}

void print(const StudyTable& table) {
  report::Table cells({{"optimizer", report::Align::left},
                       {"measure", report::Align::left},
                       {"strategy", report::Align::left},
                       {"test accuracy %"},
                       {"measured"},
                       {"mean rank"},
                       {"failed"}});
  for (const StudyCell& cell : table.cells) {
    // measures differ in scale by orders of magnitude: three digits of each
    char measured[32];
    std::snprintf(measured, sizeof measured, "%.3g", cell.objective.mean);
    cells.add_row({cell.optimizer, cell.measure, cell.strategy,
                   with_deviation(cell.test_accuracy, 100, 1), measured,
                   report::fixed(cell.mean_rank, 2), std::to_string(cell.failures)});
  }
  std::printf("\n%s\n", cells.text().c_str());
  std::printf("Friedman test over %zu seeds: chi-square %s, %zu degrees of freedom, p = %s\n",
              table.seeds.size(), report::fixed(table.ranks.chi_square, 2).c_str(),
              table.ranks.degrees, report::fixed(table.ranks.p_value, 3).c_str());
  for (const std::string& name : table.dropped) std::printf("not possible: %s\n", name.c_str());
}

void run(const Settings& settings) {
  const auto data = load(settings);
  std::printf("%s: %zu training and %zu test images of %s; %zu combinations, %zu seeds\n",
              data.name.c_str(), data.train.size(), data.test.size(), to_string(image).c_str(),
              PolicyStudy::size, settings.seeds.size());
  std::fflush(stdout);
  // A result that cannot be saved is found out before the work, not after it.
  make_writable_directory(settings.out);
  Progress progress;
  const StudyTable table = PolicyStudy{options_for(settings)}.run(data, settings.seeds, progress);
  progress.finish();
  table.save(settings.out);
  print(table);
  std::printf("Wrote study.csv, runs.csv and study.json to %s\n", settings.out.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("Compares optimizers, flatness measures and search strategies on a small space.");
  app.add_option("--data", settings.data,
                 "glyphs, or a directory with CIFAR-10 (*.bin), which is\nshrunk to 16x16")
      ->capture_default_str();
  app.add_option("--out", settings.out, "directory for the results")->capture_default_str();
  app.add_option("--seed,--seeds", settings.seeds, "one experiment per combination and seed")
      ->check(example::SeedText())
      ->capture_default_str();
  app.add_option("--threads", settings.threads, "threads; the results do not depend on it")
      ->capture_default_str();
  app.add_option("--images", settings.images, "training images")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--evaluations", settings.evaluations, "architectures measured by each search")
      ->capture_default_str();
  app.add_option("--epochs", settings.epochs, "epochs of supernet training")->capture_default_str();
  app.add_option("--retrain-epochs", settings.retrain_epochs, "epochs of the winners' training")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  try {
    run(settings);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "study: %s\n", error.what());
    return 1;
  }
}
