#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "tepui/core/extent.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/cost/cost.hpp"
#include "tepui/nn/description.hpp"
#include "tepui/nn/pass.hpp"

namespace tepui::nn {

/// Why a layer takes or refuses an input shape; the compiler prints the name in its message.
enum class Rule {
  fits,
  input_must_have_positive_size,
  kernel_is_larger_than_the_padded_input,
  channels_must_divide_by_groups,
  both_branches_must_give_the_same_shape,
  all_options_must_give_the_same_shape,
  edges_into_a_node_must_give_the_same_shape,
  repeated_layer_must_keep_its_shape,
  concatenated_parts_must_have_the_same_height_and_width,
  nothing_is_left_of_the_input,
  an_inner_layer_refuses_its_input,
  a_users_rule,
};

/// What a layer does to its input, where a container can save work by knowing.
enum class Flow {
  general,  ///< computes something
  passes,   ///< output equals input
  nothing,  ///< output is zero
};

/// @brief What a layer need not say when the usual answer holds: any input, same shape out, no
/// state.
///
/// Derive from it and hide what differs. `check` is asked before everything else.
struct LayerDefaults {
  static constexpr bool runs_on_devices = false;
  static constexpr Rule check(Shape) { return Rule::fits; }
  static constexpr Shape output(Shape in) { return in; }
  static constexpr std::size_t parameters(Shape) { return 0; }
  static constexpr std::size_t buffers(Shape) { return 0; }
  static constexpr Extent saved(Shape) { return {}; }
  template <Shape In, class Backend>
  static constexpr Extent scratch() {
    return {};
  }
  static constexpr Cost cost(Shape, const cost::Query&) { return {}; }
  static constexpr Flow flow(const std::uint8_t* /*choices*/) { return Flow::general; }
  static constexpr bool adds(const std::uint8_t* /*choices*/) { return false; }
  static void describe(Shape, Description&) {}
};

/// @brief A layer is an empty type whose static members say what it does to an input shape.
///
/// | member | meaning |
/// |---|---|
/// | check(in) | Rule::fits, or why `in` is refused |
/// | output(in) | shape of one output sample |
/// | parameters(in), buffers(in) | learnable scalars; scalars of state that is not learnt |
/// | saved(in) | what the forward trip keeps for the backward trip (its input is kept by others) |
/// | scratch<In, Backend>() | workspace of either trip |
/// | cost(in, query) | params, MACs by the rule asked for, activations, for one image |
/// | flow(choices) | whether the output is the input or zero, so that nothing need be computed |
/// | adds(choices) | whether the trips can add to y and dx, which saves their sums a pass |
/// | describe(in, description) | its tensors, in memory order |
/// | forward<In>(pass, at), backward<In>(pass, at) | the two trips; see Forward and Backward |
/// | runs_on_devices | that the trips touch memory through pass.backend alone, as a GPU needs |
///
/// Containers also name their parts, so that tree algorithms need not know them:
/// `using Children = types<...>` and `template <class... New> using WithChildren = ...`; their
/// `explain<In>()` returns explain_layer of the part that refuses its input.
///
/// The two trips are templates over the input shape alone, so equal layers with equal inputs are
/// compiled once however often a network repeats them.
template <class L>
concept Layer = std::is_empty_v<L> && requires(Shape in, Description& d, const cost::Query& query) {
  { L::check(in) } -> std::same_as<Rule>;
  { L::output(in) } -> std::same_as<Shape>;
  { L::parameters(in) } -> std::same_as<std::size_t>;
  { L::buffers(in) } -> std::same_as<std::size_t>;
  { L::saved(in) } -> std::same_as<Extent>;
  { L::cost(in, query) } -> std::same_as<Cost>;
  { L::flow(query.choices) } -> std::same_as<Flow>;
  { L::adds(query.choices) } -> std::same_as<bool>;
  L::describe(in, d);
};

namespace detail {

/// L::output and L::describe as functions by themselves: what is described at run time is described
/// by one copy of them, however many containers have the layer.
struct LayerFunctions {
  Shape (*output)(Shape in) = nullptr;
  void (*describe)(Shape in, Description& d) = nullptr;
};
template <class L>
inline constexpr LayerFunctions functions_of{[](Shape in) { return L::output(in); },
                                             [](Shape in, Description& d) { L::describe(in, d); }};

}  // namespace detail
}  // namespace tepui::nn
