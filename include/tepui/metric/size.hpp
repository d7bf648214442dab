#pragma once

#include "tepui/core/random.hpp"
#include "tepui/metric/metric.hpp"

namespace tepui::metric {

/// @brief Learnable scalars of the candidate.
struct Parameters {
  static constexpr bool larger_is_better = false;
  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
  template <class Candidate>
  [[nodiscard]] Measurement measure(Candidate& candidate, random::Key) const {
    return {.value = static_cast<double>(candidate.cost().params), .larger_is_better = false};
  }
};

/// @brief Multiply-accumulates of the candidate for one image.
struct Macs {
  static constexpr bool larger_is_better = false;
  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
  template <class Candidate>
  [[nodiscard]] Measurement measure(Candidate& candidate, random::Key) const {
    return {.value = static_cast<double>(candidate.cost().macs), .larger_is_better = false};
  }
};

}  // namespace tepui::metric
