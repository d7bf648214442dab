#pragma once

#include <array>
#include <cstddef>

#include "tepui/space/space.hpp"

namespace tepui {

/// @brief Some architectures of a space, as a constant: what select, top_k and pareto_front return.
///
/// Structural: `for_each_architecture<selection>` takes it as a template argument.
template <SearchSpace S, std::size_t Size>
struct Selection {
  using SpaceType = S;
  using Encoding = typename S::Encoding;

  std::array<Encoding, Size> encodings{};

  [[nodiscard]] static constexpr std::size_t size() { return Size; }
  constexpr const Encoding& operator[](std::size_t i) const { return encodings[i]; }
  constexpr auto begin() const { return encodings.begin(); }
  constexpr auto end() const { return encodings.end(); }
};

}  // namespace tepui
