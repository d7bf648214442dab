#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/data/detail/strokes.hpp"

namespace tepui::data {

/// Settings of glyphs().
struct GlyphOptions {
  int train = 4000;        ///< training images, >= 10
  int test = 1000;         ///< test images, >= 10
  std::uint64_t seed = 0;  ///< another seed draws other images

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("train", self.train);
    visitor("test", self.test);
    visitor("seed", self.seed);
  }
};

namespace detail {

/// Draws single images; keeps its buffers from one to the next.
template <Shape S>
class GlyphPainter {
  static constexpr auto channels = static_cast<std::size_t>(S.channels);
  static constexpr auto pixels =
      static_cast<std::size_t>(S.height) * static_cast<std::size_t>(S.width);
  static constexpr double side = S.height < S.width ? S.height : S.width;

 public:
  explicit GlyphPainter(const std::array<Drawing, 10>& drawings)
      : drawings_(drawings), strokes_(S.height, S.width), colours_(pixels * channels) {}

  /// @param out (height, width, channels)
  void paint(std::size_t label, random::Key key, std::span<std::uint8_t> out) {
    random::Stream stream(key);
    const Colour mean = random_colour(stream, 70, 120, 25);
    paint_background(mean, stream);
    const auto clutter = stream.below(3) + 1;
    for (std::uint32_t i = 0; i < clutter; ++i) paint_clutter(mean, stream);
    paint_glyph(label, mean, stream);
    add_noise(stream.uniform(3, 15), key.with(1), out);
  }

 private:
  using Colour = std::array<double, channels>;

  /// Equal brightness in all channels, plus a tint of at most `tint`.
  static Colour random_colour(random::Stream& stream, double low, double high, double tint) {
    Colour colour;
    colour.fill(stream.uniform(low, high));
    if constexpr (channels > 1) {
      for (double& c : colour) c += stream.uniform(-tint, tint);
    }
    return colour;
  }

  /// Smoothly interpolated values on a 4 x 4 grid, around `mean`.
  void paint_background(const Colour& mean, random::Stream& stream) {
    constexpr int cells = 3;
    const double amplitude = stream.uniform(3, 20);
    std::array<Colour, (cells + 1) * (cells + 1)> grid;
    for (Colour& node : grid) {
      node = random_colour(stream, -amplitude, amplitude, 0.5 * amplitude);
      for (std::size_t c = 0; c < channels; ++c) node[c] += mean[c];
    }
    const auto position = [](int i, int n, std::size_t& cell) {
      const double p = (i + 0.5) * cells / n;
      cell = static_cast<std::size_t>(std::min(static_cast<int>(p), cells - 1));
      const double t = p - static_cast<double>(cell);
      return t * t * (3 - 2 * t);
    };
    double* out = colours_.data();
    for (int y = 0; y < S.height; ++y) {
      std::size_t row = 0;
      const double v = position(y, S.height, row);
      for (int x = 0; x < S.width; ++x, out += channels) {
        std::size_t column = 0;
        const double u = position(x, S.width, column);
        const auto* node = grid.data() + row * (cells + 1) + column;
        for (std::size_t c = 0; c < channels; ++c) {
          const double upper = node[0][c] + u * (node[1][c] - node[0][c]);
          const double lower = node[cells + 1][c] + u * (node[cells + 2][c] - node[cells + 1][c]);
          out[c] = upper + v * (lower - upper);
        }
      }
    }
  }

  void blend(const Colour& colour) {
    const auto coverage = strokes_.values();
    for (std::size_t p = 0; p < pixels; ++p) {
      if (coverage[p] == 0) continue;
      for (std::size_t c = 0; c < channels; ++c) {
        double& value = colours_[p * channels + c];
        value += coverage[p] * (colour[c] - value);
      }
    }
    strokes_.clear();
  }

  static Colour contrast(const Colour& base, double amount, double tint, random::Stream& stream) {
    Colour colour = random_colour(stream, amount, amount, tint);
    for (std::size_t c = 0; c < channels; ++c) colour[c] += base[c];
    return colour;
  }

  static double near_middle(random::Stream& stream, double low, double high) {
    return low + (high - low) * 0.5 * (stream.uniform() + stream.uniform());
  }

  static double half_width(random::Stream& stream) {
    return std::max(0.45, side * stream.uniform(0.022, 0.05));
  }

  /// A short bent stroke anywhere, lighter than the background as the glyph is, but weaker.
  void paint_clutter(const Colour& mean, random::Stream& stream) {
    const Colour colour = contrast(mean, stream.uniform(15, 75), 30, stream);
    const double width = half_width(stream);
    const Point start{stream.uniform(0, S.width), stream.uniform(0, S.height)};
    const double turn = stream.uniform();
    const double bend = stream.uniform(-0.15, 0.15);
    const double step = side * stream.uniform(0.06, 0.2);
    const Point a = direction(turn);
    const Point b = direction(turn + bend);
    const Point middle{start.x + step * a.x, start.y + step * a.y};
    strokes_.add(start, middle, width);
    strokes_.add(middle, {middle.x + step * b.x, middle.y + step * b.y}, width);
    blend(colour);
  }

