// The example of docs/embedding.md, and the winner that examples/embed comes with.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "../../../examples/embed/winner.hpp"
#include "tepui/data/glyphs.hpp"
#include "tepui/data/normalize.hpp"

namespace {

/// Keeps what one image needs, so that calls allocate nothing.
class Classifier {
 public:
  explicit Classifier(const std::filesystem::path& weights)
      : network_(winner::load(weights)),
        normalized_({winner::mean, winner::deviation}),
        image_(winner::Network::input.size()) {}

  /// @param pixels (height, width, channels)
  std::size_t operator()(std::span<const std::uint8_t> pixels) {
    constexpr std::size_t channels = winner::Network::input.channels;
    for (std::size_t i = 0; i < image_.size(); ++i) {
      image_[i] = normalized_(i % channels, pixels[i]);
    }
    const std::span<const float> scores = network_(image_);
    return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) -
                                    scores.begin());
  }

 private:
  winner::Network network_;
  tepui::data::PixelTable<float, winner::Network::input.channels> normalized_;
  std::vector<float> image_;
};

TEST(EmbeddingPage, TheWinnerKnowsGlyphsItHasNotSeen) {
  const auto data = tepui::data::glyphs({.train = 10, .test = 300, .seed = 41});
  const auto weights =
      std::filesystem::path(TEPUI_TEST_SOURCE_DIR) / "examples/embed/winner.safetensors";
  Classifier classify(weights);
  int right = 0;
  for (std::size_t i = 0; i < data.test.size(); ++i) {
    right += classify(data.test.image(i)) == data.test.labels[i] ? 1 : 0;
  }
  EXPECT_GE(right, 276);  // 92 %; it gets 99.4 % of the 1000 images it was tested with
}

}  // namespace
