#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

/// @file
/// Anti-aliased strokes. Only +, -, *, / and square roots, so that any IEEE 754 machine draws the
/// same pixels; sine and cosine are series of our own.

namespace tepui::data::detail {

struct Point {
  double x = 0;
  double y = 0;
};

/// @return (cos, sin) of an angle in turns
[[nodiscard]] constexpr Point direction(double turns) {
  turns -= static_cast<double>(static_cast<long long>(turns));
  if (turns < 0) turns += 1;
  const int quadrant = static_cast<int>(turns * 4 + 0.5);
  const double a = (turns - quadrant * 0.25) * 6.283185307179586;  // in [-pi/4, pi/4]
  const double s = a * a;
  const double sine =
      a * (1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72 * (1 - s / 110 * (1 - s / 156))))));
  const double cosine =
      1 - s / 2 * (1 - s / 12 * (1 - s / 30 * (1 - s / 56 * (1 - s / 90 * (1 - s / 132)))));
  switch (quadrant % 4) {
    case 0:
      return {cosine, sine};
    case 1:
      return {-sine, cosine};
    case 2:
      return {-cosine, -sine};
    default:
      return {sine, -cosine};
  }
}

/// @brief How much of each pixel a set of round strokes covers, in [0, 1].
class Coverage {
 public:
  Coverage(int height, int width)
      : height_(height),
        width_(width),
        values_(static_cast<std::size_t>(height) * static_cast<std::size_t>(width)) {}

  void clear() { std::fill(values_.begin(), values_.end(), 0.0); }

  /// Adds the segment from a to b; units are pixels, pixel (0, 0) has its centre at (0.5, 0.5).
  void add(Point a, Point b, double half_width) {
    const double reach = half_width + 0.5;
    const int top = first(std::min(a.y, b.y) - reach, height_);
    const int bottom = first(std::max(a.y, b.y) + reach + 1, height_);
    const int left = first(std::min(a.x, b.x) - reach, width_);
    const int right = first(std::max(a.x, b.x) + reach + 1, width_);
    const Point along{b.x - a.x, b.y - a.y};
    const double length = along.x * along.x + along.y * along.y;
    const double scale = length > 0 ? 1 / length : 0;
    for (int y = top; y < bottom; ++y) {
      double* row = values_.data() + static_cast<std::ptrdiff_t>(y) * width_;
      for (int x = left; x < right; ++x) {
        const Point p{x + 0.5 - a.x, y + 0.5 - a.y};
        const double t = std::clamp((p.x * along.x + p.y * along.y) * scale, 0.0, 1.0);
        const Point d{p.x - t * along.x, p.y - t * along.y};
        const double squared = d.x * d.x + d.y * d.y;
        if (squared >= reach * reach) continue;
        row[x] = std::max(row[x], std::min(1.0, reach - std::sqrt(squared)));
      }
    }
  }

  void add(std::span<const Point> line, double half_width) {
    for (std::size_t i = 1; i < line.size(); ++i) add(line[i - 1], line[i], half_width);
  }

  [[nodiscard]] std::span<const double> values() const { return values_; }

 private:
  static int first(double v, int most) {
    return v <= 0 ? 0 : v >= most ? most : static_cast<int>(v);
  }
  int height_;
  int width_;
  std::vector<double> values_;  // (height, width)
};

/// A drawing in [-1, 1] x [-1, 1], as lines through points.
using Drawing = std::vector<std::vector<Point>>;

inline void append_arc(std::vector<Point>& line, Point centre, double radius_begin,
                       double radius_end, double turn_begin, double turn_end, int steps) {
  for (int i = 0; i <= steps; ++i) {
    const double t = static_cast<double>(i) / steps;
    const double radius = radius_begin + (radius_end - radius_begin) * t;
    const Point d = direction(turn_begin + (turn_end - turn_begin) * t);
    line.push_back({centre.x + radius * d.x, centre.y + radius * d.y});
  }
}

/// The ten symbols, in the order of their labels.
[[nodiscard]] inline std::array<Drawing, 10> glyph_drawings() {
  std::vector<Point> ring;
  append_arc(ring, {0, 0}, 0.9, 0.9, 0, 1, 20);
  std::vector<Point> triangle;
  append_arc(triangle, {0, 0}, 1, 1, 0.25, 1.25, 3);
  std::vector<Point> spiral;
  append_arc(spiral, {0, 0}, 0.95, 0.12, 0, 1.75, 28);
  std::vector<Point> curve;
  append_arc(curve, {0, 0.48}, 0.48, 0.48, 0.05, 0.75, 12);
  append_arc(curve, {0, -0.48}, 0.48, 0.48, 0.25, -0.45, 12);
  std::vector<Point> star;
  append_arc(star, {0, 0}, 1, 1, 0.25, 2.25, 5);
  return {{
      {ring},
      {{{-0.95, 0}, {0.95, 0}}, {{0, -0.95}, {0, 0.95}}},
      {triangle},
      {{{-0.75, -0.75}, {0.75, -0.75}, {0.75, 0.75}, {-0.75, 0.75}, {-0.75, -0.75}}},
      {{{0, -0.95}, {0, 0.95}}, {{-0.6, 0.3}, {0, 0.95}, {0.6, 0.3}}},
      {spiral},
      {{{-0.8, 0.85}, {0.8, 0.85}}, {{0, 0.85}, {0, -0.95}}},
      {curve},
      {star},
      {{{-0.45, -0.9}, {-0.45, 0.9}}, {{0.45, -0.9}, {0.45, 0.9}}},
  }};
}

}  // namespace tepui::data::detail
