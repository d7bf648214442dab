// Explores a small space at compile time, then trains what is left over.
//
// The compiler counts, costs and filters all architectures; every survivor becomes a static
// network of its own, with all sizes known to the compiler. target.cmake says which survive.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>

#include "../seed_text.hpp"
#include "light_exploration.hpp"  // written by CMake: Space, selected and Exploration
#include "tepui/tepui.hpp"

namespace {

using namespace tepui;
using light_exploration::Exploration, light_exploration::selected;

// Count, cost and filter: all of it happens before the program runs.
constexpr std::size_t everything = count_if<light_exploration::Space>([](Cost) { return true; });
static_assert(everything == 72);
static_assert(selected.size() == 12);
static_assert(cost_of<light_exploration::Space>(selected[0]).params == 4'210);

using Dataset = data::Dataset<light_exploration::Space::input, 10>;

struct Settings {
  std::string data = "glyphs";
  std::string out = "out";
  std::uint64_t seed = 1;
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  int images = 2000;
  int epochs = 10;
};

Dataset load(const Settings& settings) {
  if (settings.data != "glyphs") {
    auto data = data::shrink<2>(data::cifar10(settings.data));
    data.train = data::take_first(data.train, static_cast<std::size_t>(settings.images));
    return data;
  }
  return data::glyphs<Dataset::shape>({.train = settings.images, .test = 1000});
}

/// What the compiler knows of the survivors: each is a type, and its memory a constant.
void print_selection() {
  std::size_t least = static_cast<std::size_t>(-1);
  std::size_t most = 0;
  for_each_architecture<selected>([&]<class Architecture>() {
    constexpr std::size_t memory = sizeof(float) * nn::Model<Architecture>::arena_size(1);
    least = std::min(least, memory);
    most = std::max(most, memory);
  });
  std::printf(
      "%zu of %zu architectures have less than 6000 parameters and more than 500000 MACs;\n"
      "for one image at a time they work in %zu to %zu KiB\n",
      selected.size(), everything, least / 1024, most / 1024);
  std::fflush(stdout);
}

Exploration::Options options_for(const Settings& settings) {
  Exploration::Options o{.seed = settings.seed, .threads = settings.threads};
  for (auto* recipe : {&o.train.recipe, &o.retrain.recipe}) {
    recipe->epochs = settings.epochs;
    recipe->batch = 32;
    recipe->optimizer = {.learning_rate = 0.03, .nesterov = true, .weight_decay = 5e-4};
  }
  return o;
}

void run(const Settings& settings) {
  const auto data = load(settings);
  print_selection();
  make_writable_directory(settings.out);  // found out before the work, not after it
  report::ConsoleObserver observer;
  const auto result = Exploration{options_for(settings)}.run(data, observer);
  observer.finish();
  result.save(settings.out);
  std::printf("\n%s\n", report::ranking<light_exploration::Space>(result).text().c_str());
  if (result.retrained.failure.empty()) {
    std::printf("%s, retrained on all training images: %s %% of %zu test images\n",
                result.winner_name.c_str(),
                report::fixed(100 * result.retrained.test.accuracy, 1).c_str(),
                result.retrained.test.samples);
  }
  std::printf("Wrote trials.csv, results.json and the winner to %s\n", settings.out.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("Filters a space at compile time and trains what is left.");
  app.add_option("--data", settings.data,
                 "glyphs, or a directory with CIFAR-10 (*.bin), which is\nshrunk to 16x16")
      ->capture_default_str();
  app.add_option("--out", settings.out, "directory for the result files")->capture_default_str();
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
