#pragma once

#include "tepui/core/types.hpp"
#include "tepui/nn/network.hpp"
#include "tepui/space/encoding.hpp"
#include "tepui/space/space.hpp"

namespace tepui {

namespace space::detail {

template <auto Code, class L>
struct Resolve;

template <auto Code, class L, class ChildList>
struct ResolveChildren;
template <auto Code, class L, class... Child>
struct ResolveChildren<Code, L, types<Child...>> {
  using type = typename L::template WithChildren<typename Resolve<Code, Child>::type...>;
};

template <auto Code, class L>
struct Resolve {
  static auto resolved() {
    if constexpr (requires { typename L::Children; }) {
      return types<typename ResolveChildren<Code, L, typename L::Children>::type>{};
    } else {
      return types<L>{};
    }
  }
  template <class T>
  static T only(types<T>);
  using type = decltype(only(resolved()));
};
template <auto Code, int Decision, class... Options>
struct Resolve<Code, Choice<Decision, Options...>> {
  static_assert(Code[static_cast<std::size_t>(Decision)] < sizeof...(Options),
                "materialize: the encoding takes an option that the choice does not have");
  using type =
      typename Resolve<Code, type_at<Code[static_cast<std::size_t>(Decision)], Options...>>::type;
};

template <auto Code, class N>
struct ResolveNetwork;
template <auto Code, Shape Input, class... L>
struct ResolveNetwork<Code, nn::Network<Input, L...>> {
  using type = nn::Network<Input, typename Resolve<Code, L>::type...>;
};

}  // namespace space::detail

/// @brief The architecture that an encoding stands for: the space's network with every choice made.
template <SearchSpace S, typename S::Encoding Code>
using materialize_t = typename space::detail::ResolveNetwork<Code, typename S::Network>::type;

}  // namespace tepui
