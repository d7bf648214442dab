#include "tepui/data/glyphs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/data/fingerprint.hpp"
#include "tepui/data/normalize.hpp"
#include "tepui/data/split.hpp"

namespace {

using namespace tepui;
using namespace tepui::data;

TEST(Glyphs, HaveTheSizesAskedForAndEqualClasses) {
  const auto data = glyphs<Shape{1, 16, 16}>({.train = 60, .test = 30});
  EXPECT_EQ(data.train.size(), 60u);
  EXPECT_EQ(data.train.pixels.size(), 60u * 256u);
  EXPECT_EQ(class_counts(data.train), std::vector<std::size_t>(10, 6));
  EXPECT_EQ(class_counts(data.test), std::vector<std::size_t>(10, 3));
  EXPECT_EQ(data.class_names.size(), 10u);
  EXPECT_NO_THROW(check(data));
}

TEST(Glyphs, AreTheSameBitsEverywhere) {
  // Recorded with two compilers, with and without fused multiply-add.
  EXPECT_EQ(fingerprint(glyphs<Shape{1, 12, 12}>({.train = 20, .test = 10})), "6273822351579de2");
  EXPECT_EQ(fingerprint(glyphs<Shape{3, 16, 24}>({.train = 200, .test = 100, .seed = 7})),
            "87bee6d7338bcc44");
}

TEST(Glyphs, DoNotDependOnTheNumberOfThreads) {
  const auto draw = [] { return fingerprint(glyphs({.train = 300, .test = 100})); };
  EXPECT_EQ(ThreadLimit(1).run(draw), ThreadLimit(3).run(draw));
}

TEST(Glyphs, ImagesAreAllDifferentAndSeedsDrawOthers) {
  const auto data = glyphs<Shape{1, 16, 16}>({.train = 500, .test = 500});
  std::vector<std::uint64_t> hashes;
  for (const auto* part : {&data.train, &data.test}) {
    for (std::size_t i = 0; i < part->size(); ++i) {
      Fnv1a hash;
      hash.add_bytes(part->image(i));
      hashes.push_back(hash.value());
    }
  }
  std::sort(hashes.begin(), hashes.end());
  EXPECT_EQ(std::adjacent_find(hashes.begin(), hashes.end()), hashes.end());
  const auto other = glyphs<Shape{1, 16, 16}>({.train = 500, .test = 500, .seed = 1});
  EXPECT_NE(other.train.pixels, data.train.pixels);
  // More images only add to those there are.
  const auto more = glyphs<Shape{1, 16, 16}>({.train = 700, .test = 500});
  EXPECT_EQ(take_first(more.train, 500).pixels, data.train.pixels);
}

TEST(Glyphs, RefuseTooFewImages) {
  EXPECT_THROW((void)glyphs({.train = 9}), SettingError);
  EXPECT_THROW((void)glyphs({.train = 10, .test = -1}), SettingError);
}

TEST(Glyphs, UseTheRangeOfValues) {
  const auto n = measure(glyphs({.train = 500, .test = 10}).train);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_GT(n.mean[c], 0.4);
    EXPECT_LT(n.mean[c], 0.65);
    EXPECT_GT(n.deviation[c], 0.1);
    EXPECT_LT(n.deviation[c], 0.3);
  }
}

/// Softmax regression on the pixels; returns the best test accuracy over the epochs.
template <Shape S>
double linear_accuracy(const Dataset<S, 10>& data, int epochs, float rate) {
  constexpr std::size_t size = S.size();
  const PixelTable<float, S.channels> table(measure(data.train));
  const auto input = [&](const Images<S>& images, std::size_t i, std::vector<float>& x) {
    const auto pixels = images.image(i);
    for (std::size_t p = 0; p < size; ++p) {
      x[p] = table(p % static_cast<std::size_t>(S.channels), pixels[p]);
    }
  };
  std::array<std::vector<float>, 10> weights;
  weights.fill(std::vector<float>(size, 0.0f));
  std::vector<float> x(size);
  const auto scores = [&] {
    std::array<float, 10> s{};
    for (std::size_t k = 0; k < 10; ++k) {
      s[k] = std::inner_product(x.begin(), x.end(), weights[k].begin(), 0.0f);
    }
    return s;
  };
  double best = 0;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const float step = rate / static_cast<float>(1 + epoch);
    for (std::size_t i = 0; i < data.train.size(); ++i) {
      input(data.train, i, x);
      auto p = scores();
      const float top = *std::max_element(p.begin(), p.end());
      float sum = 0;
      for (float& v : p) sum += v = std::exp(v - top);
      for (std::size_t k = 0; k < 10; ++k) {
        const float gradient = p[k] / sum - (data.train.labels[i] == k ? 1.0f : 0.0f);
        for (std::size_t j = 0; j < size; ++j) weights[k][j] -= step * gradient * x[j];
      }
    }
    std::size_t right = 0;
    for (std::size_t i = 0; i < data.test.size(); ++i) {
      input(data.test, i, x);
      const auto s = scores();
      const auto answer = std::max_element(s.begin(), s.end()) - s.begin();
      right += answer == data.test.labels[i] ? 1u : 0u;
    }
    best = std::max(best, static_cast<double>(right) / static_cast<double>(data.test.size()));
  }
  return best;
}

TEST(Glyphs, ALinearModelIsFarFromSolvingThem) {
  const double accuracy = linear_accuracy(glyphs({.train = 2000, .test = 500}), 4, 1e-4f);
  EXPECT_LT(accuracy, 0.40);  // and so below the 60 % that would make them too easy
  EXPECT_GT(accuracy, 0.12);  // but the labels do have to do with the images
}

TEST(Direction, AgreesWithTheMathLibrary) {
  for (int i = -400; i <= 400; ++i) {
    const double turns = i * 0.0117;
    const auto d = data::detail::direction(turns);
    EXPECT_NEAR(d.x, std::cos(turns * 6.283185307179586), 2e-11) << turns;
    EXPECT_NEAR(d.y, std::sin(turns * 6.283185307179586), 2e-11) << turns;
  }
}

TEST(Coverage, IsWidthForAStraightStrokeAndClippedAtTheBorder) {
  data::detail::Coverage coverage(5, 6);
  // A horizontal stroke through the centres of row 2, from x = 1.5 to beyond the right border.
  coverage.add({1.5, 2.5}, {9.0, 2.5}, 1.0);
  const auto at = [&](int y, int x) {
    return coverage.values()[static_cast<std::size_t>(y * 6 + x)];
  };
  EXPECT_EQ(at(2, 3), 1.0);
  EXPECT_EQ(at(1, 3), 0.5);  // centre 1 away, edge of the stroke in the middle of the pixel
  EXPECT_EQ(at(3, 5), 0.5);
  EXPECT_EQ(at(0, 3), 0.0);
  EXPECT_EQ(at(2, 0), 0.5);                            // the round end
  EXPECT_NEAR(at(1, 0), 1.5 - std::sqrt(2.0), 1e-15);  // distance sqrt(2)
  coverage.add({-3, -3}, {-2, -9}, 1.0);               // outside: nothing happens
  coverage.add({4.5, 0.5}, {4.5, 0.5}, 0.5);           // a point
  EXPECT_EQ(at(0, 4), 1.0);
  coverage.clear();
  EXPECT_EQ(at(2, 3), 0.0);
}

}  // namespace
