#include "tepui/data/loader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "tepui/core/error.hpp"

namespace {

using namespace tepui;
using namespace tepui::data;

constexpr Shape small{1, 2, 3};

/// Image i has the pixels 6 i, 6 i + 1, ..., 6 i + 5 and the label i % 3.
Images<small> counting(std::size_t count) {
  Images<small> images;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t p = 0; p < 6; ++p) {
      images.pixels.push_back(static_cast<std::uint8_t>(6 * i + p));
    }
    images.labels.push_back(static_cast<std::uint16_t>(i % 3));
  }
  return images;
}

/// A network sees the pixel value itself.
const Normalization<1> raw{{0.0}, {1.0 / 255}};

template <class T, Shape S>
std::vector<std::vector<T>> epoch_of(Loader<T, S>& loader, std::uint64_t epoch) {
  std::vector<std::vector<T>> samples;
  loader.start_epoch(epoch);
  while (const auto batch = loader.next()) {
    for (int i = 0; i < batch.size; ++i) {
      const T* begin = batch.images + static_cast<std::size_t>(i) * S.size();
      samples.emplace_back(begin, begin + S.size());
    }
  }
  return samples;
}

class LoaderAhead : public testing::TestWithParam<bool> {};

TEST_P(LoaderAhead, FixedOrderServesEverySampleOnceAndTheLastBatchIsSmall) {
  const auto images = counting(7);
  auto options = LoaderOptions::evaluation(3);
  options.ahead = GetParam();
  Loader<float, small> loader(images, raw, options, 0);
  EXPECT_EQ(loader.epoch_batches(), 3u);
  loader.start_epoch(0);
  std::vector<int> sizes;
  std::vector<float> seen;
  std::vector<int> labels;
  while (const auto batch = loader.next()) {
    sizes.push_back(batch.size);
    seen.insert(seen.end(), batch.images, batch.images + 6 * batch.size);
    labels.insert(labels.end(), batch.labels, batch.labels + batch.size);
  }
  EXPECT_EQ(sizes, (std::vector<int>{3, 3, 1}));
  EXPECT_EQ(labels, (std::vector<int>{0, 1, 2, 0, 1, 2, 0}));
  ASSERT_EQ(seen.size(), 42u);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_FLOAT_EQ(seen[i], static_cast<float>(i));
  EXPECT_FALSE(loader.next());
}

TEST_P(LoaderAhead, DropLastServesFullBatchesOnly) {
  const auto images = counting(7);
  Loader<float, small> loader(images, raw, {.batch = 3, .drop_last = true, .ahead = GetParam()}, 0);
  EXPECT_EQ(loader.epoch_batches(), 2u);
  loader.start_epoch(0);
  int samples = 0;
  while (const auto batch = loader.next()) {
    EXPECT_EQ(batch.size, 3);
    samples += batch.size;
  }
  EXPECT_EQ(samples, 6);
}

TEST_P(LoaderAhead, ShufflesDifferentlyEachEpochAndRepeatsAnEpochExactly) {
  const auto images = counting(40);
  Loader<float, small> loader(images, raw, {.batch = 8, .ahead = GetParam()}, 5);
  const auto first = epoch_of(loader, 0);
  const auto second = epoch_of(loader, 1);
  EXPECT_NE(first, second);
  EXPECT_EQ(epoch_of(loader, 0), first);
  auto sorted = second;
  std::sort(sorted.begin(), sorted.end());
  ASSERT_EQ(sorted.size(), 40u);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_FLOAT_EQ(sorted[i][0], static_cast<float>(6 * i));
  }
}

TEST_P(LoaderAhead, ReportsIndicesOfTheServedSamples) {
  const auto images = counting(20);
  Loader<double, small> loader(images, {3, 5, 7, 9, 11}, raw, {.batch = 2, .ahead = GetParam()}, 9);
  loader.start_epoch(2);
  std::vector<std::uint32_t> seen;
  while (const auto batch = loader.next()) {
    for (int i = 0; i < batch.size; ++i) {
      seen.push_back(batch.indices[i]);
      EXPECT_DOUBLE_EQ(batch.images[6 * i], 6.0 * batch.indices[i]);
      EXPECT_EQ(batch.labels[i], batch.indices[i] % 3);
    }
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, (std::vector<std::uint32_t>{3, 5, 7, 9, 11}));
}

TEST_P(LoaderAhead, AnEpochCanBeLeftInTheMiddle) {
  const auto images = counting(40);
  Loader<float, small> loader(images, raw, {.batch = 4, .ahead = GetParam()}, 5);
  const auto whole = epoch_of(loader, 3);
  for (int repeat = 0; repeat < 20; ++repeat) {
    loader.start_epoch(7);
    ASSERT_TRUE(loader.next());
    ASSERT_TRUE(loader.next());
  }
  EXPECT_EQ(epoch_of(loader, 3), whole);
  loader.start_epoch(4);
  ASSERT_TRUE(loader.next());  // and destroyed while the next batch is under way
}

