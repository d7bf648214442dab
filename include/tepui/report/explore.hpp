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
#include "tepui/data/cifar.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/data/glyphs.hpp"
#include "tepui/data/shrink.hpp"
#include "tepui/data/split.hpp"
#include "tepui/report/console_observer.hpp"
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

/// Whether CIFAR-10 can be shrunk to a shape.
[[nodiscard]] constexpr bool is_shrunken_cifar(Shape shape) {
  return shape.channels == 3 && shape.height == shape.width && 32 % shape.height == 0;
}

/// The hard answer whether there are images for a space; where it is no, callers go no further, so
/// that it stays the only message.
template <class S>
constexpr bool check_images() {
  constexpr bool ten = S::Network::output.size() == 10;
  static_assert(ten,
                "explore: this program's images have ten classes, the space's network has another "
                "number; give tepui_add_exploration SOURCES of your own");
  constexpr bool shape = data::is_glyph_shape(S::input) || is_shrunken_cifar(S::input);
  static_assert(shape,
                "explore: this program has no images of the shape that the space takes, neither "
                "drawn (1 or 3 channels, height and width 12 to 64) nor CIFAR-10 (3 channels, "
                "sides of 32, 16, 8, 4, 2 or 1); give tepui_add_exploration SOURCES of your own");
  return ten && shape;
}

/// Images of ten classes in the shape that a space takes.
template <Shape S>
[[nodiscard]] data::Dataset<S, 10> images_for(const ExploreSettings& settings) {
  if (settings.data == "glyphs") {
    if constexpr (data::is_glyph_shape(S)) {
      return data::glyphs<S>({.train = settings.images, .test = std::max(10, settings.images / 2)});
    } else {
      throw SettingError("--data: glyphs cannot be drawn as " + to_string(S) +
                         "; give a directory with CIFAR-10 (*.bin)");
    }
  }
  if constexpr (is_shrunken_cifar(S)) {
    auto data = data::shrink<32 / S.height>(data::cifar10(settings.data));
    data.train = data::take_first(data.train, static_cast<std::size_t>(settings.images));
    return data;
  } else {
    throw SettingError("--data: CIFAR-10 has images of 3x32x32, which cannot be made into " +
                       to_string(S) + "; give tepui_add_exploration SOURCES of your own");
  }
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
  const auto data = images_for<S::input>(settings);
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
