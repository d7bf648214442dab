#pragma once

#include <concepts>
#include <cstddef>
#include <span>

#include "tepui/core/parameter.hpp"
#include "tepui/optim/host_vectors.hpp"

namespace tepui::optim {

/// Which look at the current batch an objective is asked for.
enum class Visit {
  first,  ///< the weights of this step; batch-norm statistics may move
  again,  ///< the same batch at other weights; statistics must stay
};

/// @brief What an optimizer works on in one step. Only the `active` ranges are read or written.
/// @tparam Vectors where the vectors live; only rules whose State names it are asked for others
template <class T, class Vectors = HostVectors>
struct Target {
  std::span<T> weights;                              ///< the flat vector, changed in place
  std::span<T> gradient;                             ///< overwritten by the objective
  typename Vectors::Tensors tensors;                 ///< tensors that take part in this step
  typename Vectors::Ranges active;                   ///< the same as ranges, neighbours joined
  typename Vectors::Value learning_rate_factor = 1;  ///< what the schedule says for this step
  [[no_unique_address]] Vectors vectors{};
};

/// The rule has a nested `template <class T> struct State`.
template <class O, class T = float>
concept HasState = requires {
  typename O::template State<T>;
};

/// `start<T>(n)` gives the State before the first step of n parameters.
template <class O, class T = float>
concept Starts = HasState<O, T> && requires(const O& rule) {
  { rule.template start<T>(std::size_t{1}) } -> std::same_as<typename O::template State<T>>;
};

/// `apply(state, target)` uses target.gradient once.
template <class O, class T = float>
concept AppliesGradient = HasState<O, T> &&
    requires(const O& rule, typename O::template State<T>& state, const Target<T>& target) {
  rule.apply(state, target);
};

/// @brief A gradient-applying rule: options as members, per-run memory in a nested State.
///
/// | member | meaning |
/// |---|---|
/// | State<T> | what the rule remembers between steps (velocity, moments) |
/// | start<T>(n) | the State before the first step of n parameters |
/// | apply(state, target) | uses target.gradient once; may change it (clipping) |
///
/// A rule that RunsOn other vectors has State<T, Vectors> and start<T>(n, vectors).
template <class O, class T>
concept GradientRule = Starts<O, T> && AppliesGradient<O, T>;

/// @brief Owns a whole step, evaluations included: what SAM needs and a plain rule gets for free.
///
/// `step(state, target, objective)` calls `objective(Visit)` at least once; the objective
/// overwrites target.gradient with the gradient at the current target.weights and returns the loss.
/// Returns the loss of the first visit.
template <class O, class T>
concept OwnsStep = requires(const O& optimizer, typename O::template State<T>& state,
                            const Target<T>& target, double (*objective)(Visit)) {
  { optimizer.step(state, target, objective) } -> std::convertible_to<double>;
};

template <class O, class T = float>
concept Optimizer = GradientRule<O, T> || OwnsStep<O, T>;

/// What a rule remembers of vectors of T: rules that know the processor alone have a State with one
/// argument.
template <class O, class T, class Vectors>
struct StateIn {};
template <class O, class T>
struct StateIn<O, T, HostVectors> {
  using Type = typename O::template State<T>;
};
template <class O, class T, class Vectors>
requires(!std::same_as<Vectors, HostVectors>) && requires {
  typename O::template State<T, Vectors>;
}
struct StateIn<O, T, Vectors> {
  using Type = typename O::template State<T, Vectors>;
};
template <class O, class T, class Vectors>
using StateOf = typename StateIn<O, T, Vectors>::Type;

/// @brief The rule also runs where the vectors do not lie in the processor's memory: State and
/// Target take a second argument, and everything goes through target.vectors.
template <class O, class T, class Vectors>
concept RunsOn = requires(const O& rule, const Vectors& vectors) {
  typename StateOf<O, T, Vectors>;
  rule.template start<T>(std::size_t{1}, vectors);
};

/// @brief One optimizer step, whichever kind it is.
/// @return loss at the weights before the step
template <class O, class State, class T, class Vectors, class Objective>
typename Vectors::Value take_step(const O& optimizer, State& state,
                                  const Target<T, Vectors>& target, Objective&& objective) {
  static_assert(HasState<O, T>, "optimizer: add template <class T> struct State");
  static_assert(Starts<O, T>,
                "optimizer: add template <class T> State<T> start(std::size_t parameters) const");
  static_assert(OwnsStep<O, T> || AppliesGradient<O, T>,
                "optimizer: add void apply(State<T>& state, const Target<T>& target) const, or "
                "double step(State<T>& state, const Target<T>& target, Objective objective) const");
  if constexpr (requires { optimizer.step(state, target, objective); }) {
    return optimizer.step(state, target, objective);
  } else {
    const typename Vectors::Value loss = objective(Visit::first);
    optimizer.apply(state, target);
    return loss;
  }
}

}  // namespace tepui::optim
