#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "tepui/cost/cost.hpp"
#include "tepui/space/enumeration.hpp"
#include "tepui/space/space.hpp"

namespace tepui {

namespace space {

/// @brief Cost of every option of every decision, so that an architecture costs a sum.
///
/// Options of one choice give equal shapes, so what one decision adds does not depend on the others
/// unless choices are nested.
template <SearchSpace S>
struct CostTable {
  static constexpr std::size_t most_options = [] {
    std::size_t most = 0;
    for (const auto n : S::options) most = n > most ? n : most;
    return most;
  }();

  Cost base;  ///< with option 0 everywhere
  std::array<std::array<Cost, most_options>, S::decisions> extra{};

  static constexpr CostTable of(cost::Rule rule) {
    CostTable table;
    typename S::Encoding code{};
    table.base = S::Network::cost({rule, code.data()});
    for (std::size_t d = 0; d < S::decisions; ++d) {
      for (std::uint8_t o = 1; o < S::options[d]; ++o) {
        code[d] = o;
        table.extra[d][o] = S::Network::cost({rule, code.data()}) - table.base;
      }
      code[d] = 0;
    }
    return table;
  }
  [[nodiscard]] constexpr Cost operator()(const typename S::Encoding& code) const {
    const std::uint8_t* const options = S::options.data();  // compilers count calls of operator[]
    Cost sum = base;
    for (std::size_t d = 0; d < S::decisions; ++d) {
      const std::uint8_t option = code[d];
      if (option >= options[d] && std::is_constant_evaluated()) {
        detail::the_encoding_is_out_of_range();
      }
      sum += extra[d][option];
    }
    return sum;
  }
};

namespace detail {

template <class L>
constexpr bool has_nested_choice(bool inside = false);

template <class... L>
constexpr bool any_nested_choice(types<L...>, bool inside) {
  return (has_nested_choice<L>(inside) || ...);
}
template <class L>
constexpr bool has_nested_choice(bool inside) {
  bool is_choice = false;
  if constexpr (requires { L::decision; }) is_choice = true;
  if (is_choice && inside) return true;
  if constexpr (requires { typename L::Children; }) {
    return any_nested_choice(typename L::Children{}, inside || is_choice);
  } else {
    return false;
  }
}

template <SearchSpace S, cost::Rule R>
inline constexpr CostTable<S> cost_table = CostTable<S>::of(R);

}  // namespace detail
}  // namespace space

/// @brief What the architecture behind an encoding costs for one image; the same constant function
///        for the encoding, the static network and the supernet's path.
/// @pre in_range<S>(code); checked in constant expressions only
template <SearchSpace S>
[[nodiscard]] constexpr Cost cost_of(const typename S::Encoding& code,
                                     cost::Rule rule = cost::Rule::f201) {
  if constexpr (space::detail::has_nested_choice<typename S::Network::Body>()) {
    if (std::is_constant_evaluated() && !space::in_range<S>(code)) {
      space::detail::the_encoding_is_out_of_range();
    }
    return S::Network::cost({rule, code.data()});
  } else {
    switch (rule) {
      case cost::Rule::f201:
        return space::detail::cost_table<S, cost::Rule::f201>(code);
      case cost::Rule::thop:
        return space::detail::cost_table<S, cost::Rule::thop>(code);
      case cost::Rule::older:
        return space::detail::cost_table<S, cost::Rule::older>(code);
      case cost::Rule::spos:
        return space::detail::cost_table<S, cost::Rule::spos>(code);
    }
    return {};
  }
}

}  // namespace tepui
