// The example of docs/concepts/dataset.md.
#include "tepui/data/dataset.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

#include "tepui/core/error.hpp"
#include "tepui/core/random.hpp"

namespace {

using Stripes = tepui::data::Dataset<tepui::Shape{1, 8, 8}, 2>;

/// Stripes that lie (label 0) or stand (label 1), under noise.
tepui::data::Images<Stripes::shape> draw_stripes(std::size_t count, tepui::random::Key key) {
  tepui::data::Images<Stripes::shape> images;
  for (std::size_t i = 0; i < count; ++i) {
    tepui::random::Stream stream(key.with(i));
    const auto label = static_cast<std::uint16_t>(i % 2);
    for (unsigned row = 0; row < 8; ++row) {
      for (unsigned column = 0; column < 8; ++column) {
        const bool bright = (label == 0 ? row : column) % 4 < 2;
        const std::uint32_t noise = stream.below(100);
        images.pixels.push_back(static_cast<std::uint8_t>((bright ? 140u : 20u) + noise));
      }
    }
    images.labels.push_back(label);
  }
  return images;
}

Stripes stripes(std::uint64_t seed = 0) {
  const tepui::random::Key key{seed, tepui::random::Purpose::user};
  Stripes data{"stripes", draw_stripes(400, key.with(0)), draw_stripes(100, key.with(1)), {}};
  check(data);  // throws a DataError that says what does not fit
  return data;
}

static_assert(tepui::data::DatasetLike<Stripes>);

TEST(DatasetPage, ExampleHasStripes) {
  const Stripes data = stripes();
  EXPECT_EQ(data.train.size(), 400u);
  EXPECT_EQ(data.test.size(), 100u);
  EXPECT_EQ(data.test.labels[7], 1);
  const auto standing = data.test.image(7);
  for (std::size_t row = 0; row < 8; ++row) {
    EXPECT_GE(standing[row * 8 + 5], 140);
    EXPECT_LT(standing[row * 8 + 6], 120);
  }
  EXPECT_NE(data.train.pixels, stripes(1).train.pixels);
}

TEST(DatasetPage, CheckFindsAMissingImage) {
  Stripes data = stripes();
  data.test.pixels.pop_back();
  EXPECT_THROW(check(data), tepui::DataError);
}

}  // namespace
