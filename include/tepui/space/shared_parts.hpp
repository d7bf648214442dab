#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "tepui/core/types.hpp"
#include "tepui/nn/cell.hpp"
#include "tepui/nn/detail/branches.hpp"
#include "tepui/nn/detail/chain.hpp"
#include "tepui/nn/detail/chooses.hpp"
#include "tepui/nn/detail/layer_graph.hpp"
#include "tepui/nn/detail/part_code.hpp"
#include "tepui/nn/detail/sample_graph.hpp"
#include "tepui/nn/repeat.hpp"
#include "tepui/nn/residual.hpp"
#include "tepui/nn/sequential.hpp"
#include "tepui/space/choice.hpp"
#include "tepui/space/detail/choice_edge.hpp"
#include "tepui/space/space.hpp"

/// @file
/// What the architectures of a space have in common: layers that no decision touches, and the
/// options of decisions, each at the shape that it has in the network. Source files that compile
/// architectures can leave these to one of them; see nn/detail/part_code.hpp. The list need not be
/// complete: what is not in it is compiled wherever it is used.

namespace tepui::space {

namespace detail {

/// A part of networks at its input shape.
template <class Part, Shape In>
struct PartAt {};

/// Lists of parts without repetition.
template <class P>
struct Member {};
template <class... P>
struct PartSet : Member<P>... {
  template <class New>
  static auto with() {
    if constexpr (std::is_base_of_v<Member<New>, PartSet>) {
      return PartSet{};
    } else {
      return PartSet<P..., New>{};
    }
  }
};

/// Adds the parts of a layer, or of what runs one, to a set.
/// `chooses`: whether a decision is made in it.
template <class L, Shape In>
struct PartsOf {
  static constexpr bool chooses = false;
  template <class Set>
  static Set add_to(Set set) {
    return set;
  }
};

/// Goes through several, each `Inner` a PartsOf.
template <class... Inner>
struct AllParts {
  static constexpr bool chooses = (Inner::chooses || ...);
  template <class Set>
  static auto add_to(Set set) {
    return add<Set, Inner...>(set);
  }

 private:
  template <class Set>
  static auto add(Set set) {
    return set;
  }
  template <class Set, class First, class... Rest>
  static auto add(Set set) {
    using More = decltype(First::add_to(set));
    return add<More, Rest...>(More{});
  }
};

/// A layer of a chain: as a whole, unless there is a decision in it.
template <class L, Shape In>
struct ChainPart {
  static constexpr bool chooses = nn::detail::chooses<L>() || PartsOf<L, In>::chooses;
  template <class Set>
  static auto add_to(Set set) {
    if constexpr (chooses) {
      return PartsOf<L, In>::add_to(set);
    } else {
      return Set::template with<PartAt<L, In>>();
    }
  }
};
template <class Operation, Shape In>
struct EdgePart {
  static constexpr bool chooses = false;
  template <class Set>
  static auto add_to(Set) {
    return Set::template with<PartAt<nn::detail::AsEdge<Operation>, In>>();
  }
};
template <std::size_t Decision, class... Options, Shape In>
struct EdgePart<ChoiceEdge<Decision, Options...>, In> : AllParts<EdgePart<Options, In>...> {
  static constexpr bool chooses = true;
};

/// (An option that is a Sequential is joined with the layers beside it, differently in each
/// architecture.)
template <int Decision, class... Options, Shape In>
struct ChainPart<Choice<Decision, Options...>, In> : AllParts<ChainPart<Options, In>...> {
  static constexpr bool chooses = true;
};
template <class... L, Shape In>
struct ChainPart<nn::Sequential<L...>, In> : AllParts<> {};
template <int Decision, class... Options, Shape In>
struct PartsOf<Choice<Decision, Options...>, In> : AllParts<> {
  static constexpr bool chooses = true;
};
template <class... L, Shape In>
struct PartsOf<nn::Sequential<L...>, In> : PartsOf<typename nn::Sequential<L...>::Trips, In> {};
template <int Nodes, class... Edges, Shape In>
struct PartsOf<nn::Cell<Nodes, Edges...>, In>
    : PartsOf<typename nn::Cell<Nodes, Edges...>::Trips, In> {};
template <class Main, class Shortcut, Shape In>
struct PartsOf<nn::Residual<Main, Shortcut>, In>
    : PartsOf<typename nn::Residual<Main, Shortcut>::Trips, In> {};
template <int Times, class L, Shape In>
struct PartsOf<nn::Repeat<Times, L>, In> : PartsOf<L, In> {};

template <class... L>
struct ChainParts {
  template <Shape In, std::size_t... Index>
  static AllParts<ChainPart<L, nn::detail::Chain<L...>::shapes(In)[Index]>...> all(
      std::index_sequence<Index...>);
};
template <class... L, Shape In>
struct PartsOf<nn::detail::Chain<L...>, In>
    : decltype(ChainParts<L...>::template all<In>(std::index_sequence_for<L...>{})) {};
template <std::size_t Nodes, class... Edges, Shape In>
struct PartsOf<nn::detail::SampleGraph<Nodes, Edges...>, In>
    : AllParts<EdgePart<typename Edges::Op,
                        nn::detail::SampleGraph<Nodes, Edges...>::shapes(In)[Edges::from]>...> {};
template <std::size_t Nodes, class... Edges, Shape In>
struct PartsOf<nn::detail::LayerGraph<Nodes, Edges...>, In>
    : AllParts<PartsOf<typename Edges::Op,
                       nn::detail::LayerGraph<Nodes, Edges...>::shapes(In)[Edges::from]>...> {};
template <class Main, class Shortcut, Shape In>
struct PartsOf<nn::detail::Branches<Main, Shortcut>, In>
    : AllParts<PartsOf<Main, In>, PartsOf<Shortcut, In>> {};

template <std::size_t Number, class Set>
struct PartNumber;
template <std::size_t Number, class... P>
struct PartNumber<Number, PartSet<P...>> {
  static auto find() {
    if constexpr (Number < sizeof...(P)) {
      return type_at<Number, P...>{};
    } else {
      return PartAt<nn::detail::NoPart<Number>, Shape{}>{};
    }
  }
};

template <class P>
struct Taken;
template <class Part, Shape In>
struct Taken<PartAt<Part, In>> {
  using type = Part;
  static constexpr Shape in = In;
};

template <class S>
using PartsOfSpace = decltype(PartsOf<typename S::Network::Body, S::input>::add_to(PartSet<>{}));

template <class S, std::size_t Number>
using TakenPart = Taken<decltype(PartNumber<Number, PartsOfSpace<S>>::find())>;

}  // namespace detail

/// How many parts the architectures of a space have in common.
template <SearchSpace S>
inline constexpr std::size_t shared_parts = [] {
  return []<class... P>(detail::PartSet<P...>) { return sizeof...(P); }(detail::PartsOfSpace<S>{});
}();

/// @brief One of them, to name its code: `PartCode<shared_part<S, 3>, shared_part_input<S, 3>,
/// ...>`; beyond the last, a part without code.
template <SearchSpace S, std::size_t Number>
using shared_part = typename detail::TakenPart<S, Number>::type;
template <SearchSpace S, std::size_t Number>
inline constexpr Shape shared_part_input = detail::TakenPart<S, Number>::in;

}  // namespace tepui::space
