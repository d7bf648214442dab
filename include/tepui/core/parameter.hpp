#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tepui/core/parameter_kind.hpp"

namespace tepui {

/// @brief One tensor inside the flat parameter vector of a network.
struct ParameterInfo {
  std::string name;  ///< path of layer positions, for example "3.edge0_1.1.weight"
  ParameterKind kind = ParameterKind::weight;
  std::vector<int>
      dims{};  ///< logical shape, slowest index first; convolutions are (kh, kw, in/groups, out)
  std::size_t offset = 0;  ///< first element in the flat vector
  std::size_t count = 0;   ///< elements
  int fan_in = 0;          ///< inputs that one output sums over; 0 where it means nothing
  int path_count = 1;  ///< how many input-to-output paths of its cell use it (weight-angle metrics)
};

/// A contiguous part of the flat parameter vector.
struct ParameterRange {
  std::size_t offset = 0;
  std::size_t count = 0;
  friend constexpr bool operator==(const ParameterRange&, const ParameterRange&) = default;
};

/// @brief Writes the ranges of the given tensors, neighbours joined, over what `ranges` holds.
inline void write_ranges(std::span<const ParameterInfo> tensors,
                         std::vector<ParameterRange>& ranges) {
  ranges.clear();
  for (const auto& t : tensors) {
    if (t.count == 0) continue;
    if (!ranges.empty() && ranges.back().offset + ranges.back().count == t.offset) {
      ranges.back().count += t.count;
    } else {
      ranges.push_back({t.offset, t.count});
    }
  }
}
[[nodiscard]] inline std::vector<ParameterRange> ranges_of(std::span<const ParameterInfo> tensors) {
  std::vector<ParameterRange> ranges;
  write_ranges(tensors, ranges);
  return ranges;
}

}  // namespace tepui
