#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "tepui/core/error.hpp"
#include "tepui/core/file.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/data/split.hpp"
#include "tepui/report/console_observer.hpp"
#include "tepui/report/detail/explore_images.hpp"
#include "tepui/report/format.hpp"
#include "tepui/report/ranking.hpp"

namespace tepui::report {

/// What the program explore() takes from its command line.
struct ExploreSettings {
  std::string data = "glyphs";
  std::string out = "out";
  std::uint64_t seed = 1;
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  int images = 2000;
  int epochs = 10;
};

namespace detail {

inline constexpr std::string_view explore_usage =
    "  --data glyphs|DIRECTORY  drawn images, or CIFAR-10 (*.bin), shrunk if need be\n"
    "  --images N               training images, at least 10 (2000)\n"
    "  --epochs N               of every training (10)\n"
    "  --seed N                 same seed, same results (1)\n"
    "  --threads N              the results do not depend on it\n"
    "  --out DIRECTORY          for trials.csv, results.json and the winner (out)\n"
    "  --help                   says this\n";

[[nodiscard]] inline bool asks_for_help(int argc, const char* const* argv) {
  return argc > 1 && std::any_of(argv + 1, argv + argc, [](std::string_view word) {
           return word == "--help" || word == "-h";
         });
}

template <class Number>
void read_number(std::string_view option, std::string_view text, Number& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  if (error == std::errc{} && end == text.data() + text.size()) return;
  throw SettingError(std::string(option) + ": got \"" + std::string(text) +
                     "\", expected a whole number");
}

/// @throws SettingError that names an option that is wrong
[[nodiscard]] inline ExploreSettings read_explore_settings(int argc, const char* const* argv) {
  ExploreSettings settings;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    if (i + 1 == argc) throw SettingError(std::string(option) + ": a value is missing");
    const std::string_view value = argv[i + 1];
    if (option == "--data") {
      settings.data = value;
    } else if (option == "--out") {
      settings.out = value;
    } else if (option == "--seed") {
      read_number(option, value, settings.seed);
    } else if (option == "--threads") {
      read_number(option, value, settings.threads);
    } else if (option == "--images") {
      read_number(option, value, settings.images);
    } else if (option == "--epochs") {
      read_number(option, value, settings.epochs);
    } else {
      throw SettingError(std::string(option) + " is no option of this program");
    }
  }
  if (settings.images < 10) {
    throw SettingError("--images: got " + std::to_string(settings.images) +
                       ", expected at least 10");
  }
  return settings;
}

/// Makes batches no larger than the images that there are to train with.
template <class Options, Shape S>
void fit_batches(Options& options, const data::Images<S>& images) {
  const auto candidates =
      data::split(images, 1.0 - options.validation_fraction, random::Key{}).first.size();
  const auto fit = [](int& batch, std::size_t most) {
    batch = std::min(batch, static_cast<int>(most));
  };
  fit(options.train.recipe.batch, candidates);
  fit(options.retrain.recipe.batch, images.size());
}

template <class Exploration>
void explore(const ExploreSettings& settings) {
  using S = typename Exploration::SpaceType;
  const auto data = images_for<S::input>(settings.data, settings.images);
  typename Exploration::Options options;
  options.seed = settings.seed;
  options.threads = settings.threads;
  options.train.recipe.epochs = settings.epochs;
  options.retrain.recipe.epochs = settings.epochs;
  fit_batches(options, data.train);
  make_writable_directory(settings.out);  // found out before the work, not after it
  ConsoleObserver observer;
  const auto result = Exploration{options}.run(data, observer);
  observer.finish();
  result.save(settings.out);
  std::printf("\n%s\n", ranking<S>(result).text().c_str());
  if (result.retrained.failure.empty()) {
    std::printf("winner %s, retrained: %s %% of %zu test images\n", result.winner_name.c_str(),
                fixed(100 * result.retrained.test.accuracy, 2).c_str(),
                result.retrained.test.samples);
  } else {
    std::printf("winner %s, retraining failed: %s\n", result.winner_name.c_str(),
                result.retrained.failure.c_str());
  }
  std::printf("Wrote the results to %s\n", settings.out.c_str());
}

}  // namespace detail

/// @brief The program that tepui_add_exploration writes where it is given none: trains what was
/// selected on drawn images or on CIFAR-10, prints the ranking and saves the result files. The
/// space has ten classes and takes images that can be drawn (data::is_glyph_shape) or CIFAR-10,
/// shrunk.
/// @return the exit code of main
template <class Exploration>
int explore(int argc, const char* const* argv) {
  if (detail::asks_for_help(argc, argv)) {
    std::printf("%s [options]\n%.*s", argv[0], static_cast<int>(detail::explore_usage.size()),
                detail::explore_usage.data());
    return 0;
  }
  try {
    if constexpr (detail::check_images<typename Exploration::SpaceType>()) {
      detail::explore<Exploration>(detail::read_explore_settings(argc, argv));
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
  return 0;
}

}  // namespace tepui::report