INSTANTIATE_TEST_SUITE_P(Threads, LoaderAhead, testing::Bool());

TEST(Loader, AugmentationDependsNeitherOnThreadsNorOnBatchSize) {
  const auto images = counting(40);
  const Augment change{1, true, 1};
  Loader<float, small> one(images, raw, {.batch = 40, .augment = change, .ahead = false}, 3);
  Loader<float, small> two(images, raw, {.batch = 7, .augment = change, .ahead = true}, 3);
  const auto expected = epoch_of(one, 6);
  EXPECT_EQ(epoch_of(two, 6), expected);
  EXPECT_NE(epoch_of(two, 7), expected);
  Loader<float, small> other_seed(images, raw, {.batch = 40, .augment = change}, 4);
  EXPECT_NE(epoch_of(other_seed, 6), expected);
}

TEST(Loader, NothingIsServedBeforeAnEpochStarts) {
  const auto images = counting(4);
  Loader<float, small> loader(images, raw, {.batch = 2}, 0);
  EXPECT_FALSE(loader.next());
}

TEST(Loader, PreparesSamplesByPlaceWithoutAugmentation) {
  const auto images = counting(10);
  Loader<float, small> loader(images, {8, 2, 4}, raw,
                              {.batch = 2, .augment = {1, true, 2}, .ahead = false}, 0);
  std::array<float, 12> out{};
  std::array<std::uint16_t, 2> labels{};
  loader.prepare(1, 2, out.data(), labels.data());
  for (std::size_t p = 0; p < 6; ++p) {
    EXPECT_FLOAT_EQ(out[p], static_cast<float>(12 + p));
    EXPECT_FLOAT_EQ(out[6 + p], static_cast<float>(24 + p));
  }
  EXPECT_EQ(labels, (std::array<std::uint16_t, 2>{2, 1}));
  EXPECT_THROW(loader.prepare(2, 2, out.data()), SettingError);
  EXPECT_THROW(loader.prepare(std::numeric_limits<std::size_t>::max(), 2, out.data()),
               SettingError);
}

TEST(Loader, FillsNeighbouringSamples) {
  const auto images = counting(5);
  const PixelTable<double, 1> table(raw);
  std::array<double, 12> out{};
  std::array<std::uint16_t, 2> labels{};
  fill_batch(images, std::size_t{3}, std::size_t{2}, table, out.data(), labels.data());
  for (std::size_t p = 0; p < 12; ++p) EXPECT_DOUBLE_EQ(out[p], static_cast<double>(18 + p));
  EXPECT_EQ(labels, (std::array<std::uint16_t, 2>{0, 1}));
}

std::string message_of(const Images<small>& images, const LoaderOptions& options) {
  try {
    Loader<float, small> loader(images, raw, options, 0);
  } catch (const SettingError& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(Loader, RefusesSettingsThatCannotBe) {
  const auto images = counting(10);
  EXPECT_NE(message_of(images, {.batch = 11}).find("1 to the 10 samples"), std::string::npos);
  EXPECT_NE(message_of(images, {.batch = 0}).find("batch is 0"), std::string::npos);
  EXPECT_NE(message_of(images, {.batch = 2, .augment = {3, false, 0}}).find("crop_padding is 3"),
            std::string::npos);
  EXPECT_THROW((Loader<float, small>(images, {1, 10}, raw, {.batch = 1}, 0)), SettingError);
  EXPECT_THROW((Loader<float, small>(images, {{0.0}, {0.0}}, {.batch = 1}, 0)), SettingError);
}

TEST(Ahead, PassesOnWhatTheProducerThrowsAndGoesOnAfterwards) {
  data::detail::Ahead<int> ahead(0, [](std::size_t n, int& slot) {
    if (n == 2) throw std::runtime_error("item 2");
    slot = static_cast<int>(10 * n);
  });
  EXPECT_EQ(ahead.take(0, 9), 0);
  EXPECT_EQ(ahead.take(1, 9), 10);
  EXPECT_THROW(ahead.take(2, 9), std::runtime_error);
  EXPECT_EQ(ahead.take(3, 9), 30);
  ahead.cancel();
  EXPECT_EQ(ahead.take(0, 9), 0);
}

TEST(Ahead, TheLastItemHandedOutStaysWhileTheNextIsMade) {
  data::detail::Ahead<std::vector<int>> ahead(
      {}, [](std::size_t n, std::vector<int>& slot) { slot.assign(1000, static_cast<int>(n)); });
  for (std::size_t n = 0; n < 200; ++n) {
    const auto& items = ahead.take(n, 200);
    EXPECT_EQ(std::count(items.begin(), items.end(), static_cast<int>(n)), 1000);
  }
}

}  // namespace
