#include "tepui/data/normalize.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tepui/core/error.hpp"

namespace {

using namespace tepui;
using namespace tepui::data;

TEST(Measure, MeanAndDeviationOfEachChannel) {
  // Channel 0 has the values 0, 51, 102, 255: mean 102, deviation sqrt(9103.5).
  const Images<Shape{2, 1, 2}> images{{0, 7, 51, 7, 102, 7, 255, 7}, {0, 1}};
  const auto n = measure(images);
  EXPECT_DOUBLE_EQ(n.mean[0], 0.4);
  EXPECT_NEAR(n.deviation[0], 95.412263 / 255, 1e-8);
  EXPECT_DOUBLE_EQ(n.mean[1], 7.0 / 255);
  EXPECT_EQ(n.deviation[1], 1.0);  // a constant channel
}

TEST(Measure, NoImagesIsAnError) {
  EXPECT_THROW((void)measure(Images<Shape{1, 2, 2}>{}), DataError);
}

TEST(PixelTable, IsPixelMinusMeanOverDeviation) {
  const PixelTable<double, 2> table({{0.2, 0.5}, {0.1, 0.25}});
  EXPECT_DOUBLE_EQ(table(0, 255), 8.0);
  EXPECT_DOUBLE_EQ(table(0, 0), -2.0);
  EXPECT_DOUBLE_EQ(table(1, 51), -1.2);
}

TEST(PixelTable, RefusesDeviationsThatCannotBe) {
  using Table = PixelTable<float, 1>;
  EXPECT_THROW(Table({{0.5}, {0.0}}), SettingError);
  EXPECT_THROW(Table({{0.5}, {-1.0}}), SettingError);
  EXPECT_THROW(Table({{std::numeric_limits<double>::quiet_NaN()}, {1.0}}), SettingError);
}

TEST(Presets, PublishedConstants) {
  EXPECT_NEAR(normalization::cifar10().mean[0], 0.4914, 5e-5);
  EXPECT_NEAR(normalization::cifar10().deviation[2], 0.2616, 5e-5);
  EXPECT_NEAR(normalization::cifar100().mean[1], 0.4867, 5e-5);
  EXPECT_NEAR(normalization::imagenet16_120().mean[0], 0.4811, 5e-5);
  EXPECT_NEAR(normalization::cifar10_darts().deviation[0], 0.2470, 5e-5);
  EXPECT_NEAR(normalization::cifar100_pdarts().deviation[2], 0.2761, 5e-5);
  EXPECT_EQ((PixelTable<float, 3>(normalization::none<3>())(1, 255)), 1.0f);
}

}  // namespace
