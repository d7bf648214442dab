#pragma once

#include "tepui/optim/optimizer.hpp"

namespace tepui::optim::detail {

/// What a wrapper asks of its Base, one sentence per missing member.
template <class Base>
consteval bool wraps_rule() {
  static_assert(HasState<Base, float>,
                "optimizer wrapper: Base needs template <class T> struct State");
  static_assert(
      Starts<Base, float>,
      "optimizer wrapper: Base needs template <class T> State<T> start(std::size_t) const");
  static_assert(
      !OwnsStep<Base, float>,
      "optimizer wrapper: Base owns a whole step (as Sam does) and cannot be wrapped; put "
      "the wrapper inside, as in Sam<ClipNorm<Sgd>>");
  static_assert(OwnsStep<Base, float> || AppliesGradient<Base, float>,
                "optimizer wrapper: Base needs void apply(State<T>&, const Target<T>&) const");
  return true;
}

}  // namespace tepui::optim::detail
