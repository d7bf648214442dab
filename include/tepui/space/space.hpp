#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "tepui/core/types.hpp"
#include "tepui/nn/network.hpp"
#include "tepui/space/choice.hpp"
#include "tepui/space/encoding.hpp"

namespace tepui {

namespace space::detail {

/// Options of every decision, found by walking a tree of layers. 256 decisions at most.
struct DecisionTable {
  std::array<int, 256> options{};  ///< 0: never met; -1: met with different numbers of options
  std::size_t size = 0;

  constexpr void meet(std::size_t decision, int count) {
    if (decision >= options.size()) return;  // Choice says what is wrong
    int& known = options[decision];
    known = (known == 0 || known == count) ? count : -1;
    size = std::max(size, decision + 1);
  }
  [[nodiscard]] constexpr bool complete() const {
    return std::all_of(options.begin(), options.begin() + size, [](int n) { return n > 0; });
  }
};

template <class L>
constexpr void collect(DecisionTable& table);

template <class... L>
constexpr void collect_all(DecisionTable& table, types<L...>) {
  (collect<L>(table), ...);
}

template <class L>
constexpr void collect(DecisionTable& table) {
  if constexpr (requires { L::decision; }) table.meet(L::decision, static_cast<int>(L::count));
  if constexpr (requires { typename L::Children; }) {
    collect_all(table, typename L::Children{});
  }
}

}  // namespace space::detail

/// @brief A search space: a network with decision points.
///
/// @tparam Input shape of the images
/// @tparam L     layers and containers; at least one Choice somewhere inside
template <Shape Input, class... L>
struct Space {
  /// The supernet: every option of every choice, run along one path at a time.
  using Network = nn::Network<Input, L...>;

 private:
  static constexpr auto table = [] {
    space::detail::DecisionTable t;
    (space::detail::collect<L>(t), ...);
    return t;
  }();
  static_assert(table.size > 0, "Space: no Choice in it, so there is nothing to search");
  static_assert(table.complete(),
                "Space: number the decisions from 0 without gaps, and give all choices of one "
                "decision the same number of options");

 public:
  static constexpr Shape input = Input;
  static constexpr std::size_t decisions = table.size;
  static constexpr std::array<std::uint8_t, decisions> options = [] {
    std::array<std::uint8_t, decisions> counts{};
    for (std::size_t i = 0; i < decisions; ++i) {
      counts[i] = static_cast<std::uint8_t>(table.options[i]);
    }
    return counts;
  }();
  using Encoding = tepui::Encoding<decisions>;
};

/// @brief A type with decision points: what strategies propose in and supernets are made of.
template <class S>
concept SearchSpace = requires {
  typename S::Network;
  typename S::Encoding;
  { S::decisions } -> std::convertible_to<std::size_t>;
  { S::options[0] } -> std::convertible_to<std::uint8_t>;
  requires S::Encoding::size()
  == S::decisions;
};

}  // namespace tepui
