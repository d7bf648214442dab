// Explores a small space at compile time, then trains what is left over.
//
// The compiler counts, costs and filters all architectures; every survivor becomes a static
// network of its own, with all sizes known to the compiler.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "../seed_text.hpp"
#include "tepui/tepui.hpp"

namespace {

using namespace tepui;

constexpr Shape image{3, 16, 16};
using Space = space::Small<image, 10>;

// Count, cost and filter: all of it happens before the program runs.
constexpr std::size_t everything = count_if<Space>([](Cost) { return true; });
constexpr auto light = select<Space>([](Cost c) { return c.params < 6'000 && c.macs > 500'000; });
static_assert(everything == 72);
static_assert(light.size() == 12);
static_assert(cost_of<Space>(light[0]).params == 4'210);

struct Settings {
  std::string data = "glyphs";
  std::string out;
  std::uint64_t seed = 1;
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  int images = 2000;
  int epochs = 10;
};

struct Trained {
  std::string name;
  Cost cost{};
  Evaluation train{};
  Evaluation test{};
  std::string failure{};  ///< why training diverged, if it did
};

data::Dataset<image, 10> load(const Settings& settings) {
  if (settings.data != "glyphs") {
    auto data = data::shrink<2>(data::cifar10(settings.data));
    data.train = data::take_first(data.train, static_cast<std::size_t>(settings.images));
    return data;
  }
  return data::glyphs<image>({.train = settings.images, .test = 1000});
}

/// Trains one static network and measures it.
template <class Architecture>
Trained train_and_test(const data::Dataset<image, 10>& data, const Settings& settings,
                       std::string name) {
  Trained result{.name = std::move(name), .cost = Architecture::cost()};
  train::Recipe<optim::Sgd> recipe{.epochs = settings.epochs, .batch = 32};
  recipe.optimizer = {.learning_rate = 0.03, .nesterov = true, .weight_decay = 5e-4};
  const auto normalization = data::measure(data.train);
  constexpr int most = 250;

  nn::Model<Architecture> model(most);
  model.initialize({settings.seed, random::Purpose::initialize});
  data::Loader<float, image> loader(data.train, normalization, {.batch = recipe.batch},
                                    settings.seed);
  try {
    train::run_training(
        model, recipe, loader, {settings.seed, random::Purpose::dropout},
        [](long) { return nullptr; }, [](const train::Step&) {});
  } catch (const DivergenceError& failure) {
    result.failure = failure.what();
    return result;
  }
  const auto measure = [&](const data::Images<image>& images) {
    const auto all = data::all_indices(images.size());
    return train::evaluate(model,
                           train::EvaluationSet<float, image>(images, all, normalization, most));
  };
  result.train = measure(data.train);
  result.test = measure(data.test);
  return result;
}

void print(const std::vector<Trained>& ranked) {
  report::Table table({{"architecture", report::Align::left},
                       {"params"},
                       {"MACs"},
                       {"training accuracy %"},
                       {"test accuracy %"}});
  for (const Trained& t : ranked) {
    const auto percent = [&](const Evaluation& e) {
      return t.failure.empty() ? report::fixed(100 * e.accuracy, 1) : std::string("failed");
    };
    table.add_row({t.name, report::count(t.cost.params), report::count(t.cost.macs),
                   percent(t.train), percent(t.test)});
  }
  std::printf("\n%s", table.text().c_str());
}

void save(const std::vector<Trained>& ranked, const std::string& out) {
  io::CsvWriter table{"architecture",   "params",        "macs",
                      "train_accuracy", "test_accuracy", "failure"};
  for (const Trained& t : ranked) {
    table.row(t.name, t.cost.params, t.cost.macs, t.train.accuracy, t.test.accuracy, t.failure);
  }
  table.save(out + "/explore.csv");
  std::printf("\nWrote explore.csv to %s\n", out.c_str());
}

void run(const Settings& settings) {
  const auto data = load(settings);
  std::printf("%zu of %zu architectures have less than 6000 parameters and more than 500000 MACs\n",
              light.size(), everything);
  std::fflush(stdout);
  if (!settings.out.empty()) make_writable_directory(settings.out);
  std::vector<Trained> trained;
  report::ProgressLine line;
  ThreadLimit limit(settings.threads);
  limit.run([&] {
    for_each_architecture<light>([&]<class Architecture>(const Space::Encoding& code) {
      line.update("architecture", static_cast<long>(trained.size()),
                  static_cast<long>(light.size()));
      trained.push_back(train_and_test<Architecture>(data, settings, Space::print(code)));
    });
  });
  line.finish();
  std::stable_sort(trained.begin(), trained.end(), [](const Trained& a, const Trained& b) {
    return a.test.accuracy > b.test.accuracy;
  });
  print(trained);
  if (!settings.out.empty()) save(trained, settings.out);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("Filters a space at compile time and trains what is left.");
  app.add_option("--data", settings.data,
                 "glyphs, or a directory with CIFAR-10 (*.bin), which is\nshrunk to 16x16")
      ->capture_default_str();
  app.add_option("--out", settings.out, "directory for explore.csv; none: only printed");
  app.add_option("--seed", settings.seed, "same seed, same results")
      ->check(example::SeedText())
      ->capture_default_str();
  app.add_option("--threads", settings.threads, "threads; the results do not depend on it")
      ->capture_default_str();
  app.add_option("--images", settings.images, "training images")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--epochs", settings.epochs, "epochs of each training")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  try {
    run(settings);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "explore: %s\n", error.what());
    return 1;
  }
}
