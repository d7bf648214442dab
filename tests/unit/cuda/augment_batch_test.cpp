// Batches made by the kernel, on the processor, are those of the loader.
#include "tepui/cuda/augment_batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/data/augment.hpp"
#include "tepui/data/loader.hpp"

namespace {

using namespace tepui;
using namespace tepui::backend::cuda;
using namespace tepui::cuda;
using namespace tepui::data;
using Order = HostBlock::Order;

constexpr std::uint64_t seed = 7;
constexpr std::size_t images_count = 41;
constexpr int batch_size = 6;

template <Shape S>
Images<S> noise_images() {
  random::Stream numbers({seed, random::Purpose::user, 0});
  Images<S> images;
  images.pixels.resize(images_count * S.size());
  for (auto& pixel : images.pixels) pixel = static_cast<std::uint8_t>(numbers.below(256));
  for (std::size_t i = 0; i < images_count; ++i) {
    images.labels.push_back(static_cast<std::uint16_t>(1000 + 3 * i));
  }
  return images;
}

/// Another line of values for each channel.
template <int Channels>
Normalization<Channels> lines() {
  Normalization<Channels> n;
  for (std::size_t c = 0; c < static_cast<std::size_t>(Channels); ++c) {
    n.mean[c] = 0.3 + 0.1 * static_cast<double>(c);
    n.deviation[c] = 0.2 + 0.03 * static_cast<double>(c);
  }
  return n;
}

/// (channels, 256), as the kernel takes it.
template <class T, int Channels>
std::vector<T> values_of(const PixelTable<T, Channels>& table) {
  std::vector<T> values;
  for (std::size_t c = 0; c < static_cast<std::size_t>(Channels); ++c) {
    for (int v = 0; v < 256; ++v) values.push_back(table(c, static_cast<std::uint8_t>(v)));
  }
  return values;
}

template <class E>
bool same_bits(const E* a, const E* b, std::size_t count) {
  return std::memcmp(a, b, count * sizeof(E)) == 0;
}

/// Epochs of 23 of 41 images in batches of 6: the last has 5. One kernel makes every batch of equal
/// size; what changes is in the memory that it reads, as when a recorded graph is replayed.
template <class T, Shape S>
void check_epochs(const Augment& augment, Order thread_order) {
  SCOPED_TRACE(::testing::Message()
               << to_string(S) << ", padding " << augment.crop_padding << ", flip " << augment.flip
               << ", cutout " << augment.cutout << ", element of " << sizeof(T) << " bytes"
               << (thread_order == Order::ascending ? ", ascending" : ", descending"));
  const Images<S> images = noise_images<S>();
  Indices indices;
  for (std::uint32_t i = 0; i < 23; ++i) indices.push_back(40 - i);
  Loader<T, S> loader(images, indices, lines<S.channels>(),
                      {.batch = batch_size, .augment = augment, .ahead = false}, seed);
  const std::vector<T> table = values_of(loader.table());

  constexpr std::size_t room = batch_size * S.size();
  const T untouched = T(-99);
  std::vector<T> out(room);
  std::vector<std::uint16_t> out_labels(batch_size);
  std::vector<std::uint32_t> order(indices.size());
  BatchPlace place;
  AugmentBatch<T> kernel{.augment = augment,
                         .shape = S,
                         .place = &place,
                         .order = order.data(),
                         .pixels = images.pixels.data(),
                         .labels = images.labels.data(),
                         .table = table.data(),
                         .out = out.data(),
                         .out_labels = out_labels.data()};
  for (const std::uint64_t epoch : {0u, 1u, 5u}) {
    loader.start_epoch(epoch);
    place = {{seed, random::Purpose::augment, epoch}, 0};
    while (const auto batch = loader.next()) {
      const auto size = static_cast<std::size_t>(batch.size);
      std::copy_n(batch.indices, size, order.data() + place.first);
      std::fill(out.begin(), out.end(), untouched);
      std::fill(out_labels.begin(), out_labels.end(), std::uint16_t{9});
      kernel.batch = batch.size;
      run_on_host(kernel, kernel.grid(), thread_order);
      const std::size_t written = size * S.size();
      EXPECT_TRUE(same_bits(out.data(), batch.images, written))
          << "epoch " << epoch << ", batch at " << place.first;
      EXPECT_TRUE(same_bits(out_labels.data(), batch.labels, size));
      EXPECT_EQ(std::count(out.begin(), out.end(), untouched),
                static_cast<std::ptrdiff_t>(room - written));
      EXPECT_EQ(std::count(out_labels.begin(), out_labels.end(), 9),
                static_cast<std::ptrdiff_t>(batch_size) - batch.size);
      place.first += size;
    }
    EXPECT_EQ(place.first, indices.size());
  }
}

template <class T, Shape S>
void check_options() {
  for (const Order order : {Order::ascending, Order::descending}) {
    check_epochs<T, S>({}, order);
    check_epochs<T, S>({.crop_padding = 2, .flip = true}, order);
    check_epochs<T, S>({.crop_padding = 1, .flip = true, .cutout = 4}, order);
    check_epochs<T, S>({.cutout = 3}, order);
  }
}

TEST(CudaAugmentBatch, MakesTheLoadersBatchesOfGreyImages) {
  check_options<float, Shape{1, 5, 7}>();
  check_options<double, Shape{1, 7, 4}>();
}

TEST(CudaAugmentBatch, MakesTheLoadersBatchesOfColourImages) {
  check_options<float, Shape{3, 9, 5}>();
  check_options<double, Shape{3, 8, 8}>();
}

TEST(CudaAugmentBatch, TakesSeveralBlocksForALargeImage) {
  static_assert(Shape{3, 19, 23}.size() > 1024);
  check_options<float, Shape{3, 19, 23}>();
}

// Memory that is not touched costs nothing, so that a data set of 2 GiB can stand here.
TEST(CudaAugmentBatch, FindsImagesBehindTwoToThePowerOf31) {
  constexpr Shape shape{1, 64, 64};
  constexpr std::size_t count = (std::size_t{1} << 31) / shape.size() + 1;
  const auto release = [](std::uint8_t* p) { std::free(p); };
  const std::unique_ptr<std::uint8_t, decltype(release)> pixels(
      static_cast<std::uint8_t*>(std::calloc(count, shape.size())), release);
  if (pixels == nullptr) GTEST_SKIP() << "no room for 2 GiB of addresses";
  std::fill_n(pixels.get() + (count - 1) * shape.size(), shape.size(), std::uint8_t{200});
  const std::vector<float> table = values_of(PixelTable<float, 1>({{0.0}, {1.0 / 255}}));
  const std::vector<std::uint16_t> labels(count, 3);
  const std::vector<std::uint32_t> order{static_cast<std::uint32_t>(count - 1)};
  const BatchPlace place;
  std::vector<float> out(shape.size());
  std::uint16_t label = 0;
  const AugmentBatch<float> kernel{.shape = shape,
                                   .place = &place,
                                   .order = order.data(),
                                   .pixels = pixels.get(),
                                   .labels = labels.data(),
                                   .table = table.data(),
                                   .out = out.data(),
                                   .out_labels = &label};
  run_on_host(kernel, kernel.grid());
  EXPECT_EQ(out, std::vector<float>(shape.size(), table[200]));
  EXPECT_EQ(label, 3);
}

}  // namespace
