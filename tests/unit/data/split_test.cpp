#include "tepui/data/split.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tepui/core/error.hpp"

namespace {

using namespace tepui;
using namespace tepui::data;

constexpr Shape dot{1, 1, 2};
constexpr random::Key key{3};

/// Image i has the pixels (2 i, 2 i + 1).
Images<dot> labelled(std::vector<std::uint16_t> labels) {
  Images<dot> images;
  images.labels = std::move(labels);
  for (std::size_t i = 0; i < 2 * images.labels.size(); ++i) {
    images.pixels.push_back(static_cast<std::uint8_t>(i));
  }
  return images;
}

std::vector<std::uint16_t> cycle(std::size_t count, std::size_t classes) {
  std::vector<std::uint16_t> labels(count);
  for (std::size_t i = 0; i < count; ++i) labels[i] = static_cast<std::uint16_t>(i % classes);
  return labels;
}

void expect_partition(const Split& split, std::size_t count) {
  EXPECT_TRUE(std::is_sorted(split.first.begin(), split.first.end()));
  EXPECT_TRUE(std::is_sorted(split.second.begin(), split.second.end()));
  std::set<std::uint32_t> all(split.first.begin(), split.first.end());
  all.insert(split.second.begin(), split.second.end());
  EXPECT_EQ(all.size(), count);
  EXPECT_EQ(split.first.size() + split.second.size(), count);
  EXPECT_EQ(*all.rbegin(), count - 1);
}

TEST(SplitImages, IsAPartitionFixedByTheKey) {
  const auto images = labelled(cycle(100, 10));
  const auto split = data::split(images, 30, key);
  EXPECT_EQ(split.first.size(), 30u);
  expect_partition(split, 100);
  EXPECT_EQ(data::split(images, 30, key).first, split.first);
  EXPECT_NE(data::split(images, 30, random::Key{4}).first, split.first);
  EXPECT_EQ(data::split(images, 0.3, key).first, split.first);
  EXPECT_EQ(data::split(images, 0.304f, key).first, split.first);
}

TEST(SplitImages, PerClassKeepsProportionsExactly) {
  const auto images = labelled(cycle(100, 10));
  const auto split = data::split(images, 0.3, key, Balance::per_class);
  expect_partition(split, 100);
  EXPECT_EQ(class_counts(subset(images, split.first)), std::vector<std::size_t>(10, 3));
  EXPECT_EQ(class_counts(subset(images, split.second)), std::vector<std::size_t>(10, 7));
}

TEST(SplitImages, PerClassGivesLeftOverPlacesToTheLargestRemainders) {
  // 5, 4 and 1 images, half of ten wanted: shares 2.5, 2, 0.5; the place left goes to class 0.
  const auto images = labelled({0, 0, 0, 0, 0, 1, 1, 1, 1, 2});
  const auto split = data::split(images, 5, key, Balance::per_class);
  expect_partition(split, 10);
  EXPECT_EQ(class_counts(subset(images, split.first), 3), (std::vector<std::size_t>{3, 2, 0}));
}

TEST(SplitImages, BothPartsNeedAnImage) {
  const auto images = labelled(cycle(10, 2));
  EXPECT_THROW((void)data::split(images, 0, key), SettingError);
  EXPECT_THROW((void)data::split(images, 10, key), SettingError);
  EXPECT_THROW((void)data::split(images, -1, key), SettingError);
  EXPECT_THROW((void)data::split(images, 0.01, key), SettingError);
  EXPECT_THROW((void)data::split(images, 1.0, key), SettingError);
  EXPECT_THROW((void)data::split(images, 1.5, key), SettingError);
  EXPECT_THROW((void)data::split(Images<dot>{}, 0.5, key), SettingError);
}

TEST(Subset, CopiesPixelsAndLabelsInTheGivenOrder) {
  const auto images = labelled({5, 6, 7});
  const auto part = subset(images, Indices{2, 0});
  EXPECT_EQ(part.pixels, (std::vector<std::uint8_t>{4, 5, 0, 1}));
  EXPECT_EQ(part.labels, (std::vector<std::uint16_t>{7, 5}));
  EXPECT_THROW((void)subset(images, Indices{3}), SettingError);
}

TEST(TakeFirst, CopiesTheBeginning) {
  const auto images = labelled({5, 6, 7});
  EXPECT_EQ(take_first(images, 2).labels, (std::vector<std::uint16_t>{5, 6}));
  EXPECT_THROW((void)take_first(images, 4), SettingError);
}

TEST(LimitPerClass, KeepsTheFirstOfEachClassInOrder) {
  const auto images = labelled({1, 1, 0, 1, 0, 2, 0});
  EXPECT_EQ(first_per_class(images, 2), (Indices{0, 1, 2, 4, 5}));
  EXPECT_EQ(limit_per_class(images, 1).labels, (std::vector<std::uint16_t>{1, 0, 2}));
  EXPECT_EQ(limit_per_class(images, 9).labels, images.labels);
}

}  // namespace
