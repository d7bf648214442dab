#pragma once

#include "tepui/nn/layer.hpp"

namespace tepui::nn {

/// @brief Drops the first rows and columns: (N, H, W, C) to (N, H - Rows, W - Columns, C).
///
/// Before a convolution of stride s it moves where the windows begin.
template <int Rows, int Columns = Rows>
struct Crop : LayerDefaults {
  static constexpr bool runs_on_devices = true;
  static_assert(Rows >= 0 && Columns >= 0, "Crop: rows and columns must be at least 0");

  static constexpr Rule check(Shape in) {
    return in.height > Rows && in.width > Columns ? Rule::fits : Rule::nothing_is_left_of_the_input;
  }
  static constexpr Shape output(Shape in) {
    return {in.channels, in.height - Rows, in.width - Columns};
  }

  template <Shape In, class Backend, class T>
  static void forward(Pass<Backend>& pass, Forward<T> at) {
    constexpr Place<In> place;
    for (std::size_t s = 0; s < static_cast<std::size_t>(pass.batch); ++s) {
      pass.backend.copy_rows(place.rows, place.width, at.x + s * In.size() + place.first,
                             place.stride, at.y + s * output(In).size(), place.width);
    }
  }
  template <Shape In, class Backend, class T>
  static void backward(Pass<Backend>& pass, Backward<T> at) {
    if (at.dx == nullptr) return;
    constexpr Place<In> place;
    pass.backend.fill(In.size() * static_cast<std::size_t>(pass.batch), T{0}, at.dx);
    for (std::size_t s = 0; s < static_cast<std::size_t>(pass.batch); ++s) {
      pass.backend.copy_rows(place.rows, place.width, at.dy + s * output(In).size(), place.width,
                             at.dx + s * In.size() + place.first, place.stride);
    }
  }

 private:
  /// What is left of a sample, in elements; a row is all channels of its pixels.
  template <Shape In>
  struct Place {
    std::size_t rows = static_cast<std::size_t>(In.height - Rows);
    std::size_t width = static_cast<std::size_t>((In.width - Columns) * In.channels);
    std::size_t stride = static_cast<std::size_t>(In.width * In.channels);
    std::size_t first = static_cast<std::size_t>((Rows * In.width + Columns) * In.channels);
  };
};

}  // namespace tepui::nn
