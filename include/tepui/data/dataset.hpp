#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "tepui/core/error.hpp"
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

/// @brief Checks what a set of images made by hand can get wrong.
/// @param what    named in the message, for example "glyphs, training images"
/// @param classes labels have to be less than this
/// @throws DataError if there are no images, if pixels and labels do not belong together, or if a
///         label is too large
template <Shape S>
void check(const Images<S>& images, const std::string& what, int classes) {
  if (images.labels.empty()) throw DataError(what + ": there are no images");
  if (images.pixels.size() != images.labels.size() * S.size()) {
    throw DataError(what + ": " + std::to_string(images.labels.size()) + " labels need " +
                    std::to_string(images.labels.size() * S.size()) + " pixel values of shape " +
                    to_string(S) + ", but there are " + std::to_string(images.pixels.size()));
  }
  for (std::size_t i = 0; i < images.labels.size(); ++i) {
    if (images.labels[i] >= classes) {
      throw DataError(what + ": image " + std::to_string(i) + " has label " +
                      std::to_string(images.labels[i]) + ", but the " + std::to_string(classes) +
                      " classes have labels 0 to " + std::to_string(classes - 1));
    }
  }
}

/// @brief The same for both sets.
template <Shape S, int Classes>
void check(const Dataset<S, Classes>& data) {
  check(data.train, data.name + ", training images", Classes);
  check(data.test, data.name + ", test images", Classes);
}

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
