#include "tepui/data/shrink.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <type_traits>
#include <vector>

namespace {

using namespace tepui;

TEST(Shrink, EachPixelIsTheRoundedMeanOfASquare) {
  // two channels: the second counts down from 100
  data::Images<Shape{2, 2, 4}> images;
  images.labels = {3};
  images.pixels = {0, 100, 1, 99, 10, 98, 20, 97, 2, 96, 3, 95, 30, 94, 43, 93};
  const auto half = data::shrink<2>(images);
  static_assert(std::is_same_v<decltype(half), const data::Images<Shape{2, 1, 2}>>);
  EXPECT_EQ(half.labels, images.labels);
  // (0+1+2+3)/4 = 1.5 -> 2; (100+99+96+95)/4 = 97.5 -> 98; 103/4 = 25.75; 382/4 = 95.5 -> 96
  EXPECT_EQ(half.pixels, (std::vector<std::uint8_t>{2, 98, 26, 96}));
  EXPECT_EQ(data::shrink<1>(images).pixels, images.pixels);
}

TEST(Shrink, AWholeDataSetKeepsNamesAndLabels) {
  data::Dataset<Shape{1, 2, 2}, 2> data;
  data.name = "dots";
  data.class_names = {"dark", "light"};
  data.train.labels = {0, 1};
  data.train.pixels = {0, 0, 0, 0, 255, 255, 255, 255};
  data.test.labels = {1};
  data.test.pixels = {200, 100, 200, 101};
  const auto small = data::shrink<2>(data);
  EXPECT_EQ(small.name, "dots/2");
  EXPECT_EQ(small.class_names, data.class_names);
  EXPECT_EQ(small.train.pixels, (std::vector<std::uint8_t>{0, 255}));
  EXPECT_EQ(small.test.pixels, (std::vector<std::uint8_t>{150}));
  EXPECT_EQ(small.test.labels, data.test.labels);
}

}  // namespace
