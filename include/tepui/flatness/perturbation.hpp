#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tepui/core/landscape.hpp"
#include "tepui/core/parameter.hpp"
#include "tepui/core/random.hpp"

/// @file
/// Which parameters an estimator disturbs, and how much each of them.

namespace tepui::flatness {

/// Which of the landscape's tensors are disturbed.
enum class Filter {
  all,           ///< every tensor, as GeNAS and FlatNAS do
  weights_only,  ///< convolution and linear weights
  no_norm,       ///< everything but scales and shifts of normalisations
};

/// What noise of size sigma means for one parameter w.
enum class Scale {
  absolute,  ///< standard deviation sigma
  relative,  ///< sigma * |w|
  filter,    ///< sigma * root mean square of the filter (the weights of one output) that holds w
};

/// @brief The standard normal noise of one measurement: element `index` of the flat vector gets the
/// same number whatever else is disturbed, so candidates that share weights share their noise.
struct GaussianNoise {
  random::Key key;

  /// Calls visit(index, z) for index = first..last-1.
  template <class Visit>
  void operator()(std::uint64_t draw, std::uint64_t level, std::size_t first, std::size_t last,
                  Visit&& visit) const {
    random::for_each_normal(stream(draw, level), first, last, visit);
  }
  [[nodiscard]] random::Key stream(std::uint64_t draw, std::uint64_t level) const {
    return key.with(draw).with(level);
  }
};

}  // namespace tepui::flatness
