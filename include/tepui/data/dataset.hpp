#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "tepui/core/shape.hpp"

namespace tepui::data {

/// @brief Labelled 8-bit images of one shape, in memory.
template <Shape S>
struct Images {
  static constexpr Shape shape = S;

  std::vector<std::uint8_t> pixels;   ///< (N, height, width, channels)
  std::vector<std::uint16_t> labels;  ///< (N), each < the number of classes

  [[nodiscard]] std::size_t size() const { return labels.size(); }
  [[nodiscard]] std::span<const std::uint8_t> image(std::size_t i) const {
    return std::span(pixels).subspan(i * S.size(), S.size());
  }
};

/// @brief A training set and a test set of one kind; shape and number of classes are in the type.
///
/// So a network that does not fit the data does not compile.
template <Shape S, int Classes>
struct Dataset {
  static constexpr Shape shape = S;
  static constexpr int classes = Classes;

  std::string name;
  Images<S> train;
  Images<S> test;
  std::vector<std::string> class_names;  ///< Classes names, or none
};

/// @brief Anything with the members of Dataset.
template <class D>
concept DatasetLike = requires(const D& data) {
  { D::shape } -> std::convertible_to<Shape>;
  { D::classes } -> std::convertible_to<int>;
  data.name;
  requires std::is_same_v<std::remove_cvref_t<decltype(data.train)>, Images<D::shape>>;
  requires std::is_same_v<std::remove_cvref_t<decltype(data.test)>, Images<D::shape>>;
};

}  // namespace tepui::data
