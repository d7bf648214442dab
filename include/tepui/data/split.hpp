#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/core/sorted_order.hpp"
#include "tepui/data/dataset.hpp"

/// @file
/// Parts of a set of images, named by indices or copied out.

namespace tepui::data {

/// Positions of images inside Images.
using Indices = std::vector<std::uint32_t>;

/// @brief Two disjoint parts that together are the whole; each in ascending order.
struct Split {
  Indices first;
  Indices second;
};

/// How a split treats classes.
enum class Balance {
  none,       ///< a plain random choice
  per_class,  ///< every class is divided in the same proportion, as nearly as whole images allow
};

/// @return 0, 1, ..., count-1
[[nodiscard]] inline Indices all_indices(std::size_t count) {
  Indices all(count);
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

namespace detail {

/// Images of each class, in ascending order.
inline std::vector<Indices> indices_by_class(std::span<const std::uint16_t> labels) {
  std::vector<Indices> classes;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= classes.size()) classes.resize(labels[i] + 1u);
    classes[labels[i]].push_back(static_cast<std::uint32_t>(i));
  }
  return classes;
}

inline void take(Split& split, Indices members, std::size_t count, random::Key key) {
  random::Stream(key).shuffle(std::span(members));
  const auto middle = members.begin() + static_cast<std::ptrdiff_t>(count);
  split.first.insert(split.first.end(), members.begin(), middle);
  split.second.insert(split.second.end(), middle, members.end());
}

}  // namespace detail

/// @brief Divides labelled items by chance; the same key gives the same parts.
/// @param labels      one per item
/// @param first_count items of the first part, 0 < first_count < labels.size()
/// @throws SettingError if a part would be empty
[[nodiscard]] inline Split split_labels(std::span<const std::uint16_t> labels,
                                        std::size_t first_count, random::Key key,
                                        Balance balance = Balance::none) {
  if (first_count == 0 || first_count >= labels.size()) {
    throw SettingError("split: " + std::to_string(first_count) + " of " +
                       std::to_string(labels.size()) +
                       " images were asked for the first part, but both parts need at least one");
  }
  key.purpose = random::Purpose::split;
  Split split;
  if (balance == Balance::none) {
    detail::take(split, all_indices(labels.size()), first_count, key);
  } else {
    // Largest remainders, lower class first, so that the parts have exactly the sizes asked for.
    const auto classes = detail::indices_by_class(labels);
    std::vector<std::size_t> counts(classes.size());
    std::vector<double> remainders(classes.size());
    std::size_t given = 0;
    for (std::size_t c = 0; c < classes.size(); ++c) {
      counts[c] = classes[c].size() * first_count / labels.size();
      given += counts[c];
      remainders[c] = static_cast<double>(classes[c].size() * first_count % labels.size());
    }
    const std::vector<std::size_t> order = descending_order(remainders);
    for (std::size_t k = 0; given < first_count; ++k, ++given) ++counts[order[k]];
    for (std::size_t c = 0; c < classes.size(); ++c) {
      detail::take(split, classes[c], counts[c], key.at_step(c));
    }
  }
  std::sort(split.first.begin(), split.first.end());
  std::sort(split.second.begin(), split.second.end());
  return split;
}

/// @brief Divides images by chance, `first_count` of them into the first part.
/// @throws SettingError if a part would be empty
template <Shape S, std::integral Count>
[[nodiscard]] Split split(const Images<S>& images, Count first_count, random::Key key,
                          Balance balance = Balance::none) {
  // A negative count becomes a huge one and is refused as too large.
  return split_labels(images.labels, static_cast<std::size_t>(first_count), key, balance);
}

/// @brief Divides images by chance, the part `fraction` (0 to 1, rounded to whole images) first.
/// @throws SettingError if a part would be empty
template <Shape S, std::floating_point Fraction>
[[nodiscard]] Split split(const Images<S>& images, Fraction fraction, random::Key key,
                          Balance balance = Balance::none) {
  if (!(fraction > 0 && fraction < 1)) {
    throw SettingError("split: the fraction " + std::to_string(fraction) +
                       " is not between 0 and 1 (for a number of images pass an integer)");
  }
  const double count = static_cast<double>(fraction) * static_cast<double>(images.size());
  return split_labels(images.labels, static_cast<std::size_t>(count + 0.5), key, balance);
}

/// @brief Copies the named images, in the order of the indices.
/// @throws SettingError if an index is too large
template <Shape S>
[[nodiscard]] Images<S> subset(const Images<S>& images, std::span<const std::uint32_t> indices) {
  Images<S> part;
  part.pixels.reserve(indices.size() * S.size());
  part.labels.reserve(indices.size());
  for (const std::uint32_t i : indices) {
    if (i >= images.size()) {
      throw SettingError("subset: index " + std::to_string(i) + " does not exist, there are " +
                         std::to_string(images.size()) + " images");
    }
    const auto image = images.image(i);
    part.pixels.insert(part.pixels.end(), image.begin(), image.end());
    part.labels.push_back(images.labels[i]);
  }
  return part;
}

/// @brief Copies the first `count` images.
/// @throws SettingError if there are fewer
template <Shape S>
[[nodiscard]] Images<S> take_first(const Images<S>& images, std::size_t count) {
  if (count > images.size()) {
    throw SettingError("take_first: " + std::to_string(count) + " images were asked for, but " +
                       std::to_string(images.size()) + " are there");
  }
  return subset(images, all_indices(count));
}

/// @return the first `count` images of every class (all of a class that has fewer), ascending
template <Shape S>
[[nodiscard]] Indices first_per_class(const Images<S>& images, std::size_t count) {
  Indices kept;
  for (const auto& members : detail::indices_by_class(images.labels)) {
    kept.insert(kept.end(), members.begin(),
                members.begin() + static_cast<std::ptrdiff_t>(std::min(count, members.size())));
  }
  std::sort(kept.begin(), kept.end());
  return kept;
}

/// @brief Copies the first `count` images of every class, in their order.
template <Shape S>
[[nodiscard]] Images<S> limit_per_class(const Images<S>& images, std::size_t count) {
  return subset(images, first_per_class(images, count));
}

/// @return how many images each class has; as long as the largest label + 1, or `classes` if more
template <Shape S>
[[nodiscard]] std::vector<std::size_t> class_counts(const Images<S>& images,
                                                    std::size_t classes = 0) {
  std::vector<std::size_t> counts(classes);
  for (const auto label : images.labels) {
    if (label >= counts.size()) counts.resize(label + 1u);
    ++counts[label];
  }
  return counts;
}

}  // namespace tepui::data
