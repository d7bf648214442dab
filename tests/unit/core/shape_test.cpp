#include "tepui/core/shape.hpp"

#include <gtest/gtest.h>

namespace {

using tepui::Shape;

template <Shape S>
struct Tagged {
  static constexpr Shape shape = S;
};

TEST(Shape, CountsPixelsAndElements) {
  constexpr Shape s{3, 32, 16};
  static_assert(s.pixels() == 512);
  static_assert(s.size() == 1536);
  EXPECT_EQ((Shape{10}.size()), 10u);  // a vector is one pixel
  EXPECT_EQ((Shape{10}.pixels()), 1);
}

TEST(Shape, SizesBeyondIntDoNotWrap) { EXPECT_EQ((Shape{65536, 256, 256}.size()), 4294967296u); }

TEST(Shape, IsATemplateArgument) {
  static_assert(Tagged<Shape{1, 2, 3}>::shape == Shape{1, 2, 3});
  static_assert(!(Shape{1, 2, 3} == Shape{1, 3, 2}));
}

TEST(Shape, TextIsChannelsHeightWidth) { EXPECT_EQ(to_string(Shape{3, 32, 16}), "3x32x16"); }

}  // namespace
