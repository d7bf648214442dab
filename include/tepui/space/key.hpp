#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "tepui/cost/cost.hpp"
#include "tepui/space/cost.hpp"
#include "tepui/space/space.hpp"

/// @file
/// What architectures are ordered by in constant expressions.
///
/// A key is a function object without state that gives a number for an architecture: one of
/// `tepui::key`, or a lambda without captures that takes a Cost, or a Cost and an Encoding. LARGER
/// IS BETTER; `minimize(key)` turns a key round. Keys are compared as double: whole numbers are
/// told apart up to 2^53.

namespace tepui {

/// @return layers that multiply on the longest way through the architecture behind an encoding
/// @param  code every choice within the options of its decision
template <SearchSpace S>
[[nodiscard]] constexpr int depth_of(const typename S::Encoding& code) {
  const typename S::Encoding own = code;  // g++ 12 cannot compare the address of a temporary
  return S::Network::depth(own.data());
}

/// @return activations in memory at once while it runs for one image, in elements; see nn::peak_of
template <SearchSpace S>
[[nodiscard]] constexpr std::int64_t peak_activations_of(const typename S::Encoding& code) {
  const typename S::Encoding own = code;  // as above
  return static_cast<std::int64_t>(S::Network::peak_activations(own.data()));
}

/// Keys for what every architecture has.
namespace key {

struct Params {
  constexpr std::int64_t operator()(Cost cost) const { return cost.params; }
};
struct Macs {
  constexpr std::int64_t operator()(Cost cost) const { return cost.macs; }
};
struct Activations {
  constexpr std::int64_t operator()(Cost cost) const { return cost.activations; }
};
struct PeakActivations {
  template <class S>
  static constexpr std::int64_t of(const typename S::Encoding& code) {
    return peak_activations_of<S>(code);
  }
};
struct Depth {
  template <class S>
  static constexpr int of(const typename S::Encoding& code) {
    return depth_of<S>(code);
  }
};

inline constexpr Params params{};                     ///< learnable scalars
inline constexpr Macs macs{};                         ///< multiply-accumulates for one image
inline constexpr Activations activations{};           ///< see Cost
inline constexpr PeakActivations peak_activations{};  ///< see peak_activations_of
inline constexpr Depth depth{};                       ///< see depth_of

}  // namespace key

namespace space::detail {

template <class K>
concept AsksCost = requires(const K& key, Cost cost) {
  { key(cost) } -> std::convertible_to<double>;
};
template <class K, class S>
concept AsksBoth = requires(const K& key, Cost cost, const typename S::Encoding& code) {
  { key(cost, code) } -> std::convertible_to<double>;
};
template <class K, class S>
concept AsksSpace = requires(const typename S::Encoding& code) {
  { K::template of<S>(code) } -> std::convertible_to<double>;
};

/// What minimize returns.
template <class K>
struct Minimized {
  using Of = K;
};

template <class K>
struct Turned {
  using type = K;
  static constexpr bool negative = false;
};
template <class K>
struct Turned<Minimized<K>> {
  using type = typename Turned<K>::type;
  static constexpr bool negative = !Turned<K>::negative;
};

template <class K, class S>
concept PlainKey = std::is_empty_v<K> && std::default_initializable<K> &&
    (AsksCost<K> || AsksBoth<K, S> || AsksSpace<K, S>);

/// Whether a key needs nothing but a Cost.
template <class K>
inline constexpr bool asks_cost_only = AsksCost<typename Turned<K>::type>;

template <class S, class K>
constexpr double key_value(const typename S::Encoding& code, Cost cost) {
  using Plain = typename Turned<K>::type;
  double value = 0;
  if constexpr (AsksSpace<Plain, S>) {
    value = static_cast<double>(Plain::template of<S>(code));
  } else if constexpr (AsksCost<Plain>) {
    value = static_cast<double>(Plain{}(cost));
  } else {
    value = static_cast<double>(Plain{}(cost, code));
  }
  return Turned<K>::negative ? -value : value;
}

}  // namespace space::detail

/// @brief What architectures of S can be ordered by; see the top of this file.
template <class K, class S>
concept Key = space::detail::PlainKey<typename space::detail::Turned<K>::type, S>;

/// @return the key turned round, for what should be small: minimize(key::params)
template <class K>
[[nodiscard]] constexpr space::detail::Minimized<K> minimize(K) {
  return {};
}

}  // namespace tepui