  void paint_glyph(std::size_t label, const Colour& mean, random::Stream& stream) {
    const Colour colour = contrast(mean, stream.uniform(60, 130), 30, stream);
    const double width = half_width(stream);
    const double radius = side * stream.uniform(0.2, 0.42);
    const double margin = 1.0 * radius;  // corners may leave the image a little
    const Point centre{near_middle(stream, margin, S.width - margin),
                       near_middle(stream, margin, S.height - margin)};
    const Point turn = direction(stream.uniform(-0.14, 0.14));
    const double mirror = stream.bernoulli(0.5) ? 1 : -1;  // so that flips keep the label
    const double stretch = stream.uniform(0.8, 1.0);
    const double scale_x = radius * mirror * (stream.bernoulli(0.5) ? 1 : stretch);
    const double scale_y = -radius * stretch;  // image rows count downwards
    std::array<double, 4> warp;
    for (double& w : warp) w = stream.uniform(-0.25, 0.25);
    for (const auto& line : drawings_[label]) {
      points_.clear();
      for (const Point& p : line) {
        const double x = scale_x * (p.x + warp[0] * p.y * p.y + warp[1] * p.x * p.y);
        const double y = scale_y * (p.y + warp[2] * p.x * p.x + warp[3] * p.x * p.y);
        points_.push_back({centre.x + turn.x * x - turn.y * y, centre.y + turn.y * x + turn.x * y});
      }
      strokes_.add(points_, width);
    }
    blend(colour);
  }

  /// Nearly normal noise (sum of four bytes) of the given deviation, then rounding to 0..255.
  void add_noise(double deviation, random::Key key, std::span<std::uint8_t> out) const {
    const double scale = deviation / 147.8;  // deviation of the sum of four uniform bytes
    for (std::size_t i = 0; i < out.size(); i += 4) {
      const auto words = random::block(key, i / 4);
      for (std::size_t j = 0; j < 4 && i + j < out.size(); ++j) {
        const std::uint32_t w = words[j];
        const int sum =
            static_cast<int>((w & 255u) + (w >> 8 & 255u) + (w >> 16 & 255u) + (w >> 24));
        const double value = colours_[i + j] + scale * (sum - 510) + 0.5;
        out[i + j] = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
      }
    }
  }

  const std::array<Drawing, 10>& drawings_;
  Coverage strokes_;
  std::vector<double> colours_;  // (height, width, channels)
  std::vector<Point> points_;
};

template <Shape S>
Images<S> paint_glyphs(std::size_t count, random::Key key) {
  const auto drawings = glyph_drawings();
  Images<S> images;
  images.pixels.resize(count * S.size());
  images.labels.resize(count);
  parallel_for_ranges(count, 64, [&](std::size_t begin, std::size_t end) {
    GlyphPainter<S> painter(drawings);
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t label = i % drawings.size();
      images.labels[i] = static_cast<std::uint16_t>(label);
      painter.paint(label, key.at_step(i),
                    std::span(images.pixels).subspan(i * S.size(), S.size()));
    }
  });
  return images;
}

}  // namespace detail

/// @return whether glyphs() draws images of a shape: 1 or 3 channels, height and width 12 to 64
[[nodiscard]] constexpr bool is_glyph_shape(Shape shape) {
  const auto fits = [](int side) { return side >= 12 && side <= 64; };
  return (shape.channels == 1 || shape.channels == 3) && fits(shape.height) && fits(shape.width);
}

/// @brief Draws a data set of ten line symbols: nothing to download.
///
/// Each image shows one symbol at random place, size, rotation, distortion, stroke width and
/// colour over a smooth background with clutter strokes and noise. A linear classifier of the
/// pixels stays far below a small convolutional network, and networks differ, so a search has
/// something to find. Mirror images keep their label. Classes are equally frequent, image i has
/// label i mod 10.
/// @tparam S an is_glyph_shape
/// @throws SettingError if fewer than ten images are asked for
/// @complexity about 50 microseconds an image of 32x32 on one core
/// @determinism the same bits for any thread count
template <Shape S = Shape{3, 32, 32}>
[[nodiscard]] Dataset<S, 10> glyphs(const GlyphOptions& options = {}) {
  static_assert(is_glyph_shape(S),
                "glyphs: images have 1 or 3 channels, and a height and width of 12 to 64");
  for (const auto& [name, count] : {std::pair{"train", options.train}, {"test", options.test}}) {
    if (count < 10) {
      throw SettingError(std::string("glyphs: ") + name + " is " + std::to_string(count) +
                         ", but one image of each of the 10 classes is the least");
    }
  }
  const random::Key key{options.seed, random::Purpose::draw, 0};
  Dataset<S, 10> data;
  data.name = "glyphs";
  data.train = detail::paint_glyphs<S>(static_cast<std::size_t>(options.train), key.with(0));
  data.test = detail::paint_glyphs<S>(static_cast<std::size_t>(options.test), key.with(1));
  data.class_names = {"ring",   "cross", "triangle", "square", "arrow",
                      "spiral", "tee",   "curve",    "star",   "bars"};
  return data;
}

}  // namespace tepui::data
