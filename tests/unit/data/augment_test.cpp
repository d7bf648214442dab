#include "tepui/data/augment.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"

namespace {

using namespace tepui;
using namespace tepui::data;

constexpr Shape grey{1, 3, 4};
constexpr random::Key key{11, random::Purpose::augment, 2};

/// Pixels 1 to 12; a network sees value - 100, so that black (-100) and a hole (0) differ.
std::vector<double> changed(const AugmentDraw& draw) {
  std::array<std::uint8_t, 12> pixels{};
  for (std::size_t p = 0; p < 12; ++p) pixels[p] = static_cast<std::uint8_t>(p + 1);
  const PixelTable<double, 1> table({{100.0 / 255}, {1.0 / 255}});
  std::vector<double> out(12);
  write_sample<double, grey>(pixels, table, draw, out.data());
  for (double& v : out) v = std::round(v * 1e6) / 1e6;
  return out;
}

TEST(WriteSample, CopiesWhenNothingIsDrawn) {
  EXPECT_EQ(changed({}), (std::vector<double>{-99, -98, -97, -96,  //
                                              -95, -94, -93, -92,  //
                                              -91, -90, -89, -88}));
}

TEST(WriteSample, ShiftsAndFillsWithBlackBeforeNormalisation) {
  EXPECT_EQ(changed({.shift_y = 1, .shift_x = -1}), (std::vector<double>{-100, -95, -94, -93,  //
                                                                         -100, -91, -90, -89,  //
                                                                         -100, -100, -100, -100}));
}

TEST(WriteSample, FlipsLeftToRight) {
  EXPECT_EQ(changed({.flip = true}), (std::vector<double>{-96, -97, -98, -99,  //
                                                          -92, -93, -94, -95,  //
                                                          -88, -89, -90, -91}));
}

TEST(WriteSample, FlipShowsTheCropMirrored) {
  EXPECT_EQ(changed({.shift_x = 1, .flip = true}), (std::vector<double>{-100, -96, -97, -98,  //
                                                                        -100, -92, -93, -94,  //
                                                                        -100, -88, -89, -90}));
}

TEST(WriteSample, HoleIsTheMeanColourAfterNormalisation) {
  EXPECT_EQ(changed({.hole_top = 1, .hole_bottom = 3, .hole_left = 0, .hole_right = 2}),
            (std::vector<double>{-99, -98, -97, -96,  //
                                 0, 0, -93, -92,      //
                                 0, 0, -89, -88}));
}

TEST(WriteSample, KeepsChannelsTogether) {
  constexpr Shape two{2, 1, 3};
  const std::array<std::uint8_t, 6> pixels{1, 10, 2, 20, 3, 30};
  const PixelTable<double, 2> table({{0, 0}, {1.0 / 255, 1.0 / 255}});
  std::array<double, 6> out{};
  write_sample<double, two>(pixels, table, {.shift_x = 1, .flip = true}, out.data());
  const std::array<double, 6> expected{0, 0, 3, 30, 2, 20};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_DOUBLE_EQ(out[i], expected[i]) << i;
}

TEST(DrawAugment, IsAFunctionOfKeyAndPosition) {
  constexpr auto options = augmentation::darts();
  constexpr Shape shape{3, 32, 32};
  EXPECT_EQ(draw_augment(options, shape, key, 5), draw_augment(options, shape, key, 5));
  EXPECT_FALSE(draw_augment(options, shape, key, 5) == draw_augment(options, shape, key, 6));
  EXPECT_EQ(draw_augment(augmentation::none(), shape, key, 5), AugmentDraw{});
}

TEST(DrawAugment, EveryShiftAndFlipIsEquallyLikely) {
  constexpr int draws = 16'200;
  std::map<std::pair<int, int>, int> shifts;
  int flips = 0;
  for (int i = 0; i < draws; ++i) {
    const auto draw =
        draw_augment({4, true, 0}, Shape{3, 32, 32}, key, static_cast<std::uint64_t>(i));
    ++shifts[{draw.shift_y, draw.shift_x}];
    flips += draw.flip ? 1 : 0;
    EXPECT_EQ(draw.hole_top, draw.hole_bottom);
  }
  ASSERT_EQ(shifts.size(), 81u);  // -4 to 4 in both directions, 200 each, deviation 14
  for (const auto& [shift, count] : shifts) {
    EXPECT_LE(std::abs(shift.first), 4);
    EXPECT_LE(std::abs(shift.second), 4);
    EXPECT_NEAR(count, 200, 70) << shift.first << ' ' << shift.second;
  }
  EXPECT_NEAR(flips, draws / 2, 320);  // five deviations
}

TEST(DrawAugment, HoleHasUniformCentreAndIsClipped) {
  constexpr int draws = 6'000;
  std::map<std::pair<int, int>, int> rows;
  std::map<std::pair<int, int>, int> columns;
  for (int i = 0; i < draws; ++i) {
    const auto draw =
        draw_augment({0, false, 2}, Shape{1, 3, 4}, key, static_cast<std::uint64_t>(i));
    ++rows[{draw.hole_top, draw.hole_bottom}];
    ++columns[{draw.hole_left, draw.hole_right}];
  }
  // Centre c covers [c - 1, c + 1) cut to the image: one row for c = 0, two for the others.
  ASSERT_EQ(rows.size(), 3u);
  ASSERT_EQ(columns.size(), 4u);
  for (const auto& part : {std::pair{0, 1}, {0, 2}, {1, 3}}) EXPECT_NEAR(rows[part], 2000, 190);
  for (const auto& part : {std::pair{0, 1}, {0, 2}, {1, 3}, {2, 4}}) {
    EXPECT_NEAR(columns[part], 1500, 170);
  }
}

TEST(Augment, RefusesOptionsOutOfRange) {
  constexpr Shape shape{3, 8, 6};
  EXPECT_NO_THROW(check(Augment{6, true, 20}, shape));
  EXPECT_THROW(check(Augment{7, true, 0}, shape), SettingError);
  EXPECT_THROW(check(Augment{-1, true, 0}, shape), SettingError);
  EXPECT_THROW(check(Augment{0, true, -1}, shape), SettingError);
}

TEST(Augment, Presets) {
  EXPECT_EQ(augmentation::nas_bench_201(), (Augment{4, true, 0}));
  EXPECT_EQ(augmentation::nas_bench_201(16), (Augment{2, true, 0}));
  EXPECT_EQ(augmentation::darts(), (Augment{4, true, 16}));
}

}  // namespace
