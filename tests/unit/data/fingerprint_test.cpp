#include "tepui/data/fingerprint.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

namespace {

using namespace tepui;
using namespace tepui::data;

std::uint64_t fnv(const std::string& text) {
  Fnv1a hash;
  for (const char c : text) hash.add(static_cast<std::uint8_t>(c));
  return hash.value();
}

TEST(Fnv1a, PublishedValues) {
  EXPECT_EQ(fnv(""), 0xcbf29ce484222325ull);
  EXPECT_EQ(fnv("a"), 0xaf63dc4c8601ec8cull);
  EXPECT_EQ(fnv("foobar"), 0x85944171f73967e8ull);
}

TEST(HexText, HasSixteenDigits) {
  EXPECT_EQ(hex_text(0), "0000000000000000");
  EXPECT_EQ(hex_text(0x0123456789abcdefull), "0123456789abcdef");
}

TEST(Fingerprint, SeesPixelsLabelsShapeAndWhichSetButNotNames) {
  using Data = Dataset<Shape{1, 1, 2}, 3>;
  const Data data{"a", {{1, 2, 3, 4}, {0, 1}}, {{5, 6}, {2}}, {}};
  const std::string print = fingerprint(data);
  EXPECT_EQ(print.size(), 16u);
  Data other = data;
  other.name = "b";
  other.class_names = {"x", "y", "z"};
  EXPECT_EQ(fingerprint(other), print);
  other.train.pixels[3] = 5;
  EXPECT_NE(fingerprint(other), print);
  other = data;
  other.train.labels[0] = 1;
  EXPECT_NE(fingerprint(other), print);
  other = data;
  std::swap(other.train, other.test);
  EXPECT_NE(fingerprint(other), print);
  const Dataset<Shape{1, 2, 1}, 3> turned{
      "a", {data.train.pixels, data.train.labels}, {data.test.pixels, data.test.labels}, {}};
  EXPECT_NE(fingerprint(turned), print);
  const Dataset<Shape{1, 1, 2}, 4> more_classes{"a", data.train, data.test, {}};
  EXPECT_NE(fingerprint(more_classes), print);
}

}  // namespace
