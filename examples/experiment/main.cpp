// Flatness-aware architecture search on images, from the supernet to the tested winner.
//
//   experiment                              on the built-in glyphs
//   experiment --data DIRECTORY             on CIFAR-10 (*.bin) or (Fashion-)MNIST (*-ubyte[.gz])
//   experiment --gpu                        on an NVIDIA GPU, where the library has its kernels

#include <tepui/core/error.hpp>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "../seed_text.hpp"
#include "run.hpp"

namespace {

bool holds_idx_files(const std::filesystem::path& directory) {
  return std::filesystem::exists(directory / "train-images-idx3-ubyte") ||
         std::filesystem::exists(directory / "train-images-idx3-ubyte.gz");
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("Searches the NAS-Bench-201 cells for flat architectures and trains the winner.");
  app.add_option("--data", settings.data,
                 "glyphs, or a directory with CIFAR-10 or MNIST files; one that is named\n"
                 "fashion... is Fashion-MNIST")
      ->capture_default_str();
  app.add_option("--out", settings.out, "directory for the results")->capture_default_str();
  app.add_option("--seed", settings.seed, "same seed, same results")
      ->check(example::SeedText())
      ->capture_default_str();
  app.add_option("--threads", settings.threads, "threads; the results do not depend on it")
      ->capture_default_str();
  app.add_flag("--gpu", settings.gpu, "compute on an NVIDIA GPU; results agree to rounding");
  app.add_flag("--resume", settings.resume,
               "go on with a run of the same settings that was stopped");
  app.add_flag("--restart", settings.restart, "drop what a stopped run has left in --out")
      ->excludes("--resume");
  app.add_option("--evaluations", settings.evaluations, "architectures to measure");
  app.add_option("--epochs", settings.epochs, "epochs of supernet training");
  app.add_option("--retrain-epochs", settings.retrain_epochs, "epochs of the winner's training");
  app.add_option("--batch", settings.batch, "images in a training step");
  app.add_option("--draws", settings.draws, "noise draws of one flatness measurement");
  app.add_option("--max-params", settings.max_params, "largest number of parameters");
  CLI11_PARSE(app, argc, argv);

  try {
    if (settings.data != "glyphs" && !std::filesystem::is_directory(settings.data)) {
      throw tepui::FileError("--data: " + settings.data + " is not a directory");
    }
    if (holds_idx_files(settings.data)) {
      (settings.gpu ? example::run_grey_on_gpu : example::run_grey)(settings);
    } else {
      (settings.gpu ? example::run_rgb_on_gpu : example::run_rgb)(settings);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "experiment: %s\n", error.what());
    return 1;
  }
}
