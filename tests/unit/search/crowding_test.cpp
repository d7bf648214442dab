#include "tepui/search/crowding.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace {

using namespace tepui::search;
using Set = std::vector<std::vector<double>>;
constexpr double infinity = std::numeric_limits<double>::infinity();

const Set front = {{9, 4.8}, {8, 5}, {10, 4}, {12, 3.5}};

TEST(Crowding, WorkedExample) {
  const auto deb = crowding_distance(front);
  EXPECT_NEAR(deb[0], 1.166667, 5e-7);
  EXPECT_EQ(deb[1], infinity);
  EXPECT_NEAR(deb[2], 1.616667, 5e-7);
  EXPECT_EQ(deb[3], infinity);
  const auto halved = crowding_distance(front, CrowdingForm::halved);
  EXPECT_NEAR(halved[0], 0.583333, 5e-7);
  EXPECT_EQ(halved[1], infinity);
  EXPECT_NEAR(halved[2], 0.808333, 5e-7);
  EXPECT_EQ(halved[3], infinity);
}

TEST(Crowding, SmallFrontsAreAllExtreme) {
  EXPECT_TRUE(crowding_distance(Set{}).empty());
  EXPECT_EQ(crowding_distance(Set{{1, 2}}), (std::vector<double>{infinity}));
  EXPECT_EQ(crowding_distance(Set{{1, 2}, {2, 1}}), (std::vector<double>{infinity, infinity}));
}

TEST(Crowding, AnObjectiveWithoutRangeCountsNothing) {
  const auto d = crowding_distance(Set{{0, 7}, {1, 7}, {4, 7}});
  EXPECT_EQ(d, (std::vector<double>{infinity, 1.0, infinity}));
  EXPECT_EQ(crowding_distance(Set{{7}, {7}, {7}}), (std::vector<double>{0, 0, 0}));
}

TEST(Crowding, PointsWithoutValuesAreNotLonely) {
  EXPECT_EQ(crowding_distance(Set{{}, {}, {}}, CrowdingForm::halved),
            (std::vector<double>{0, 0, 0}));
}

}  // namespace
