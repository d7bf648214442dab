#include "tepui/search/hypervolume.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tepui/core/random.hpp"

namespace {

using namespace tepui::search;
using Set = std::vector<std::vector<double>>;
using Point = std::vector<double>;

TEST(Hypervolume, WorkedExample) {
  const Set points = {{9, 4.8}, {8, 5}, {10, 4}, {12, 3.5}, {11, 4.5}, {8, 6}};
  const Point reference = {1.01 * 12, 1.01 * 6};
  EXPECT_NEAR(hypervolume(points, reference), 6.7472, 1e-10);
  EXPECT_NEAR(normalised_hypervolume(points, reference), 0.0918646, 5e-8);
  const Set front(points.begin(), points.begin() + 4);
  EXPECT_DOUBLE_EQ(hypervolume(front, reference), hypervolume(points, reference));
}

TEST(Hypervolume, OnlyPointsInsideTheReferenceCount) {
  const Point reference = {2, 2};
  EXPECT_EQ(hypervolume(Set{}, reference), 0);
  EXPECT_EQ(hypervolume(Set{{2, 0}, {0, 2}, {3, -5}}, reference), 0);
  EXPECT_EQ(hypervolume(Set{{1, 1}, {3, -5}}, reference), 1);
  EXPECT_EQ(hypervolume(Set{{1, 1}, {1, 1}}, reference), 1);
}

TEST(Hypervolume, Maximising) {
  EXPECT_EQ(hypervolume(Set{{3, 1}, {1, 2}}, Point{0, 0}, Direction::maximise), 3 + 1);
}

TEST(Hypervolume, OneAndThreeAndFourObjectives) {
  EXPECT_EQ(hypervolume(Set{{3}, {1}, {2}}, Point{5}), 4);
  // Boxes 1x2x3 and 2x1x1 share 1x1x1.
  EXPECT_EQ(hypervolume(Set{{-1, -2, -3}, {-2, -1, -1}}, Point{0, 0, 0}), 6 + 2 - 1);
  // Boxes of volume 8, 8 and 16 with pairwise overlaps 4, 4, 4 and 2 for all three.
  const Set boxes = {{-2, -2, -2, -1}, {-1, -2, -2, -2}, {-2, -1, -2, -4}};
  const double pairs = 1 * 2 * 2 * 1 + 2 * 1 * 2 * 1 + 1 * 1 * 2 * 2;
  EXPECT_EQ(hypervolume(boxes, Point{0, 0, 0, 0}), 8 + 8 + 16 - pairs + 1 * 1 * 2 * 1);
}

TEST(Hypervolume, AgreesWithCountingCells) {
  // Random corner points on an integer grid: the volume is the number of unit cells covered.
  tepui::random::Stream stream{tepui::random::Key{5}};
  for (int round = 0; round < 20; ++round) {
    Set points;
    for (int i = 0; i < 8; ++i) {
      points.push_back({static_cast<double>(stream.below(6)), static_cast<double>(stream.below(6)),
                        static_cast<double>(stream.below(6))});
    }
    int cells = 0;
    for (int x = 0; x < 6; ++x) {
      for (int y = 0; y < 6; ++y) {
        for (int z = 0; z < 6; ++z) {
          for (const auto& p : points) {
            if (p[0] <= x && p[1] <= y && p[2] <= z) {
              ++cells;
              break;
            }
          }
        }
      }
    }
    EXPECT_EQ(hypervolume(points, Point{6, 6, 6}), cells);
  }
}

TEST(Hypervolume, Misuse) {
  EXPECT_THROW((void)hypervolume(Set{{1, 2}}, Point{1}), tepui::SettingError);
  EXPECT_THROW((void)hypervolume(Set{}, Point{}), tepui::SettingError);
  EXPECT_THROW((void)normalised_hypervolume(Set{{1, 1}}, Point{2, 0}), tepui::SettingError);
}

}  // namespace
