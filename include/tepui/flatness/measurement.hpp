#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tepui/core/landscape.hpp"
#include "tepui/core/random.hpp"

namespace tepui::flatness {

/// @brief What a flatness estimator found at one point of a landscape.
struct Measurement {
  double value = 0;
  /// Standard error of `value` over independent draws; NaN where there is one draw or none.
  double standard_error = std::numeric_limits<double>::quiet_NaN();
  /// What the value is made of, by name, in a fixed order.
  std::vector<std::pair<std::string, double>> parts{};
  bool larger_is_better = true;

  /// @return the value turned so that larger is flatter
  [[nodiscard]] double score() const { return larger_is_better ? value : -value; }

  /// @return the named part, NaN if there is none
  [[nodiscard]] double part(std::string_view name) const {
    for (const auto& [key, part_value] : parts) {
      if (key == name) return part_value;
    }
    return std::numeric_limits<double>::quiet_NaN();
  }
};

namespace detail {

// The least a landscape can be; never run.
struct LandscapeArchetype {
  using Scalar = float;
  std::span<const float> weights();
  Evaluation evaluate(std::span<const float>);
  std::span<const ParameterInfo> tensors();
};
struct DifferentiableArchetype : LandscapeArchetype {
  double gradient(std::span<const float>, std::span<float>);
};

}  // namespace detail

/// `measure(landscape, key)` returns a Measurement and takes landscapes like L.
template <class E, class L = detail::DifferentiableArchetype>
concept Measures = requires(const E& estimator, L& landscape, random::Key key) {
  { estimator.measure(landscape, key) } -> std::same_as<Measurement>;
};

/// `larger_is_better` says which way the value points.
template <class E>
concept Oriented = requires {
  { E::larger_is_better } -> std::convertible_to<bool>;
};

/// @brief Measures how flat a landscape is around its current weights, which stay as they are.
///
/// A plain struct of options with
///
/// | member | meaning |
/// |---|---|
/// | measure(landscape, key) const | the Measurement; all randomness comes from `key` |
/// | static constexpr bool larger_is_better | whether a larger value is flatter |
///
/// An estimator throws DivergenceError where the landscape is not finite; a search counts that
/// candidate as failed.
template <class E, class L = detail::DifferentiableArchetype>
concept FlatnessEstimator = Oriented<E> && Measures<E, L>;

/// @brief Compiles if E can measure L; otherwise says which member is missing.
template <class E, class L = detail::DifferentiableArchetype>
consteval bool check_estimator() {
  static_assert(Landscape<L>, "landscape: add Scalar, weights(), evaluate(w) and tensors()");
  static_assert(Oriented<E>, "flatness estimator: add static constexpr bool larger_is_better");
  static_assert(Measures<E>,
                "flatness estimator: add template <Landscape L> Measurement measure(L& landscape, "
                "random::Key key) const");
  static_assert(!Measures<E> || Measures<E, L>,
                "flatness estimator: it needs a gradient; add double gradient(w, g) to the "
                "landscape");
  return true;
}

}  // namespace tepui::flatness
