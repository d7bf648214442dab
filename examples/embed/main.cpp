// Runs a network that a search found: one header, one file of weights, no search.
//
//   embed                                   on the glyphs the search tested with (--seed: others)
//   embed --data IMAGES.npy                 on images of your own, (N, height, width, channels)
//   embed --data IMAGES.npy --labels LABELS.npy

// The winner beside this file, or the one that the build names (TEPUI_WINNER_DIR in CMake).
#ifdef TEPUI_WINNER_HEADER
#include TEPUI_WINNER_HEADER
#else
#include "winner.hpp"
#endif

#include "../seed_text.hpp"

#include <tepui/core/file.hpp>
#include <tepui/core/parallel.hpp>
#include <tepui/data/glyphs.hpp>
#include <tepui/data/normalize.hpp>
#include <tepui/data/npy.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr tepui::Shape shape = winner::Network::input;
constexpr auto channels = static_cast<std::size_t>(shape.channels);
using Images = tepui::data::Images<shape>;

struct Settings {
  std::string data = "glyphs";
  std::string labels;
#ifdef TEPUI_WINNER_WEIGHTS
  std::string weights = TEPUI_WINNER_WEIGHTS;
#else
  std::string weights = std::filesystem::path(__FILE__).replace_filename("winner.safetensors");
#endif
  std::string out;
  std::uint64_t seed = 0;
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
};

/// Labels stay empty where there are none.
Images read_images(const Settings& settings) {
  constexpr bool glyphs_fit = (channels == 1 || channels == 3) && winner::Network::classes == 10 &&
                              std::min(shape.height, shape.width) >= 12 &&
                              std::max(shape.height, shape.width) <= 64;
  if (settings.data != "glyphs") {
    if (!settings.labels.empty()) {
      return tepui::data::load_npy<shape>(settings.data, settings.labels, winner::Network::classes);
    }
    return {tepui::data::load_npy_images<shape>(settings.data), {}};
  }
  if constexpr (glyphs_fit) {
    return tepui::data::glyphs<shape>({.train = 10, .test = 1000, .seed = settings.seed}).test;
  } else {
    throw tepui::SettingError("data: this network takes images of " + to_string(shape) + " and " +
                              std::to_string(winner::Network::classes) +
                              " classes, which glyphs are not; give a .npy file with --data");
  }
}

struct Predictions {
  std::vector<std::size_t> classes;
  std::vector<float> scores;  ///< of the predicted classes
  double seconds = 0;         ///< inside the network
};

Predictions classify(winner::Network& net, const std::vector<std::uint8_t>& pixels) {
  using Clock = std::chrono::steady_clock;
  const tepui::data::PixelTable<float, shape.channels> normalized(
      {winner::mean, winner::deviation});
  const std::size_t count = pixels.size() / shape.size();
  Predictions result{std::vector<std::size_t>(count), std::vector<float>(count)};
  std::vector<float> image(shape.size());  // (height, width, channels)
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < image.size(); ++k) {
      image[k] = normalized(k % channels, pixels[i * image.size() + k]);
    }
    const auto begin = Clock::now();
    const std::span<const float> scores = net(image);  // allocates nothing
    result.seconds += std::chrono::duration<double>(Clock::now() - begin).count();
    const auto best = std::max_element(scores.begin(), scores.end());
    result.classes[i] = static_cast<std::size_t>(best - scores.begin());
    result.scores[i] = *best;
  }
  return result;
}

void save(const std::string& path, const Predictions& found, const Images& images) {
  std::string text =
      images.labels.empty() ? "image,predicted,score\n" : "image,predicted,score,label\n";
  for (std::size_t i = 0; i < found.classes.size(); ++i) {
    text += std::to_string(i) + "," + std::to_string(found.classes[i]) + "," +
            std::to_string(found.scores[i]);
    if (!images.labels.empty()) text += "," + std::to_string(images.labels[i]);
    text += "\n";
  }
  tepui::write_file_atomically(path, text);
}

void run(const Settings& settings) {
  if (settings.data == "glyphs" && !settings.labels.empty()) {
    throw tepui::SettingError(
        "labels: glyphs have their own; --labels goes with --data IMAGES.npy");
  }
  winner::Network net = winner::load(settings.weights);
  tepui::ThreadLimit limit(settings.threads);
  const Images images = limit.run([&] { return read_images(settings); });
  const Predictions found = limit.run([&] { return classify(net, images.pixels); });

  std::printf("network     %zu parameters, images of %s, %d classes\n", net.parameters().size(),
              to_string(shape).c_str(), winner::Network::classes);
  std::printf("images      %zu from %s\n", found.classes.size(), settings.data.c_str());
  if (!images.labels.empty()) {
    std::size_t right = 0;
    for (std::size_t i = 0; i < images.size(); ++i) right += found.classes[i] == images.labels[i];
    std::printf("accuracy    %.2f %% (%zu right)\n",
                100 * static_cast<double>(right) / static_cast<double>(images.size()), right);
  }
  std::printf("time        %.1f microseconds an image, one at a time\n",
              1e6 * found.seconds / static_cast<double>(found.classes.size()));
  if (!settings.out.empty()) {
    save(settings.out, found, images);
    std::printf("Wrote the predictions to %s\n", settings.out.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("Classifies images with a network that a search found.");
  app.add_option("--data", settings.data, "glyphs, or a .npy file of images")
      ->capture_default_str();
  app.add_option("--labels", settings.labels, "a .npy file of the images' labels");
  app.add_option("--weights", settings.weights, "the winner's weights")->capture_default_str();
  app.add_option("--out", settings.out, "a .csv file for the predictions; left out: none");
  app.add_option("--seed", settings.seed, "another seed draws other glyphs")
      ->check(example::SeedText())
      ->capture_default_str();
  app.add_option("--threads", settings.threads, "threads, at least 1; results do not depend on it")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  try {
    run(settings);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "embed: %s\n", error.what());
    return 1;
  }
}
