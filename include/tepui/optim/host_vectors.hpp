#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/parameter.hpp"
#include "tepui/core/range_pass.hpp"
#include "tepui/optim/detail/step_fault.hpp"

namespace tepui::optim {

/// @brief Where vectors like the parameters live, and passes over parts of them: the processor's
/// memory. The rules of this library do all they do to a vector through these functions, so that
/// they also run where the vectors lie on a device (cuda::DeviceVectors).
///
/// What is done to the elements is a plain struct, called with a part (a tensor or a range) and
/// giving back what is called with the place of each of its elements:
///
///     struct Halve {
///       float* x;
///       auto operator()(const auto& part) const {
///         return [x = x](std::size_t i) { x[i] /= 2; };
///       }
///     };
struct HostVectors {
  template <class T>
  using Vector = std::vector<T>;
  using Tensors = std::span<const ParameterInfo>;
  using Ranges = std::span<const ParameterRange>;
  /// A number that a step finds out or is told. A device's lies in its memory.
  using Value = double;

  template <class T>
  [[nodiscard]] static std::vector<T> zeros(std::size_t count) {
    return std::vector<T>(count);
  }
  /// pass(part)(i) for every element i of the parts.
  template <class Part, class Pass>
  static void each(std::span<const Part> parts, const Pass& pass) {
    for_each_piece(parts, [&](const Part& part, std::size_t offset, std::size_t count) {
      const auto element = pass(part);
      // The vectors of a pass do not overlap.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#endif
      for (std::size_t i = offset; i < offset + count; ++i) element(i);
    });
  }
  /// The same, left out once something was not finite. (Here, that would have been thrown.)
  template <class Part, class Pass>
  static void update(std::span<const Part> parts, const Pass& pass) {
    each(parts, pass);
  }
  /// @return the sum of pass(part)(i), added up in double in a fixed order
  template <class Part, class Pass>
  [[nodiscard]] static double sum(std::span<const Part> parts, const Pass& pass) {
    return sum_over_pieces(parts, [&](const Part& part, std::size_t offset, std::size_t count) {
      const auto element = pass(part);
      return sum_of_terms(count, [&](std::size_t i) { return element(offset + i); });
    });
  }
  /// @param loss of the batch, for the message
  /// @throws DivergenceError if the value is not finite
  static void require_finite(double value, detail::StepFault fault, double loss) {
    if (!std::isfinite(value)) throw DivergenceError(detail::explain(fault, value, loss));
  }
};

}  // namespace tepui::optim
