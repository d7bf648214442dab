// Trains one NAS-Bench-201 network (16 channels, one cell a stage) on CIFAR-10 with a plain recipe
// and prints the test accuracy of every seed: one side of compare_training.py.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <vector>

#include "tepui/core/parallel.hpp"
#include "tepui/data/data.hpp"
#include "tepui/optim/optim.hpp"
#include "tepui/space/materialize.hpp"
#include "tepui/space/nas_bench_201.hpp"
#include "tepui/train/evaluation_set.hpp"
#include "tepui/train/trainer.hpp"

int main(int argc, char** argv) {
  using namespace tepui;
  using Space = space::NasBench201<16, 1>;
  constexpr auto cell = Space::parse(
      "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|");
  using Network = materialize_t<Space, cell>;

  std::string directory;
  int images = 20000;
  int threads = 2;
  std::vector<std::uint64_t> seeds{1, 2, 3};
  train::Recipe<optim::Sgd, optim::Cosine> recipe{
      .optimizer = {.learning_rate = 0.1, .nesterov = true, .weight_decay = 5e-4},
      .epochs = 6,
      .batch = 128,
      .augment = {.crop_padding = 4, .flip = true}};
  CLI::App app("Test accuracy of a NAS-Bench-201 network trained on CIFAR-10.");
  app.add_option("--data", directory, "directory with the CIFAR-10 .bin files")->required();
  app.add_option("--images", images, "training images")->capture_default_str();
  app.add_option("--epochs", recipe.epochs)->capture_default_str();
  app.add_option("--threads", threads)->capture_default_str();
  app.add_option("--seeds", seeds)->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  try {
    const auto data = data::cifar10(directory);
    const auto normalization = data::normalization::cifar10();
    const auto test_images = data::all_indices(data.test.size());
    const train::EvaluationSet<float, Space::input> test(data.test, test_images, normalization,
                                                         250);
    ThreadLimit limit(threads);
    limit.run([&] {
      for (const std::uint64_t seed : seeds) {
        nn::Model<Network> model(250);
        model.initialize({seed, random::Purpose::initialize, 0});
        data::Loader<float, Space::input> loader(
            data.train, data::all_indices(static_cast<std::size_t>(images)), normalization,
            {.batch = recipe.batch, .augment = recipe.augment}, seed);
        const auto begin = std::chrono::steady_clock::now();
        train::run_training(
            model, recipe, loader, {seed}, [](long) { return nullptr; }, [](const train::Step&) {});
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        const Evaluation found = train::evaluate(model, test);
        std::printf("{\"seed\": %llu, \"accuracy\": %.4f, \"loss\": %.4f, \"seconds\": %.1f}\n",
                    static_cast<unsigned long long>(seed), found.accuracy, found.loss_per_sample,
                    seconds.count());
        std::fflush(stdout);
      }
    });
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
