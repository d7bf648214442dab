#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "tepui/core/error.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/data/dataset.hpp"

namespace tepui::data {

/// @brief Shift and scale of each channel: a network sees (value / 255 - mean) / deviation.
template <int Channels>
struct Normalization {
  static_assert(Channels >= 1, "normalization: at least one channel is needed");

  std::array<double, Channels> mean{};       ///< of value / 255, in [0, 1]
  std::array<double, Channels> deviation{};  ///< of value / 255, > 0

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("mean", self.mean);
    visitor("deviation", self.deviation);
  }
  friend constexpr bool operator==(const Normalization&, const Normalization&) = default;
};

/// @throws SettingError if a mean is not finite or a deviation not positive
template <int Channels>
void check(const Normalization<Channels>& n) {
  for (std::size_t c = 0; c < static_cast<std::size_t>(Channels); ++c) {
    if (!std::isfinite(n.mean[c]) || !std::isfinite(n.deviation[c]) || n.deviation[c] <= 0) {
      throw SettingError("normalization: channel " + std::to_string(c) + " has mean " +
                         std::to_string(n.mean[c]) + " and deviation " +
                         std::to_string(n.deviation[c]) +
                         ", but a finite mean and a positive deviation are needed; "
                         "data::measure(images) finds them from the training images");
    }
  }
}

/// @brief Mean and standard deviation (over all pixels) of each channel.
///
/// Sums are integers, so the result does not depend on the order of the images. A constant channel
/// gets deviation 1.
/// @throws DataError if there are no images
template <Shape S>
[[nodiscard]] Normalization<S.channels> measure(const Images<S>& images) {
  constexpr auto channels = static_cast<std::size_t>(S.channels);
  if (images.pixels.empty()) {
    throw DataError("measure: there are no images to take mean and deviation from");
  }
  std::array<std::array<std::uint64_t, 256>, channels> histogram{};
  for (std::size_t i = 0; i < images.pixels.size(); i += channels) {
    for (std::size_t c = 0; c < channels; ++c) ++histogram[c][images.pixels[i + c]];
  }
  const double count = static_cast<double>(images.pixels.size() / channels);
  Normalization<S.channels> result;
  for (std::size_t c = 0; c < channels; ++c) {
    std::uint64_t sum = 0;
    for (std::size_t v = 0; v < 256; ++v) sum += v * histogram[c][v];
    const double mean = static_cast<double>(sum) / count;
    double squares = 0;
    for (std::size_t v = 0; v < 256; ++v) {
      const double d = static_cast<double>(v) - mean;
      squares += static_cast<double>(histogram[c][v]) * d * d;
    }
    result.mean[c] = mean / 255;
    const double deviation = std::sqrt(squares / count) / 255;
    result.deviation[c] = deviation > 0 ? deviation : 1;
  }
  return result;
}

/// Constants that published results were obtained with.
namespace normalization {

/// @return mean 0, deviation 1: a network sees value / 255
template <int Channels>
[[nodiscard]] constexpr Normalization<Channels> none() {
  Normalization<Channels> n;
  n.deviation.fill(1.0);
  return n;
}
/// CIFAR-10 as in NAS-Bench-201 and GeNAS.
[[nodiscard]] constexpr Normalization<3> cifar10() {
  return {{125.3 / 255, 123.0 / 255, 113.9 / 255}, {63.0 / 255, 62.1 / 255, 66.7 / 255}};
}
/// CIFAR-100 as in NAS-Bench-201 and GeNAS.
[[nodiscard]] constexpr Normalization<3> cifar100() {
  return {{129.3 / 255, 124.1 / 255, 112.4 / 255}, {68.2 / 255, 65.4 / 255, 70.4 / 255}};
}
/// ImageNet16-120 as in NAS-Bench-201.
[[nodiscard]] constexpr Normalization<3> imagenet16_120() {
  return {{122.68 / 255, 116.66 / 255, 104.01 / 255}, {63.22 / 255, 61.26 / 255, 65.09 / 255}};
}
/// CIFAR-10 as in DARTS and its successors.
[[nodiscard]] constexpr Normalization<3> cifar10_darts() {
  return {{0.49139968, 0.48215827, 0.44653124}, {0.24703233, 0.24348505, 0.26158768}};
}
/// CIFAR-100 as in P-DARTS.
[[nodiscard]] constexpr Normalization<3> cifar100_pdarts() {
  return {{0.5071, 0.4867, 0.4408}, {0.2675, 0.2565, 0.2761}};
}

}  // namespace normalization

/// @brief What each of the 256 pixel values becomes, per channel; the same bits on every machine
/// that rounds as IEEE 754 says.
template <class T, int Channels>
class PixelTable {
 public:
  /// @throws SettingError as check(normalization)
  explicit PixelTable(const Normalization<Channels>& normalization) {
    check(normalization);
    for (std::size_t c = 0; c < static_cast<std::size_t>(Channels); ++c) {
      for (std::size_t v = 0; v < 256; ++v) {
        values_[c][v] = static_cast<T>((static_cast<double>(v) / 255 - normalization.mean[c]) /
                                       normalization.deviation[c]);
      }
    }
  }
  [[nodiscard]] T operator()(std::size_t channel, std::uint8_t value) const {
    return values_[channel][value];
  }

 private:
  std::array<std::array<T, 256>, Channels> values_{};
};

}  // namespace tepui::data
