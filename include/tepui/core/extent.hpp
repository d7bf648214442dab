#pragma once

#include <cstddef>

namespace tepui {

/// @brief Size of a buffer as a linear function of the batch: `per_sample * batch + fixed`
/// elements.
///
/// Layers state their buffers as extents, so the memory of a whole network is a constant
/// expression.
struct Extent {
  std::size_t per_sample = 0;
  std::size_t fixed = 0;

  /// Buffers start on multiples of this many elements (one cache line of float).
  static constexpr std::size_t alignment = 16;

  /// @return elements for `batch` samples, rounded up to `alignment`
  [[nodiscard]] constexpr std::size_t at(int batch) const {
    const std::size_t n = per_sample * static_cast<std::size_t>(batch) + fixed;
    return (n + alignment - 1) / alignment * alignment;
  }

  /// Upper bound of two buffers side by side, their alignment padding included.
  friend constexpr Extent operator+(Extent a, Extent b) {
    const std::size_t padding = (a == Extent{} || b == Extent{}) ? 0 : alignment;
    return {a.per_sample + b.per_sample, a.fixed + b.fixed + padding};
  }
  /// Upper bound of two buffers that are never alive together.
  [[nodiscard]] friend constexpr Extent max_extent(Extent a, Extent b) {
    return {a.per_sample > b.per_sample ? a.per_sample : b.per_sample,
            a.fixed > b.fixed ? a.fixed : b.fixed};
  }
  friend constexpr bool operator==(const Extent&, const Extent&) = default;
};

}  // namespace tepui
