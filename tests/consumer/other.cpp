#include "other.hpp"

#include <numeric>

#include "tepui/data/glyphs.hpp"

std::uint64_t pixel_sum(int count) {
  const auto data = tepui::data::glyphs<tepui::Shape{1, 16, 16}>({.train = count, .test = 10});
  const auto& pixels = data.train.pixels;
  return std::accumulate(pixels.begin(), pixels.end(), std::uint64_t{0});
}
