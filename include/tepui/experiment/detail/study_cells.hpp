#pragma once

#include <boost/hana/bool.hpp>
#include <boost/hana/cartesian_product.hpp>
#include <boost/hana/filter.hpp>
#include <boost/hana/transform.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>
#include <boost/hana/unpack.hpp>
#include <concepts>
#include <cstddef>
#include <type_traits>

#include "tepui/core/types.hpp"
#include "tepui/experiment/objective.hpp"
#include "tepui/flatness/measurement.hpp"
#include "tepui/optim/optimizer.hpp"
#include "tepui/search/strategy.hpp"
#include "tepui/train/single_path.hpp"

/// @file
/// Which experiments a matrix of policies stands for.

namespace tepui {

namespace detail {

template <class E>
concept TrainPolicy = requires(const E& entry) {
  { E::shares_weights } -> std::convertible_to<bool>;
  entry.recipe.optimizer;
};
template <class E>
concept ObjectivePolicy = requires {
  { E::count } -> std::convertible_to<std::size_t>;
  E::names();
};

/// How an entry of the first list trains: an optimizer alone means a single-path supernet.
template <class E>
struct TrainOf {
  static_assert(optim::Optimizer<E>,
                "study: the first list takes optimizers, or ways to train such as "
                "train::FromScratch<Sgd>");
  using type = train::SinglePath<E>;
};
template <TrainPolicy E>
struct TrainOf<E> {
  using type = E;
};

template <class M, bool LargerIsBetter>
struct DirectionOf {
  using type = objective::Minimize<M>;
};
template <class M>
struct DirectionOf<M, true> {
  using type = objective::Maximize<M>;
};

/// What an entry of the second list looks for: a metric alone, the way it points.
template <class E>
struct ObjectiveOf {
  static_assert(flatness::Oriented<E>,
                "study: the second list takes metrics, which say static constexpr bool "
                "larger_is_better, or objectives such as objective::Several");
  using type = typename DirectionOf<E, E::larger_is_better>::type;
};
template <ObjectivePolicy E>
struct ObjectiveOf<E> {
  using type = E;
};

/// One entry of each list.
template <class OptimizerEntry, class MeasureEntry, class StrategyEntry>
struct CellOf {
  using Optimizer = OptimizerEntry;
  using Measure = MeasureEntry;
  using Strategy = StrategyEntry;
  using Train = typename TrainOf<Optimizer>::type;
  using Objective = typename ObjectiveOf<Measure>::type;
  static constexpr bool possible = search::TakesObjectives<Strategy, Objective::count>;
};

struct MakeCell {
  template <class Entries>
  constexpr auto operator()(const Entries& entries) const {
    return boost::hana::unpack(entries, boost::hana::template_<CellOf>);
  }
};
struct IsPossible {
  template <class Cell>
  constexpr auto operator()(Cell) const {
    return boost::hana::bool_c<Cell::type::possible>;
  }
};
struct IsImpossible {
  template <class Cell>
  constexpr auto operator()(Cell) const {
    return boost::hana::bool_c<!Cell::type::possible>;
  }
};

/// Every combination of the three lists, as a tuple of hana::type<CellOf<...>>.
template <class... O, class... M, class... T>
[[nodiscard]] constexpr auto all_cells(types<O...>, types<M...>, types<T...>) {
  namespace hana = boost::hana;
  return hana::transform(hana::cartesian_product(hana::make_tuple(
                             hana::tuple_t<O...>, hana::tuple_t<M...>, hana::tuple_t<T...>)),
                         MakeCell{});
}
template <class Optimizers, class Measures, class Strategies, class Keep>
[[nodiscard]] constexpr auto cells_that(Keep keep) {
  return boost::hana::unpack(
      boost::hana::filter(all_cells(Optimizers{}, Measures{}, Strategies{}), keep),
      boost::hana::template_<types>);
}

/// types<CellOf<...>...>
template <class Optimizers, class Measures, class Strategies>
using PossibleCells =
    typename decltype(cells_that<Optimizers, Measures, Strategies>(IsPossible{}))::type;
template <class Optimizers, class Measures, class Strategies>
using ImpossibleCells =
    typename decltype(cells_that<Optimizers, Measures, Strategies>(IsImpossible{}))::type;

template <class T, class... All>
inline constexpr std::size_t occurrences = (std::size_t{std::is_same_v<T, All>} + ...);
template <class... T>
constexpr bool all_different(types<T...>) {
  return ((occurrences<T, T...> == 1) && ...);
}

}  // namespace detail
}  // namespace tepui
