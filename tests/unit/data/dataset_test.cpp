#include "tepui/data/dataset.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tepui/core/error.hpp"

namespace {

using namespace tepui;
using namespace tepui::data;

using Data = Dataset<Shape{1, 1, 2}, 3>;

std::string problem(const Data& data) {
  try {
    check(data);
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

TEST(CheckDataset, AcceptsWhatBelongsTogetherAndNamesWhatDoesNot) {
  const Data good{"toy", {{1, 2, 3, 4}, {0, 2}}, {{5, 6}, {1}}, {}};
  EXPECT_EQ(problem(good), "");
  Data bad = good;
  bad.train.labels[1] = 3;
  EXPECT_NE(problem(bad).find("toy, training images: image 1 has label 3"), std::string::npos);
  bad = good;
  bad.test.pixels.push_back(0);
  EXPECT_NE(problem(bad).find("toy, test images: 1 labels need 2 pixel values of shape 1x1x2, but "
                              "there are 3"),
            std::string::npos);
  bad = good;
  bad.test = {};
  EXPECT_NE(problem(bad).find("toy, test images: there are no images"), std::string::npos);
}

TEST(Images, GivesOneImage) {
  const Images<Shape{2, 1, 2}> images{{1, 2, 3, 4, 5, 6, 7, 8}, {0, 1}};
  ASSERT_EQ(images.image(1).size(), 4u);
  EXPECT_EQ(images.image(1)[0], 5);
}

}  // namespace
